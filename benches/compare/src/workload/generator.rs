//! The stream of batches of a run, and of the load before it.

use super::random::{mix, permute, zipf_rank};
use super::{Batch, Dataset, Key, OpKind, Random};
use serde::{Deserialize, Serialize};

/// The exponent of [`Pick::Zipf`].
const ZIPF_EXPONENT: f64 = 0.99;

/// Which operations a batch has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mix {
    /// 50 % updates, 25 % inserts, 10 % deletes, 15 % reads, in random order.
    Mixed,
    /// Updates only.
    Updates,
    /// Transfers between two keys: two reads, then two updates.
    Transfers,
}

/// Which live keys are updated and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pick {
    /// Each with the same probability.
    Uniform,
    /// Few of them most of the time: Zipf with exponent 0.99.
    Zipf,
}

/// The batches of a run; the same seed gives the same batches.
#[derive(Debug)]
pub struct Generator {
    dataset: Dataset,
    mix: Mix,
    pick: Pick,
    batch_ops: u64,
    random: Random,
    oldest: u64,
    next: u64,
    version: u64,
}

impl Generator {
    /// Batches of `batch_ops` operations over a database just loaded with `dataset`.
    #[must_use]
    pub const fn new(dataset: Dataset, mix: Mix, pick: Pick, batch_ops: u64, seed: u64) -> Self {
        let next = dataset.key_count;
        let random = Random::new(seed);
        Self { dataset, mix, pick, batch_ops, random, oldest: 0, next, version: 0 }
    }

    /// How many keys are present after the batches so far.
    #[must_use]
    pub const fn live_count(&self) -> u64 {
        self.next - self.oldest
    }

    /// Replaces `batch` by the next one.
    pub fn next_into(&mut self, batch: &mut Batch) {
        batch.clear();
        match self.mix {
            Mix::Mixed => self.mixed(batch),
            Mix::Updates => {
                for _ in 0..self.batch_ops {
                    let number = self.live(self.oldest, self.next);
                    self.push(batch, OpKind::Put, number);
                }
            }
            Mix::Transfers => {
                for _ in 0..self.batch_ops / 4 {
                    let from = self.live(self.oldest, self.next);
                    let to = self.live(self.oldest, self.next);
                    self.push(batch, OpKind::Read, from);
                    self.push(batch, OpKind::Read, to);
                    self.push(batch, OpKind::Put, from);
                    self.push(batch, OpKind::Put, to);
                }
            }
        }
    }

    /// Updates and reads touch only keys that were there before the batch and are there after it,
    /// so a read finds its key whether or not an engine shows a batch its own writes.
    fn mixed(&mut self, batch: &mut Batch) {
        let (inserts, deletes) = (self.batch_ops / 4, self.batch_ops / 10);
        let reads = self.batch_ops * 15 / 100;
        let updates = self.batch_ops - inserts - deletes - reads;
        let (first, end) = (self.oldest + deletes, self.next);
        assert!(first < end, "the database must be larger than a batch");
        let mut left = [updates, inserts, deletes, reads];
        for remaining in (1..=self.batch_ops).rev() {
            let mut at = self.random.below(remaining);
            let choice = left.iter().position(|&count| {
                let here = at < count;
                at = at.saturating_sub(count);
                here
            });
            let choice = choice.expect("the counts add up to what remains");
            left[choice] -= 1;
            match choice {
                0 => {
                    let number = self.live(first, end);
                    self.push(batch, OpKind::Put, number);
                }
                1 => {
                    self.push(batch, OpKind::Put, self.next);
                    self.next += 1;
                }
                2 => {
                    self.push(batch, OpKind::Delete, self.oldest);
                    self.oldest += 1;
                }
                _ => {
                    let number = self.live(first, end);
                    self.push(batch, OpKind::Read, number);
                }
            }
        }
    }

    fn live(&mut self, first: u64, end: u64) -> u64 {
        match self.pick {
            Pick::Uniform => first + self.random.below(end - first),
            Pick::Zipf => {
                // Rank to number does not depend on the range, so hot keys stay hot; where one has
                // been deleted, any other key takes its place.
                let rank = zipf_rank(&mut self.random, self.dataset.key_count, ZIPF_EXPONENT);
                let number = mix(rank) % self.dataset.key_count;
                if (first..end).contains(&number) {
                    return number;
                }
                first + self.random.below(end - first)
            }
        }
    }

    fn push(&mut self, batch: &mut Batch, kind: OpKind, number: u64) {
        self.version += 1;
        batch.push(&self.dataset, kind, number, self.version);
    }
}

/// The load of a dataset, in batches of `batch_ops` inserts. The order is a permutation of the
/// key numbers, so that deletes, which take the lowest numbers, hit keys of every age.
pub fn load_batches(dataset: Dataset, batch_ops: u64, mut each: impl FnMut(&Batch)) {
    let mut batch = Batch::default();
    for position in 0..dataset.key_count {
        let number = permute(position, dataset.key_count);
        batch.push(&dataset, OpKind::Put, number, 0);
        if batch.len() as u64 == batch_ops {
            each(&batch);
            batch.clear();
        }
    }
    if !batch.is_empty() {
        each(&batch);
    }
}

/// All entries of a dataset as loaded, sorted by key: the input of a bulk build. Only the numbers
/// and key heads are kept (16 bytes an entry); keys and values are made as they are asked for.
pub fn sorted_entries(dataset: Dataset) -> impl ExactSizeIterator<Item = (Key, Vec<u8>)> {
    let head = |number| {
        let key = dataset.keys.key(number);
        let mut head = [0; 8];
        // The service bytes of JAM keys are all the same; the hash bytes after them decide.
        match dataset.keys {
            super::KeyShape::Uniform => head.copy_from_slice(&key[..8]),
            super::KeyShape::OneService => {
                head[..4].copy_from_slice(&[key[1], key[3], key[5], key[7]]);
                head[4..].copy_from_slice(&key[8..12]);
            }
        }
        u64::from_be_bytes(head)
    };
    let mut order: Vec<(u64, u64)> =
        (0..dataset.key_count).map(|number| (head(number), number)).collect();
    order.sort_unstable();
    order
        .into_iter()
        .map(move |(_, number)| (dataset.keys.key(number), dataset.values.value(number, 0)))
}
