//! The bytes of undo records: what was written comes back, and other bytes are refused.

use super::{RecordError, RecordKey, SeglogRecords};
use crate::plan::{RecordSource, UndoStep};
use bmt_io::SimDisk;
use bmt_seglog::{Log, LogOptions};
use quickcheck::QuickCheck;
use std::collections::BTreeMap;
use std::sync::Arc;

type Replaced = BTreeMap<u16, Option<Vec<u8>>>;

fn step(parent: u64, replaced: Replaced) -> UndoStep<[u8; 2]> {
    let mut step = UndoStep::new(parent, [7; 32]);
    let each = |(key, value): (u16, Option<Vec<u8>>)| (key.to_be_bytes(), value.map(Arc::from));
    step.replaced = replaced.into_iter().map(each).collect();
    step
}

fn comes_back(parent: u64, replaced: Replaced) -> bool {
    let step = step(parent, replaced);
    let bytes = step.encode();
    // A part of it, or more than it, is no record.
    let cut = bytes.len().saturating_sub(1);
    let longer = [&bytes[..], &[0]].concat();
    UndoStep::decode(&bytes) == Some(step)
        && UndoStep::<[u8; 2]>::decode(&bytes[..cut]).is_none()
        && UndoStep::<[u8; 2]>::decode(&longer).is_none()
}

#[test]
fn encoding_is_undone_by_decoding() {
    QuickCheck::new().tests(500).quickcheck(comes_back as fn(u64, Replaced) -> bool);
}

/// Whatever the bytes are: no panic, and what is accepted is written the same.
fn any_bytes(bytes: Vec<u8>) -> bool {
    UndoStep::<[u8; 2]>::decode(&bytes).is_none_or(|step| step.encode() == bytes)
}

#[test]
fn any_bytes_are_refused_or_canonical() {
    QuickCheck::new().tests(2000).quickcheck(any_bytes as fn(Vec<u8>) -> bool);
}

#[test]
fn keys_out_of_order_are_refused() {
    let mut bad = step(0, Replaced::new());
    bad.replaced = vec![([0, 2], None), ([0, 1], None)];
    assert_eq!(UndoStep::<[u8; 2]>::decode(&bad.encode()), None);
    bad.replaced = vec![([0, 2], None), ([0, 2], None)];
    assert_eq!(UndoStep::<[u8; 2]>::decode(&bad.encode()), None);
}

#[test]
fn a_key_is_taken_off_the_front() {
    let mut input = &[1, 2, 3][..];
    assert_eq!(<[u8; 2]>::take(&mut input), Some([1, 2]));
    assert_eq!(<[u8; 2]>::take(&mut input), None);
    assert_eq!(input, [3]);
}

#[test]
fn a_log_tells_which_record_is_missing_or_no_undo_record() {
    let log = Log::create(SimDisk::new(1).directory(), LogOptions::new(5)).unwrap();
    let first = log.append_sync(&step(0, Replaced::from([(3, None)])).encode()).unwrap();
    let second = log.append_sync(b"something else").unwrap();
    let records = SeglogRecords::new(&log);
    let read = |sequence| RecordSource::<[u8; 2]>::undo_step(&records, sequence);
    assert_eq!(read(first.sequence).unwrap().replaced, [([0, 3], None)]);
    let bad = read(second.sequence).unwrap_err();
    assert!(matches!(bad, RecordError::Malformed { sequence } if sequence == second.sequence));
    let missing = read(second.sequence + 1).unwrap_err();
    assert!(matches!(missing, RecordError::Missing { .. }), "{missing}");
}
