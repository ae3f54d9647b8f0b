//! Tests of the headers: round trips, and random bytes that must never be taken for one.

use super::cut::Cut;
use super::part::{PART_HEADER_LEN, PartHeader, RecordKind};
use super::segment::{SEGMENT_HEADER_LEN, SegmentHeader};
use super::{BLOCK_LEN, NotAHeader, round_up_to_block};
use crate::faults::Faults;
use bmt_io::checksum;
use quickcheck::quickcheck;

const SALT: u64 = 0x5eed;

fn part() -> PartHeader {
    PartHeader {
        kind: RecordKind::Data,
        sequence: 9,
        synced_through: 8,
        predecessor: 77,
        ordinal: 3,
        block: 5,
        record_bytes: 100,
        part_index: 0,
        part_bytes: 100,
        is_last: true,
        payload_checksum: 1,
    }
}

fn segment() -> SegmentHeader {
    SegmentHeader {
        ordinal: 4,
        segment_bytes: 64 << 10,
        first_sequence: 10,
        first_part: 1,
        predecessor: 5,
        synced_through: 7,
    }
}

/// Overwrites part of a header and gives it a valid checksum again.
fn forge(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
    let end = bytes.len() - 8;
    let sum = checksum(SALT, &bytes[..end]);
    bytes[end..].copy_from_slice(&sum.to_le_bytes());
}

#[test]
fn headers_come_back_as_they_were() {
    for header in [
        part(),
        PartHeader { is_last: false, record_bytes: 101, ..part() },
        PartHeader { part_index: 3, record_bytes: 500, ..part() },
        PartHeader { kind: RecordKind::Cut, part_bytes: 16, record_bytes: 16, ..part() },
    ] {
        let (bytes, chain) = header.encode(SALT);
        assert_eq!(PartHeader::decode(&bytes, SALT, true), Ok((header, chain)));
    }
    let bytes = segment().encode(SALT, SALT);
    assert_eq!(SegmentHeader::decode(&bytes, SALT, Faults::default()), Ok(segment()));
    let cut = Cut { keep_through: 3, chain: 4 };
    assert_eq!(Cut::decode(&cut.encode()), Some(cut));
    assert_eq!(Cut::decode(&[0; 15]), None);
}

#[test]
fn another_salt_is_another_log() {
    let (bytes, _) = part().encode(SALT);
    assert_eq!(PartHeader::decode(&bytes, SALT + 1, true), Err(NotAHeader::Checksum));
    let bytes = segment().encode(SALT, SALT);
    let found = SegmentHeader::decode(&bytes, SALT + 1, Faults::default());
    assert_eq!(found, Err(NotAHeader::OtherSalt));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (bytes, _) = part().encode(SALT);
    for bit in 0..PART_HEADER_LEN * 8 {
        let mut bytes = bytes;
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(PartHeader::decode(&bytes, SALT, true).is_err(), "bit {bit} of a part");
    }
    let bytes = segment().encode(SALT, SALT);
    for bit in 0..SEGMENT_HEADER_LEN * 8 {
        let mut bytes = bytes;
        bytes[bit / 8] ^= 1 << (bit % 8);
        let found = SegmentHeader::decode(&bytes, SALT, Faults::default());
        assert!(found.is_err(), "bit {bit} of a segment");
    }
}

#[test]
fn fields_out_of_range_are_refused_even_with_a_valid_checksum() {
    let cases: [(usize, &[u8], NotAHeader); 6] = [
        (8, &[2, 0, 0, 0], NotAHeader::Version(2)),
        (12, &[0x13, 0, 0, 0], NotAHeader::Flags(0x13)),
        (16, &[8], NotAHeader::Field("synced_through")),
        (56, &[1], NotAHeader::Field("part_index")),
        (60, &[0xff; 4], NotAHeader::Field("part_bytes")),
        (48, &[0xff; 8], NotAHeader::Field("part_bytes")),
    ];
    for (at, value, expected) in cases {
        let (mut bytes, _) = part().encode(SALT);
        forge(&mut bytes, at, value);
        assert_eq!(PartHeader::decode(&bytes, SALT, true), Err(expected), "offset {at}");
    }
    let cases: [(usize, &[u8], NotAHeader); 4] = [
        (8, &[9, 0, 0, 0], NotAHeader::Version(9)),
        (12, &[1], NotAHeader::Flags(1)),
        (32, &[1], NotAHeader::Field("segment_bytes")),
        (56, &[10], NotAHeader::Field("synced_through")),
    ];
    for (at, value, expected) in cases {
        let mut bytes = segment().encode(SALT, SALT);
        forge(&mut bytes[..SEGMENT_HEADER_LEN], at, value);
        let found = SegmentHeader::decode(&bytes, SALT, Faults::default());
        assert_eq!(found, Err(expected), "offset {at}");
    }
}

#[test]
fn lengths_round_up_to_blocks() {
    assert_eq!([0, 1, 4096, 4097].map(round_up_to_block), [0, 4096, 4096, 8192]);
}

quickcheck! {
    fn random_bytes_are_no_header(bytes: Vec<u8>, magic: bool) -> bool {
        let mut bytes = bytes;
        bytes.resize(BLOCK_LEN, 0x5a);
        if magic {
            let (valid, _) = part().encode(SALT);
            bytes[..12].copy_from_slice(&valid[..12]);
        }
        let segment = SegmentHeader::decode(&bytes, SALT, Faults::default());
        PartHeader::decode(&bytes, SALT, true).is_err() && segment.is_err()
    }

    fn short_bytes_are_no_header(bytes: Vec<u8>) -> bool {
        let bytes = &bytes[..bytes.len().min(PART_HEADER_LEN - 1)];
        let segment = &bytes[..bytes.len().min(SEGMENT_HEADER_LEN - 1)];
        PartHeader::decode(bytes, SALT, true).is_err()
            && SegmentHeader::decode(segment, SALT, Faults::default()).is_err()
    }

    fn forged_fields_never_panic(at: usize, value: Vec<u8>) -> bool {
        let (mut bytes, _) = part().encode(SALT);
        let at = at % (PART_HEADER_LEN - 8);
        let len = value.len().min(PART_HEADER_LEN - 8 - at);
        forge(&mut bytes, at, &value[..len]);
        match PartHeader::decode(&bytes, SALT, true) {
            Err(_) => true,
            Ok((header, _)) => header.synced_through < header.sequence
                && u64::from(header.part_bytes) <= header.record_bytes,
        }
    }
}
