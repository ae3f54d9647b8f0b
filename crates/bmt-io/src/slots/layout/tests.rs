//! A slot's bytes are fixed, and no damaged slot is read.

use super::{SLOT_BYTES, SLOT_PAYLOAD_BYTES_MAX, Slot, SlotDamage, decode, encode};
use crate::checksum;

fn example(payload: &[u8]) -> Slot<'_> {
    Slot { index: 1, kind: 0x0102_0304, sequence: 0x1122_3344_5566_7788, payload }
}

#[test]
fn golden_bytes() {
    let bytes = encode(&example(b"payload"));
    assert_eq!(&bytes[..8], b"bmt.slot");
    assert_eq!(&bytes[16..48], b"\x01\0\0\0\0\0\0\0\x04\x03\x02\x01\x01\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11\x07\0\0\0\0\0\0\0");
    assert_eq!(&bytes[48..55], b"payload");
    assert_eq!(checksum(0, &bytes), GOLDEN, "{:#x}", checksum(0, &bytes));
}

/// Changes only with a new format version.
const GOLDEN: u64 = 0x364a_8671_603d_ba04;

#[test]
fn every_length_round_trips() {
    for len in [0, 1, 100, SLOT_PAYLOAD_BYTES_MAX] {
        let payload = vec![0xff; len];
        let bytes = encode(&example(&payload));
        assert_eq!(decode(&bytes, 1), Ok(example(&payload)));
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let clean = encode(&example(b"payload"));
    for bit in 0..SLOT_BYTES * 8 {
        let mut bytes = clean;
        bytes[bit / 8] ^= 1 << (bit % 8);
        let damage = decode(&bytes, 1).unwrap_err();
        let expected = if bit < 64 {
            damage == SlotDamage::Magic
        } else {
            matches!(damage, SlotDamage::Checksum { .. })
        };
        assert!(expected, "bit {bit}: {damage}");
    }
}

#[test]
fn every_torn_slot_is_found() {
    let old = encode(&Slot { sequence: 1, ..example(&[1; SLOT_PAYLOAD_BYTES_MAX]) });
    let new = encode(&Slot { sequence: 2, ..example(&[2; SLOT_PAYLOAD_BYTES_MAX]) });
    for sectors in 1..0xff_usize {
        let mut bytes = old;
        for at in (0..8).filter(|at| sectors & (1 << at) != 0) {
            bytes[at * 512..(at + 1) * 512].copy_from_slice(&new[at * 512..(at + 1) * 512]);
        }
        assert!(decode(&bytes, 1).is_err(), "sectors {sectors:#010b}");
    }
}

#[test]
fn whole_slots_with_wrong_fields_are_told_apart() {
    let with = |at: usize, value: u8| {
        let mut bytes = encode(&example(b"payload"));
        bytes[at] = value;
        let sum = checksum(super::CHECKSUM_SEED, &bytes[16..]);
        bytes[8..16].copy_from_slice(&sum.to_le_bytes());
        decode(&bytes, 1).unwrap_err()
    };
    assert_eq!(with(16, 2), SlotDamage::Unsupported { version: 2, flags: 0 });
    assert_eq!(with(20, 4), SlotDamage::Unsupported { version: 1, flags: 4 });
    assert_eq!(with(28, 0), SlotDamage::Misplaced { expected: 1, found: 0 });
    assert_eq!(with(41, 0xff), SlotDamage::Length { len_bytes: 0xff07 });
    assert_eq!(with(40, 6), SlotDamage::Length { len_bytes: 6 });
    assert_eq!(with(44, 1), SlotDamage::Length { len_bytes: 7 });
    assert_eq!(decode(&[0; SLOT_BYTES], 0), Err(SlotDamage::Empty));
}
