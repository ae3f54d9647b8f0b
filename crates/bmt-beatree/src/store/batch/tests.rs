//! Tests of commits as records of the log.

use super::*;
use crate::buffer::run::StoredValue;
use crate::sample::Random;

fn no_hash(_: &[u8]) -> [u8; 32] {
    [1; 32]
}

fn batch() -> Batch {
    let mut batch = Batch::new();
    batch.put([3; 32], b"old".to_vec()).put([1; 32], vec![7; 200]).delete([2; 32]);
    batch.put([3; 32], Vec::new());
    batch
}

#[test]
fn the_last_change_of_a_key_counts() {
    let sorted = batch().sorted();
    let expected = [([1; 32], Some(vec![7; 200])), ([2; 32], None), ([3; 32], Some(Vec::new()))];
    assert_eq!(sorted, expected);
}

#[test]
fn records_survive_and_are_golden() {
    let bytes = encode(&batch().sorted());
    let run = decode(&bytes, no_hash).unwrap();
    let found: Vec<_> = run.iter().collect();
    assert_eq!(found[1], ([2; 32], StoredValue::Deleted));
    assert_eq!(found[2], ([3; 32], StoredValue::Value { bytes: b"", hash: None }));
    assert_eq!((found.len(), bytes.len()), (3, 8 + 3 * 40 + 200));
    assert_eq!(bmt_io::checksum(0, &bytes), 18_361_906_641_025_523_735);
}

#[test]
fn damaged_records_are_errors_or_other_commits() {
    let bytes = encode(&batch().sorted());
    let mut random = Random(1);
    for _ in 0..5000 {
        let mut damaged = bytes.clone();
        let at = random.below(damaged.len());
        damaged[at] ^= 1 << random.below(8);
        if random.below(4) == 0 {
            damaged.truncate(random.below(damaged.len()));
        }
        if let Ok(run) = decode(&damaged, no_hash) {
            assert!(run.len() <= 3);
        }
    }
}
