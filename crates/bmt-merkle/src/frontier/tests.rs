//! Frontier changes: golden bytes, round trips, and bytes that must be refused (INV-MK-06).

use super::{FrontierChange, FrontierEntry, decode_changes, encode_changes};
use crate::bits::Prefix;
use crate::error::MerkleError;
use bmt_core::{Key, NodeKind, StateKey};

fn set<K: Key>(key: &K, bits: usize, kind: NodeKind, weight: u32) -> FrontierChange<K> {
    let prefix = Prefix::new(key, bits);
    FrontierChange::Set(FrontierEntry { prefix, kind, weight, hash: [9; 32] })
}

fn sample() -> Vec<FrontierChange<StateKey>> {
    let key = |byte: u8| StateKey::new([byte; 31]);
    vec![
        FrontierChange::Remove(Prefix::new(&key(0x00), 0)),
        set(&key(0x12), 7, NodeKind::Branch, 600),
        set(&key(0x12), 248, NodeKind::Leaf, 5000),
        FrontierChange::Remove(Prefix::new(&key(0x13), 9)),
        set(&key(0xff), 1, NodeKind::Leaf, 0),
    ]
}

#[test]
fn the_bytes_are_golden() {
    let bytes = encode_changes(&sample()[..2]);
    let mut expected = vec![1, 0, 0, 3, 0, 7, 0x12, 0xe1, 0x12];
    expected.extend([9; 32]);
    assert_eq!(bytes, expected);
}

#[test]
fn changes_of_all_lengths_come_back() {
    let changes = sample();
    assert_eq!(decode_changes(&encode_changes(&changes)).unwrap(), changes);
    assert_eq!(decode_changes::<StateKey>(&encode_changes::<StateKey>(&[])).unwrap(), []);
    // Keys of 32 bytes have prefixes of up to 256 bits.
    let (mut low, high) = ([0xab_u8; 32], [0xab_u8; 32]);
    low[31] = 0xaa;
    let long =
        vec![set(&low, 256, NodeKind::Leaf, 1), set(&high, 256, NodeKind::Leaf, (1 << 29) - 1)];
    assert_eq!(decode_changes::<[u8; 32]>(&encode_changes(&long)).unwrap(), long);
}

#[test]
fn no_other_bytes_are_accepted() {
    let good = encode_changes(&sample());
    for length in 0..good.len() {
        let cut = decode_changes::<StateKey>(&good[..length]);
        // A cut between two changes leaves fewer of them.
        assert!(cut.is_err() || encode_changes(&cut.unwrap()) == good[..length]);
    }
    for bit in 0..8 * good.len() {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        match decode_changes::<StateKey>(&bad) {
            Ok(changes) => assert_eq!(encode_changes(&changes), bad, "one encoding each"),
            Err(MerkleError::FrontierEncoding { offset_bytes, .. }) => {
                assert!(offset_bytes <= bad.len());
            }
            Err(other) => panic!("{other}"),
        }
    }
}
