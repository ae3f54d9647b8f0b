//! The record byte for byte, and what is refused.

use super::{BadRecord, Kind, Sections, decode, header, put_change};
use bmt_core::{GrayPaper, StateKey};
use bmt_rollback::put_value;

const KINDS: [Kind; 2] = [Kind::Commit { parent: 5 }, Kind::Rollback { restored: 3 }];

fn sample(kind: Kind) -> Vec<u8> {
    let mut sections =
        Sections { key_count: 9, change_count: 3, frontier: vec![1, 2, 3], ..Sections::default() };
    put_change(&mut sections.changes, &StateKey::component(1), Some(b"alpha"));
    put_change(&mut sections.changes, &StateKey::component(2), None);
    put_change(&mut sections.changes, &StateKey::component(3), Some(b""));
    if matches!(kind, Kind::Commit { .. }) {
        put_value(&mut sections.undo, None);
        put_value(&mut sections.undo, Some(&[7; 300]));
        put_value(&mut sections.undo, Some(b""));
    }
    let mut bytes = header(kind, &[1; 32], &[2; 32], &sections);
    for section in [&sections.changes, &sections.undo, &sections.frontier] {
        bytes.extend_from_slice(section);
    }
    assert_eq!(bytes.len() as u64, sections.record_bytes());
    bytes
}

#[test]
fn what_was_encoded_is_decoded() {
    for kind in KINDS {
        let bytes = sample(kind);
        let record = decode::<GrayPaper>(&bytes).unwrap();
        assert_eq!(record.kind, kind);
        assert_eq!((record.previous_root, record.root), ([1; 32], [2; 32]));
        let key = StateKey::component;
        let expected = [(key(1), Some(&b"alpha"[..])), (key(2), None), (key(3), Some(&b""[..]))];
        assert_eq!(record.changes, expected);
        let is_commit = matches!(kind, Kind::Commit { .. });
        let undo = [None, Some(&[7; 300][..]), Some(&b""[..])];
        assert_eq!(record.undo, if is_commit { &undo[..] } else { &[] });
        assert_eq!((record.key_count, record.frontier), (9, &[1, 2, 3][..]));
    }
}

#[test]
fn the_bytes_are_golden() {
    // docs/format/commit-record.md.
    let bytes = sample(KINDS[0]);
    assert_eq!(bytes[..8], [1, 2, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[72..80], 5_u64.to_le_bytes());
    assert_eq!(bytes[80..88], [3, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bytes[88..96], 9_u64.to_le_bytes());
    assert_eq!(bytes[96..104], (3 * 31 + 6 + 1 + 1_u64).to_le_bytes());
    assert_eq!(bytes[120..151], StateKey::component(1).to_bytes());
    assert_eq!(bytes[151..157], *b"\x06alpha");
}

#[test]
fn every_cut_and_every_growth_is_refused() {
    let bytes = sample(KINDS[0]);
    for length in 0..bytes.len() {
        assert!(decode::<GrayPaper>(&bytes[..length]).is_err(), "{length}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(decode::<GrayPaper>(&longer).is_err());
}

#[test]
fn other_versions_and_disorder_are_refused() {
    let mut bytes = sample(KINDS[0]);
    bytes[1] = 1;
    assert_eq!(decode::<GrayPaper>(&bytes).unwrap_err(), BadRecord::Version(1));
    let mut bytes = sample(KINDS[0]);
    bytes[120] = 0xff;
    assert_eq!(decode::<GrayPaper>(&bytes).unwrap_err(), BadRecord::Malformed("keys ascend"));
    let mut bytes = sample(KINDS[0]);
    bytes[0] = 3;
    assert!(decode::<GrayPaper>(&bytes).is_err());
}

#[test]
fn no_single_byte_change_panics() {
    let bytes = sample(KINDS[0]);
    for at in 0..bytes.len() {
        for flip in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= flip;
            // Any outcome will do; the log's checksum would have found it.
            drop(decode::<GrayPaper>(&changed));
        }
    }
}
