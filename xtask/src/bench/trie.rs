//! Suite `trie`: what the in-memory trie costs over the bare hashing of its nodes.

use super::Plan;
use super::report::{Measure, Report};
use super::rounds::{Pair, alternate, nanoseconds_each};
use super::sample_keys::Numbers;
use crate::failure::Failure;
use bmt_core::{EMPTY_ROOT, GrayPaper, Scheme, StateKey, Trie};
use std::hint::black_box;
use std::sync::Arc;

/// Values of this size are hashed, as most values of a state are.
const VALUE_BYTES: usize = 64;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let count = plan.size(100_000, 5_000);
    let value: Arc<[u8]> = Arc::from([7; VALUE_BYTES]);
    let mut numbers = Numbers::new(2);
    let keys: Vec<StateKey> = (0..count).map(|_| numbers.key()).collect();
    let build = build(plan, &keys, &value)?;
    report.figure("trie_build", &build.ours, "ns");
    report.ratio("trie_build_vs_bare", Measure::Cost, &build)?;
    let update = update(plan, &keys)?;
    report.figure("trie_update", &update.ours, "ns");
    report.ratio("trie_update_vs_bare", Measure::Cost, &update)
}

/// All keys into an empty trie, then the root; bare: one value hash and two node hashes a key.
fn build(plan: &Plan, keys: &[StateKey], value: &Arc<[u8]>) -> Result<Pair, Failure> {
    let ours = || {
        Ok(nanoseconds_each(keys.len(), || {
            let mut trie = Trie::<GrayPaper>::new();
            keys.iter().for_each(|key| drop(trie.insert(*key, Arc::clone(value))));
            black_box(trie.root());
        }))
    };
    alternate(plan.rounds(), ours, || Ok(bare(keys.len(), 3 * keys.len())))
}

/// A batch of a hundredth of the keys gets new values, then the root; bare: the hashes on their
/// paths, as if no two paths met below the first bits that tell the batch's keys apart.
fn update(plan: &Plan, keys: &[StateKey]) -> Result<Pair, Failure> {
    let filled: Arc<[u8]> = Arc::from([7; VALUE_BYTES]);
    let mut trie: Trie<GrayPaper> = keys.iter().map(|key| (*key, Arc::clone(&filled))).collect();
    trie.root();
    let batch = (keys.len() / 100).max(1);
    let levels_below = (keys.len() / batch).ilog2() as usize;
    let hashes = batch * (1 + 2 + levels_below);
    let mut numbers = Numbers::new(3);
    let ours = || {
        let value: Arc<[u8]> = Arc::from([numbers.next().to_le_bytes(); 8].concat());
        let start = usize::try_from(numbers.next() % 100).unwrap_or_default();
        Ok(nanoseconds_each(batch, || {
            for key in keys.iter().skip(start).step_by(100).take(batch) {
                drop(trie.insert(*key, Arc::clone(&value)));
            }
            black_box(trie.root());
        }))
    };
    alternate(plan.rounds(), ours, || Ok(bare(batch, hashes)))
}

/// Nanoseconds that `hash_count` hashes of 64 bytes take, for each of `count` keys.
fn bare(count: usize, hash_count: usize) -> f64 {
    let nodes = vec![[5; 64]; hash_count];
    let mut hashes = vec![EMPTY_ROOT; hash_count];
    nanoseconds_each(count, || {
        GrayPaper::hash64_many(black_box(&nodes), &mut hashes);
        black_box(&hashes);
    })
}
