//! What kind of database a trial is about: sizes and limits, by seed.

use crate::random::Random;
use bmt_store::{Durability, Faults, Options};

/// The kinds of workload; a seed has the one of its remainder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Small commits, many checkpoints of several slices, a short window.
    Small,
    /// Commits of hundreds of changes and long values: records of several parts, many pages.
    Large,
    /// A checkpoint after each commit, and readers that hold versions until the table has to grow.
    Held,
    /// Commits that are durable when somebody asks.
    Eventual,
    /// No checkpoint for long, so that recovery has to make them.
    Late,
    /// The disk is full now and then.
    Full,
}

const SHAPES: [Shape; 6] =
    [Shape::Small, Shape::Large, Shape::Held, Shape::Eventual, Shape::Late, Shape::Full];

/// Deliberate faults, in all layers.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Broken {
    pub(crate) engine: Faults,
    pub(crate) log: bmt_seglog::Faults,
    pub(crate) tree: bmt_beatree::Faults,
    pub(crate) table: bmt_bitbox::Faults,
    /// The disk says that it has synced, and has not.
    pub(crate) disk_lies: bool,
}

/// Sizes and limits of a trial.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profile {
    pub(crate) seed: u64,
    pub(crate) shape: Shape,
    pub(crate) key_count: u64,
    pub(crate) step_count: usize,
    pub(crate) changes_max: u64,
    pub(crate) segment_bytes: u64,
    pub(crate) checkpoint_log_bytes: u64,
    pub(crate) slice_changes_min: usize,
    pub(crate) commits_max: usize,
    pub(crate) held_bytes_max: u64,
    /// The first state is built from sorted entries.
    pub(crate) is_built: bool,
    pub(crate) broken: Broken,
}

impl Profile {
    pub(crate) fn new(seed: u64, broken: Broken) -> Self {
        let mut random = Random(seed ^ 0x50f1);
        let shape = SHAPES[usize::try_from(seed % SHAPES.len() as u64).unwrap()];
        let mut profile = Self {
            seed,
            shape,
            key_count: random.pick(&[30, 120, 400]),
            step_count: 60,
            changes_max: random.pick(&[3, 8, 30]),
            segment_bytes: random.pick(&[16 << 10, 32 << 10, 64 << 10]),
            checkpoint_log_bytes: random.pick(&[20_000, 60_000, 200_000]),
            slice_changes_min: random.pick(&[1, 4, 16]),
            commits_max: random.pick(&[2, 5, 1024]),
            held_bytes_max: random.pick(&[100_000, 1 << 30]),
            is_built: random.percent(30),
            broken,
        };
        match shape {
            Shape::Small | Shape::Eventual => {}
            Shape::Large => {
                profile.key_count = 2500;
                profile.changes_max = 500;
                profile.step_count = 30;
                profile.checkpoint_log_bytes = random.pick(&[300_000, 1_500_000]);
                profile.slice_changes_min = random.pick(&[20, 100]);
            }
            Shape::Held => {
                profile.key_count = 1500;
                profile.changes_max = random.pick(&[20, 60]);
                profile.checkpoint_log_bytes = 0;
                profile.slice_changes_min = random.pick(&[16, 64]);
                profile.held_bytes_max = 1 << 30;
            }
            Shape::Late => profile.checkpoint_log_bytes = 1 << 30,
            Shape::Full => profile.checkpoint_log_bytes = random.pick(&[10_000, 80_000]),
        }
        profile
    }

    pub(crate) fn durability(&self) -> Durability {
        match self.shape {
            Shape::Eventual => Durability::Eventual,
            _ => Durability::Immediate,
        }
    }

    /// How a database is opened, for the first time or after crashes.
    pub(crate) fn options(&self, life: usize) -> Options {
        // What an opening has to apply is more than the next one lets pile up.
        let checkpoint_log_bytes = match (self.shape, life) {
            (Shape::Late, 1..) => 3_000,
            _ => self.checkpoint_log_bytes,
        };
        let mut options = Options::new()
            .seed(self.seed)
            .durability(self.durability())
            .memory_bytes(1 << 20)
            .log_segment_bytes(self.segment_bytes)
            .checkpoint_log_bytes(checkpoint_log_bytes)
            .slice_changes_min(self.slice_changes_min)
            .held_bytes_max(self.held_bytes_max)
            .rollback_commits_max(self.commits_max)
            .rollback_bytes_max(1 << 30);
        options.faults = self.broken.engine;
        options.log_faults = self.broken.log;
        options.tree_faults = self.broken.tree;
        options.table_faults = self.broken.table;
        options
    }
}
