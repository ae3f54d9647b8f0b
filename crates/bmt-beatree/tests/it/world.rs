//! A tree without a store, its model, and random work on both.

use crate::key_sets::KeySet;
use crate::model::{Model, check_all, check_some, value_hash};
use crate::random::Random;
use bmt_beatree::{Change, FlushOptions, Key, Meta, Run, Tree, TreeOptions, Version};
use bmt_io::SimDisk;
use std::sync::Arc;

const SALT: u64 = 0x5a17;

pub(crate) fn options() -> TreeOptions {
    TreeOptions { leaf_cache_bytes: 1 << 20, ..TreeOptions::new(SALT, value_hash) }
}

/// Small slices, so that small flushes have several.
pub(crate) fn flush_options() -> FlushOptions {
    FlushOptions { slice_count_max: 5, slice_changes_min: 50, ..FlushOptions::default() }
}

pub(crate) struct World {
    pub(crate) disk: SimDisk,
    pub(crate) tree: Tree,
    pub(crate) version: Version,
    pub(crate) model: Model,
    pub(crate) random: Random,
    set: KeySet,
    /// How many different keys there are.
    key_count: usize,
    /// The longest value is a MiB; most are short.
    values_are_long: bool,
    pins: Vec<(Version, Model)>,
    /// The meta record that was stored last.
    stored: [u8; 80],
    pub(crate) operation_count: u64,
}

impl World {
    pub(crate) fn new(seed: u64, set: KeySet, key_count: usize, values_are_long: bool) -> Self {
        let disk = SimDisk::new(seed);
        let (tree, index) = Tree::create(disk.directory(), options()).unwrap();
        let stored = index.meta().encode();
        let version = Version::new(bmt_beatree::Buffer::new(), index);
        let (model, random, pins) = (Model::new(), Random(seed), Vec::new());
        Self {
            disk,
            tree,
            version,
            model,
            random,
            set,
            key_count,
            values_are_long,
            pins,
            stored,
            operation_count: 0,
        }
    }

    pub(crate) fn key(&mut self) -> Key {
        let number = self.random.below(self.key_count);
        self.set.key(u64::try_from(number).unwrap())
    }

    fn value(&mut self) -> Arc<[u8]> {
        let random = &mut self.random;
        let len = match (self.values_are_long, random.below(1000)) {
            (true, 0) => random.below(1 << 20),
            (true, 1..5) => random.below(40_000),
            (true, 5..20) => random.pick(&[1280, 1281, 4072, 4073, 8152, 8153]),
            (true, 20..200) => random.below(1400),
            (_, 200..250) => random.pick(&[0, 128, 129]),
            _ => random.below(60),
        };
        random.bytes(len).into()
    }

    /// Commits these changes as one run.
    pub(crate) fn commit(&mut self, changes: &[(Key, Option<Arc<[u8]>>)]) {
        let run = changes
            .iter()
            .map(|(key, value)| (*key, value.as_deref().map_or(Change::Delete, Change::Put)));
        let run = Arc::new(Run::new(run, value_hash).unwrap());
        self.version = self.version.with_buffer(self.version.buffer().with_run(run));
        for (key, value) in changes {
            match value {
                Some(value) => self.model.insert(*key, Arc::clone(value)),
                None => self.model.remove(key),
            };
        }
        self.operation_count += u64::try_from(changes.len()).unwrap();
    }

    /// A commit of random changes of all kinds.
    pub(crate) fn commit_some(&mut self, count: usize) {
        let deletes = self.random.pick(&[0, 10, 50, 95]);
        let mut changes = std::collections::BTreeMap::new();
        for _ in 0..count {
            let is_delete = self.random.below(100) < deletes;
            let value = if is_delete { None } else { Some(self.value()) };
            changes.insert(self.key(), value);
        }
        self.commit(&changes.into_iter().collect::<Vec<_>>());
    }

    /// Deletes a range of keys, or all of them.
    pub(crate) fn delete_range(&mut self) {
        let mut ends = [self.key(), self.key()];
        ends.sort_unstable();
        if self.random.below(4) == 0 {
            ends = [[0; 32], [0xff; 32]];
        }
        let keys: Vec<Key> = self.model.range(ends[0]..=ends[1]).map(|(key, _)| *key).collect();
        let changes: Vec<_> = keys.into_iter().map(|key| (key, None)).collect();
        self.commit(&changes);
    }

    /// Neighbouring keys in one commit, all new or all changed.
    pub(crate) fn commit_neighbours(&mut self, count: usize) {
        let first = self.random.below(self.key_count);
        let changes: std::collections::BTreeMap<_, _> = (first..first + count)
            .map(|number| {
                let number = number % self.key_count;
                (self.set.key(u64::try_from(number).unwrap()), Some(self.value()))
            })
            .collect();
        self.commit(&changes.into_iter().collect::<Vec<_>>());
    }

    pub(crate) fn merge(&mut self) {
        if let Some(job) = self.version.buffer().merge_job() {
            let buffer = self.version.buffer().with_merged(&job.run()).unwrap();
            self.version = self.version.with_buffer(buffer);
        }
    }

    /// Writes everything that is frozen, or only some slices of it.
    pub(crate) fn flush(&mut self, is_whole: bool) {
        if !self.version.buffer().has_frozen() {
            self.version = self.version.with_buffer(self.version.buffer().freeze().unwrap());
        }
        let mut flush =
            self.tree.flush(self.version.index(), self.version.buffer(), flush_options());
        while let Some(slice) = flush.next_slice().unwrap() {
            if self.random.below(20) == 0 {
                slice.abandon();
                return;
            }
            self.stored = slice.meta().encode();
            let index = flush.stored(slice);
            self.version = self.version.with_index(index);
            if !is_whole && self.random.below(3) == 0 {
                return;
            }
            // Commits go on between slices.
            if self.random.below(3) == 0 {
                self.commit_some(3);
            }
        }
        self.version = self.version.with_buffer(self.version.buffer().without_frozen());
    }

    /// Flushes everything and opens the tree again from what is durable.
    pub(crate) fn reopen(&mut self) {
        while !self.version.buffer().is_empty() {
            self.flush(true);
        }
        self.pins.clear();
        self.disk = self.disk.power_loss_losing_all();
        let meta = Meta::decode(&self.stored).unwrap();
        let (tree, index) = Tree::open(self.disk.directory(), options(), &meta).unwrap();
        self.version = Version::new(bmt_beatree::Buffer::new(), index);
        self.tree = tree;
    }

    /// Holds what is now, or lets go and compares it.
    pub(crate) fn pin(&mut self) {
        if self.pins.len() < 3 && self.random.below(2) == 0 {
            self.pins.push((self.version.clone(), self.model.clone()));
        } else if !self.pins.is_empty() {
            let at = self.random.below(self.pins.len());
            let (version, model) = self.pins.swap_remove(at);
            check_all(&version, &model);
        }
    }

    pub(crate) fn check_integrity(&self) {
        let report = self.tree.check(self.version.index(), |_, _| {}).unwrap();
        assert!(report.findings.is_empty(), "{:#?}", report.findings);
        assert_eq!(report.page_count, self.tree.stats().page_count);
    }

    pub(crate) fn check_some(&mut self) {
        let keys: Vec<Key> = (0..100).map(|_| self.key()).collect();
        check_some(&self.version, &self.model, &mut self.random, &keys);
    }

    pub(crate) fn check_all(&self) {
        check_all(&self.version, &self.model);
    }

    /// One step of random work.
    pub(crate) fn step(&mut self) {
        match self.random.below(100) {
            0..45 => {
                let count = self.random.pick(&[1, 3, 30, 300, 1000]);
                self.commit_some(count);
            }
            45..50 => {
                let count = self.random.pick(&[10, 100, 1000]);
                self.commit_neighbours(count);
            }
            50..52 => self.delete_range(),
            52..65 => self.merge(),
            65..80 => {
                let is_whole = self.random.below(3) > 0;
                self.flush(is_whole);
            }
            80..83 => self.reopen(),
            83..88 => self.pin(),
            88..90 => self.check_integrity(),
            90..92 => self.check_all(),
            _ => self.check_some(),
        }
    }
}
