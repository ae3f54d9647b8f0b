//! Tests of runs, merging and the buffer against a map.

use super::cursor::Cursor;
use super::run::Change;
use super::*;
use crate::sample::Random;
use std::collections::BTreeMap;

type Model = BTreeMap<Key, Option<Vec<u8>>>;

fn hash(value: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&bmt_io::checksum(0, value).to_le_bytes());
    hash
}

fn run_of(changes: &Model) -> Run {
    let change = |value: &'_ Option<Vec<u8>>| value.clone();
    let owned: Vec<(Key, Option<Vec<u8>>)> =
        changes.iter().map(|(key, value)| (*key, change(value))).collect();
    let changes = owned
        .iter()
        .map(|(key, value)| (*key, value.as_deref().map_or(Change::Delete, Change::Put)));
    Run::new(changes, hash).unwrap()
}

fn changes(random: &mut Random, count: usize) -> Model {
    (0..count)
        .map(|_| {
            let share = random.pick(&[0, 0, 1, 8, 30]);
            let mut key = random.key(share);
            key[share] &= 7;
            let len = random.pick(&[0, 5, 128, 129, 1280, 1281, 3000]);
            (key, (random.below(4) > 0).then(|| random.bytes(len)))
        })
        .collect()
}

fn assert_same(found: Option<StoredValue<'_>>, expected: Option<&Option<Vec<u8>>>) {
    match (found, expected) {
        (None, None) | (Some(StoredValue::Deleted), Some(None)) => {}
        (Some(StoredValue::Value { bytes, hash: found }), Some(Some(value))) => {
            assert_eq!(bytes, value);
            assert_eq!(found.copied(), (value.len() > 128).then(|| hash(value)));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn runs_are_sorted_maps() {
    let mut random = Random(1);
    for count in [0, 1, 31, 32, 33, 1000] {
        let model = changes(&mut random, count);
        let run = run_of(&model);
        assert_eq!(run.iter().count(), model.len());
        let probes: Vec<Key> = (0..200).map(|_| random.key(random_share(count))).collect();
        for key in model.keys().chain(&probes) {
            let at = model.range(..*key).count();
            assert_eq!(run.lower_bound(key), at);
            for from in [0, at / 2, at] {
                assert_eq!(run.gallop(from, key), at, "from {from}");
            }
            assert_same(run.find(key).map(|at| run.value(at)), model.get(key));
        }
    }
}

fn random_share(count: usize) -> usize {
    count % 9
}

#[test]
fn unsorted_changes_and_long_values_are_refused() {
    let twice = [([1; 32], Change::Delete), ([1; 32], Change::Put(b""))];
    assert!(matches!(Run::new(twice, hash), Err(TreeError::Unsorted { index: 1 })));
    let long = vec![0; crate::VALUE_BYTES_MAX + 1];
    let found = Run::new([([1; 32], Change::Put(&long))], hash);
    assert!(matches!(found, Err(TreeError::ValueTooLarge { .. })));
}

#[test]
fn a_buffer_shows_the_newest_change_of_each_key() {
    for seed in 0..5 {
        let mut random = Random(seed);
        let (mut buffer, mut model) = (Buffer::new(), Model::new());
        let mut pending = None;
        for round in 0..60 {
            let count = random.pick(&[0, 1, 3, 40, 300]);
            let commit = changes(&mut random, count);
            buffer = buffer.with_run(Arc::new(run_of(&commit)));
            model.extend(commit);
            // A merge that goes on while the buffer changes.
            if let Some(merged) = pending.take()
                && random.below(2) == 0
            {
                buffer = buffer.with_merged(&merged).unwrap_or(buffer);
            }
            if random.below(3) > 0 {
                pending = buffer.merge_job().map(MergeJob::run);
            }
            if round % 20 == 10 {
                buffer = buffer.freeze().unwrap();
                assert!(round < 20 || buffer.freeze().is_err() || !buffer.has_frozen());
            }
            if round % 20 == 19 {
                let frozen = buffer.frozen().len();
                let dropped = buffer.without_frozen();
                assert_eq!(dropped.run_count() + frozen, buffer.run_count());
                // Dropped changes would show what is older: start anew.
                (buffer, model) = (Buffer::new(), Model::new());
            }
            for key in model.keys() {
                assert_same(buffer.get(key), model.get(key));
            }
            assert_same(buffer.get(&random.key(3)), None);
        }
    }
}

#[test]
fn merging_keeps_the_number_of_runs_small() {
    let mut random = Random(9);
    let mut buffer = Buffer::new();
    for _ in 0..500 {
        buffer = buffer.with_run(Arc::new(run_of(&changes(&mut random, 1))));
        while let Some(job) = buffer.merge_job() {
            buffer = buffer.with_merged(&job.run()).unwrap();
        }
        assert!(buffer.run_count() <= 15, "{} runs", buffer.run_count());
    }
}

#[test]
fn a_cursor_walks_and_seeks_in_order() {
    let mut random = Random(5);
    let commits: Vec<Model> = (0..6).map(|_| changes(&mut random, 200)).collect();
    let runs: Vec<Arc<Run>> = commits.iter().rev().map(|commit| Arc::new(run_of(commit))).collect();
    let model: Model = commits.into_iter().flatten().collect();
    let mut cursor = Cursor::new(runs.iter(), &[0; 32]);
    for (key, value) in &model {
        assert_eq!(cursor.peek(), Some(*key));
        assert!(cursor.advance_below(Some(key)).is_none());
        let entry = cursor.advance().unwrap();
        assert_eq!(entry.key, *key);
        assert_same(Some(cursor.value(&entry)), Some(value));
    }
    assert!(cursor.advance().is_none());
    let mut probes: Vec<Key> = (0..300).map(|_| random.key(0)).collect();
    probes.sort_unstable();
    let mut cursor = Cursor::new(runs.iter(), &probes[0]);
    for probe in probes {
        cursor.seek(&probe);
        let expected = model.range(probe..).next().map(|(key, _)| *key);
        assert_eq!(cursor.peek(), expected);
    }
}
