//! How a round's database is opened, and how large it is.

use crate::random::Random;
use bmt::{Durability, Options};

#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) options: Options,
    pub(crate) durability: Durability,
    pub(crate) is_simulated: bool,
    /// Nothing runs in the background.
    pub(crate) is_inline: bool,
    pub(crate) commits_max: usize,
    /// Old states may expire.
    pub(crate) expires: bool,
    pub(crate) key_count: usize,
    /// Keys of the first commit.
    pub(crate) loaded_count: usize,
    pub(crate) step_count: u64,
}

impl Settings {
    pub(crate) fn new(random: &mut Random) -> Self {
        let durability = random.pick(&[Durability::Immediate, Durability::Eventual]);
        let commits_max = random.pick(&[0, 1, 4, 30, 100]);
        let expires = random.one_in(4);
        let mut options = Options::new()
            .durability(durability)
            .memory_bytes(1 << random.pick(&[20, 20, 22]))
            .rollback_commits_max(commits_max)
            .checkpoint_log_bytes(1 << random.pick(&[14, 18, 27]))
            .log_segment_bytes(1 << random.pick(&[14, 17, 20]))
            .slice_changes_min(random.pick(&[1, 64, 4096]))
            .threads(1 + random.below(3));
        if expires {
            options = options.held_bytes_max(1 << random.pick(&[12, 16]));
        }
        let is_inline = random.one_in(2);
        if is_inline {
            options = options.seed(random.next());
        }
        let key_count = random.pick(&[20, 60, 300, 300, 3000, 3000, 60_000]);
        let is_large = key_count > 10_000;
        let loaded_count = if is_large { key_count / 4 * 3 } else { random.below(key_count) };
        let step_count = if is_large { 1500 } else { 600 };
        let is_simulated = random.below(4) > 0;
        Self {
            options,
            durability,
            is_simulated,
            is_inline,
            commits_max,
            expires,
            key_count,
            loaded_count,
            step_count,
        }
    }
}
