//! Tests of the page header.

use super::*;
use crate::sample::Random;

#[test]
fn every_changed_bit_is_found() {
    let seal = Seal::new(77);
    let mut bytes = Random(1).bytes(PAGE_SIZE);
    let place = seal.close(PageKind::Branch, 9, &mut bytes);
    seal.verify(PageKind::Branch, place, &bytes).unwrap();
    for bit in 0..PAGE_SIZE * 8 {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(seal.verify(PageKind::Branch, place, &bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
}

#[test]
fn a_page_is_valid_in_its_place_and_tree_only() {
    let (seal, mut bytes) = (Seal::new(77), vec![5; PAGE_SIZE]);
    let place = seal.close(PageKind::Leaf, 9, &mut bytes);
    let elsewhere = PageRef { page: 10, ..place };
    assert!(matches!(seal.verify(PageKind::Leaf, elsewhere, &bytes), Err(Damage::Checksum { .. })));
    assert!(Seal::new(78).verify(PageKind::Leaf, place, &bytes).is_err());
    assert!(matches!(seal.verify(PageKind::Branch, place, &bytes), Err(Damage::Magic { .. })));
    let older = PageRef { checksum: 1, ..place };
    assert!(matches!(seal.verify(PageKind::Leaf, older, &bytes), Err(Damage::Checksum { .. })));
    assert!(seal.verify(PageKind::Leaf, place, &bytes[..100]).is_err());
}

#[test]
fn a_later_version_is_told_from_damage() {
    let (seal, mut bytes) = (Seal::new(77), vec![5; PAGE_SIZE]);
    seal.close(PageKind::Leaf, 9, &mut bytes);
    bytes[4] = 2;
    let head: [u8; 8] = bytes[..8].try_into().unwrap();
    let sum = checksum(seal.seed(9, head), &bytes[16..]);
    bytes[8..16].copy_from_slice(&sum.to_le_bytes());
    let found = seal.check(PageKind::Leaf, 9, &bytes);
    assert_eq!(found, Err(Damage::Unsupported { version: 2, flags: 0 }));
}

#[test]
fn the_file_header_is_golden() {
    let bytes = file_header::encode(0x0102_0304);
    file_header::check(0x0102_0304, &bytes).unwrap();
    assert!(file_header::check(0x0102_0305, &bytes).is_err());
    assert_eq!(&bytes[..8], b"BTHD\x01\0\0\0");
    assert_eq!(checksum(0, &bytes), 8_585_926_220_608_243_424);
}
