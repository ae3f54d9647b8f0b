//! The workload is what it says: counts, determinism, permutation, expected state.

use super::random::{permute, zipf_rank};
use super::*;
use std::collections::{BTreeMap, HashSet};

fn generator(dataset: Dataset, mix: Mix, pick: Pick) -> Generator {
    Generator::new(dataset, mix, pick, 1_000, 7)
}

#[test]
fn a_size_is_named_as_in_the_figures() {
    let names: Vec<String> = [1_000_000, 4_000_000, 16_000_000].map(size_name).into();
    assert_eq!(names, ["1e6", "4e6", "1.6e7"]);
}

#[test]
fn a_mixed_batch_has_the_exact_shares() {
    let mut batch = Batch::default();
    let mut generator = generator(Dataset::plain(10_000), Mix::Mixed, Pick::Uniform);
    generator.next_into(&mut batch);
    let count = |kind| batch.ops().iter().filter(|op| op.kind == kind).count();
    let counts = (count(OpKind::Put), count(OpKind::Delete), count(OpKind::Read));
    assert_eq!(counts, (750, 100, 150));
    assert_eq!(generator.live_count(), 10_000 + 250 - 100);
}

#[test]
fn the_same_seed_gives_the_same_batches() {
    let dataset = Dataset::plain(10_000);
    let mut batches = [Batch::default(), Batch::default()];
    for batch in &mut batches {
        let mut generator = generator(dataset, Mix::Mixed, Pick::Zipf);
        generator.next_into(batch);
        generator.next_into(batch);
    }
    let keys = |batch: &Batch| batch.ops().iter().map(|op| op.key).collect::<Vec<_>>();
    assert_eq!(keys(&batches[0]), keys(&batches[1]));
}

#[test]
fn reads_updates_and_deletes_hit_present_keys() {
    for mix in [Mix::Mixed, Mix::Updates, Mix::Transfers] {
        for pick in [Pick::Uniform, Pick::Zipf] {
            let mut generator = generator(Dataset::plain(5_000), mix, pick);
            let mut live: HashSet<u64> = (0..5_000).collect();
            let mut batch = Batch::default();
            for _ in 0..5 {
                generator.next_into(&mut batch);
                for op in batch.ops() {
                    match op.kind {
                        OpKind::Read => assert!(live.contains(&op.number)),
                        OpKind::Put => drop(live.insert(op.number)),
                        OpKind::Delete => assert!(live.remove(&op.number)),
                    }
                }
            }
            assert_eq!(live.len() as u64, generator.live_count());
        }
    }
}

#[test]
fn the_load_order_is_a_permutation() {
    for count in [1, 2, 5, 1_000, 4_097] {
        let seen: HashSet<u64> = (0..count).map(|at| permute(at, count)).collect();
        assert_eq!(seen.len() as u64, count);
    }
}

#[test]
fn zipf_prefers_low_ranks() {
    let mut random = Random::new(1);
    let ranks: Vec<u64> = (0..10_000).map(|_| zipf_rank(&mut random, 1_000_000, 0.99)).collect();
    let hot = ranks.iter().filter(|&&rank| rank < 1_000).count();
    assert!(ranks.iter().all(|&rank| rank < 1_000_000));
    assert!((4_000..6_000).contains(&hot), "{hot} of 10,000 in the first thousandth");
}

#[test]
fn the_expected_state_is_the_replayed_state() {
    let dataset = Dataset { values: ValueShape::Between(1, 256), ..Dataset::plain(3_000) };
    let mut state: BTreeMap<u64, u64> = (0..3_000).map(|number| (number, 0)).collect();
    let mut batch = Batch::default();
    let mut run = generator(dataset, Mix::Mixed, Pick::Uniform);
    for _ in 0..4 {
        run.next_into(&mut batch);
        for op in batch.ops() {
            match op.kind {
                OpKind::Read => {}
                OpKind::Put => drop(state.insert(op.number, op.version)),
                OpKind::Delete => drop(state.remove(&op.number)),
            }
        }
    }
    let fresh = generator(dataset, Mix::Mixed, Pick::Uniform);
    let expected = expect::after(fresh, &dataset, 4, 1);
    let present = expected.values().filter(|version| version.is_some()).count();
    assert_eq!(present, state.len());
    for (number, version) in expected {
        assert_eq!(state.get(&number).copied(), version);
    }
}

#[test]
fn last_writes_are_sorted_and_the_last_ones() {
    let mut batch = Batch::default();
    let dataset = Dataset::plain(10);
    for (number, version) in [(3, 1), (1, 2), (3, 3)] {
        batch.push(&dataset, OpKind::Put, number, version);
    }
    let writes = batch.last_writes();
    assert!(writes.is_sorted_by_key(|op| op.key));
    let mut versions: Vec<u64> = writes.iter().map(|op| op.version).collect();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
}

#[test]
fn bulk_entries_come_in_key_order() {
    for keys in [KeyShape::Uniform, KeyShape::OneService] {
        let dataset = Dataset { keys, ..Dataset::plain(20_000) };
        let entries: Vec<_> = sorted_entries(dataset).collect();
        assert_eq!(entries.len(), 20_000);
        assert!(entries.is_sorted_by(|a, b| a.0 < b.0));
    }
}
