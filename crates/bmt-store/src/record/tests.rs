//! The commit record byte for byte, and what is refused.

use super::*;
use bmt_core::{GrayPaper, StateKey};
use quickcheck::QuickCheck;

fn changes(list: &[(u8, Option<&[u8]>)]) -> Changes<GrayPaper> {
    list.iter().map(|(n, value)| (StateKey::component(*n), value.map(Arc::from))).collect()
}

fn sample() -> Vec<u8> {
    let changes = changes(&[(1, Some(b"one")), (2, None), (3, Some(b""))]);
    encode::<GrayPaper>(Kind::Commit { parent: 4 }, &[5; 32], &[6; 32], &changes)
}

/// The bytes of the format document, field by field.
#[test]
fn bytes_are_those_of_the_format() {
    let key = |n: u8| [&[n][..], &[0; 31]].concat();
    let expected = [
        vec![1, 1, 0, 0, 0, 0, 0, 0],
        vec![5; 32],
        vec![6; 32],
        vec![4, 0, 0, 0, 0, 0, 0, 0],
        vec![3, 0, 0, 0],
        [key(1), vec![3, 0, 0, 0], b"one".to_vec()].concat(),
        [key(2), vec![0xff; 4]].concat(),
        [key(3), vec![0; 4]].concat(),
    ];
    assert_eq!(sample(), expected.concat());
}

#[test]
fn decoding_gives_back_what_was_encoded() {
    fn check(list: Vec<(u8, Option<Vec<u8>>)>, rollback: bool, step: u64) -> bool {
        let list: Vec<_> = list.iter().map(|(n, value)| (*n, value.as_deref())).collect();
        let changes = changes(&list);
        let kind = if rollback {
            Kind::Rollback { restored: step }
        } else {
            Kind::Commit { parent: step }
        };
        let bytes = encode::<GrayPaper>(kind, &[1; 32], &[2; 32], &changes);
        assert_eq!(bytes.len() as u64, encoded_bytes::<GrayPaper>(&changes));
        let record = decode::<GrayPaper>(&bytes).unwrap();
        assert_eq!((record.kind, record.previous_root, record.root), (kind, [1; 32], [2; 32]));
        record.changes == changes.into_iter().collect::<Vec<_>>()
    }
    QuickCheck::new().quickcheck(check as fn(Vec<(u8, Option<Vec<u8>>)>, bool, u64) -> bool);
}

#[test]
fn every_cut_and_every_reserved_bit_is_refused() {
    let bytes = sample();
    for length in 0..bytes.len() {
        assert!(decode::<GrayPaper>(&bytes[..length]).is_err(), "cut to {length}");
    }
    assert!(decode::<GrayPaper>(&[&bytes[..], &[0]].concat()).is_err());
    for place in [0, 2, 3, 4, 7, 84 + 31] {
        let mut changed = bytes.clone();
        changed[place] ^= 0x80;
        assert!(decode::<GrayPaper>(&changed).is_err(), "byte {place}");
    }
    let mut newer = bytes.clone();
    newer[1] = 2;
    assert_eq!(decode::<GrayPaper>(&newer).unwrap_err(), BadRecord::Version(2));
}

/// INV-CR-01
#[test]
fn keys_out_of_order_are_refused() {
    let mut bytes = sample();
    bytes[84] = 9;
    assert_eq!(decode::<GrayPaper>(&bytes).unwrap_err(), BadRecord::Malformed("keys ascend"));
    bytes[84] = 2;
    assert_eq!(decode::<GrayPaper>(&bytes).unwrap_err(), BadRecord::Malformed("keys ascend"));
}

#[test]
fn random_bytes_never_panic() {
    fn check(tail: Vec<u8>, count: u8) -> bool {
        let mut bytes = sample()[..80].to_vec();
        bytes.extend_from_slice(&u32::from(count).to_le_bytes());
        bytes.extend_from_slice(&tail);
        let decoded = decode::<GrayPaper>(&bytes);
        decoded.is_err() || (count == 0 && tail.is_empty())
    }
    QuickCheck::new().tests(2000).quickcheck(check as fn(Vec<u8>, u8) -> bool);
}
