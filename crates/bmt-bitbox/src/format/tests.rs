//! Tests of the byte maps: sizes, round trips, and every kind of damage.

use super::geometry::Geometry;
use super::header::Header;
use super::meta::{EMPTY, LIVE, TOMBSTONE};
use super::names::{SwitchName, TableNames};
use super::record::RecordHeader;
use super::{CONTENT_BYTES, Damage, PREFIX_BYTES, image, meta, record};
use crate::TableError;
use bmt_io::{PAGE_SIZE, checksum};
use core::hint::black_box;
use quickcheck::quickcheck;

const SALT: u64 = 0x5a17;

fn geometry(bits: u32) -> Geometry {
    Geometry::new(bits).unwrap()
}

#[test]
fn places_follow_from_the_number_of_buckets() {
    let small = geometry(4);
    assert_eq!((small.meta_page_count(), small.file_bytes()), (1, (1 + 1 + 2 + 2 + 16) * 4096));
    let large = geometry(20);
    assert_eq!(large.meta_page_count(), 261);
    assert_eq!(large.meta_page_offset(260), 261 * 4096);
    assert_eq!(large.area_offset(0), 262 * 4096);
    assert_eq!(large.area_offset(1), (262 + 262) * 4096);
    assert_eq!(large.bucket_offset(0), (3 + 3 * 261) * 4096);
    assert_eq!(Geometry::meta_page_of(4031), 0);
    assert_eq!(Geometry::meta_page_of(4032), 1);
    assert_eq!((Geometry::new(3), Geometry::new(32)), (None, None));
    let largest = geometry(31);
    assert_eq!(Geometry::meta_page_of(largest.mask()) + 1, largest.meta_page_count());
}

#[test]
fn a_header_is_read_as_it_was_written_or_not_at_all() {
    let header = Header { number: 7, salt: SALT, geometry: geometry(9) };
    let page = header.encode();
    assert_eq!(Header::decode(&page, false), Ok(header));
    for bit in (0..PAGE_SIZE * 8).step_by(13) {
        let mut damaged = page;
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(matches!(Header::decode(&damaged, false), Err(Damage::Invalid(_))), "bit {bit}");
    }
}

#[test]
fn an_unknown_version_is_told_from_damage() {
    let mut page = Header { number: 7, salt: SALT, geometry: geometry(9) }.encode();
    let seal = |page: &mut [u8; PAGE_SIZE]| {
        let sum = checksum(0x626f_7800_0000_0001, &page[16..]);
        page[8..16].copy_from_slice(&sum.to_le_bytes());
    };
    page[16] = 2;
    seal(&mut page);
    assert_eq!(Header::decode(&page, false), Err(Damage::Version(2)));
    page[16] = 1;
    page[20] = 8;
    seal(&mut page);
    assert_eq!(Header::decode(&page, false), Err(Damage::Flags(8)));
}

#[test]
fn a_meta_page_knows_its_table_and_its_place() {
    let mut page = [0; PAGE_SIZE];
    page[PREFIX_BYTES] = LIVE | 5;
    page[PREFIX_BYTES + 1] = TOMBSTONE;
    let sum = meta::seal_page(&mut page, SALT, 3, 11);
    assert_eq!(meta::decode(&page, SALT, 3, false), Ok(11));
    assert_eq!(meta::stored_checksum(&page), sum);
    assert_eq!(meta::page_checksum(meta::bytes_of(&page).unwrap(), SALT, 3, 11), sum);
    assert!(meta::decode(&page, SALT + 1, 3, false).is_err());
    assert!(meta::decode(&page, SALT, 4, false).is_err());
    page[PREFIX_BYTES + 2] = 2;
    assert!(meta::decode(&page, SALT, 3, false).is_err(), "the checksum is of other bytes");
    assert!(meta::bytes_of(&page).is_err(), "2 means nothing");
    assert_eq!(meta::bytes_of(&[EMPTY; PAGE_SIZE]).unwrap().len(), CONTENT_BYTES);
}

#[test]
fn a_record_is_whole_only_with_its_own_pages() {
    let header =
        RecordHeader { number: 3, batch: 9, area: 1, page_count: 2, map_digest: 77, live_count: 5 };
    let (page, sum) = header.encode(SALT, &[1, 2]);
    assert_eq!(RecordHeader::decode(&page), Ok(header));
    assert_eq!(record::verify(&page, SALT, &[1, 2], false), Ok(sum));
    for other in [vec![1, 3], vec![2, 1], vec![1], vec![1, 2, 0]] {
        assert!(record::verify(&page, SALT, &other, false).is_err(), "{other:?}");
    }
    assert!(record::verify(&page, SALT ^ 1, &[1, 2], false).is_err());
}

#[test]
fn names_are_read_as_they_were_written_or_not_at_all() {
    let target = SwitchName { table: 4, batch: 9, checksum: 3, area: Some(1) };
    for source in [None, Some(SwitchName::fresh(2)), Some(SwitchName { table: 3, ..target })] {
        let names = TableNames { target, source };
        assert_eq!(TableNames::decode(&names.encode()).unwrap(), names);
    }
    let good = TableNames { target, source: Some(SwitchName::fresh(2)) }.encode();
    let is_invalid =
        |bytes: &[u8]| matches!(TableNames::decode(bytes), Err(TableError::InvalidNames { .. }));
    assert!(is_invalid(&good[..63]));
    assert!(is_invalid(&[0; 64]));
    let with = |at: usize, byte: u8| {
        let mut bytes = good;
        bytes[at] = byte;
        bytes
    };
    assert!(is_invalid(&with(24, 3)), "no such area");
    assert!(is_invalid(&with(28, 1)), "not zero");
    assert!(is_invalid(&with(32, 4)), "one table twice");
    assert!(is_invalid(&with(40, 1)), "a batch without a record");
    assert!(is_invalid(&with(0, 0)), "no table 0");
}

quickcheck! {
    fn an_image_gives_back_id_and_payload(number: u8, payload: Vec<u8>, at: u16) -> bool {
        let (mut page, id) = ([0xee; PAGE_SIZE], [number; 32]);
        let sum = image::encode(&mut page, &id, &payload);
        let found = image::decode(&page, false).unwrap();
        let is_same = found.id == id
            && found.checksum == sum
            && image::payload(&page, found.payload_bytes) == payload
            && crate::image_checksum(&id, &payload) == Some(sum);
        page[usize::from(at) % PAGE_SIZE] ^= 0x10;
        is_same && image::decode(&page, false).is_err()
    }

    fn no_bytes_make_a_decoder_panic(bytes: Vec<u8>, seed: u64) -> bool {
        // Random bytes around the magics and checksums that a decoder looks for first.
        let mut page = [0; PAGE_SIZE];
        for (at, byte) in page.iter_mut().enumerate() {
            *byte = bytes.get(at % bytes.len().max(1)).copied().unwrap_or(0);
        }
        for magic in [b"bmt.bbox", b"bmt.meta", b"bmt.swch", b"bmt.page"] {
            page[..8].copy_from_slice(magic);
            black_box(Header::decode(&page, true).is_ok());
            black_box(meta::decode(&page, seed, seed, true).is_ok());
            black_box(image::decode(&page, true).is_ok());
            black_box(RecordHeader::decode(&page).is_ok());
            black_box(TableNames::decode(&page[..64]).is_ok());
        }
        true
    }
}
