//! Tests of the chain.

use super::Link;
use crate::format::part::{PartHeader, RecordKind};
use crate::format::segment::SegmentHeader;

fn part(sequence: u64, part_index: u32, predecessor: u64, is_last: bool) -> PartHeader {
    PartHeader {
        kind: RecordKind::Data,
        sequence,
        synced_through: 0,
        predecessor,
        ordinal: 0,
        block: 1,
        record_bytes: 30,
        part_index,
        part_bytes: 10,
        is_last,
        payload_checksum: 0,
    }
}

#[test]
fn parts_follow_one_another_and_fill_their_record() {
    let mut link = Link::at_record(5, 1);
    assert!(link.accept(&part(5, 0, 1, false), 2, true));
    assert!(link.is_inside_record());
    assert!(link.accept(&part(5, 1, 2, false), 3, true));
    assert!(link.accept(&part(5, 2, 3, true), 4, true));
    assert_eq!((link.sequence, link.part_index, link.chain), (6, 0, 4));
}

#[test]
fn what_does_not_follow_is_refused_and_changes_nothing() {
    let mut link = Link::at_record(5, 1);
    assert!(link.accept(&part(5, 0, 1, false), 2, true));
    let before = link;
    let refused = [
        part(6, 1, 2, false),
        part(5, 2, 2, false),
        part(5, 1, 9, false),
        part(5, 1, 2, true),
        PartHeader { record_bytes: 31, ..part(5, 1, 2, false) },
        PartHeader { part_bytes: 21, ..part(5, 1, 2, false) },
    ];
    for header in refused {
        assert!(!link.accept(&header, 3, true), "{header:?}");
        assert_eq!(link, before);
    }
}

#[test]
fn a_record_that_began_before_ends_without_its_first_bytes() {
    let header = SegmentHeader {
        ordinal: 1,
        segment_bytes: 1 << 16,
        first_sequence: 5,
        first_part: 2,
        predecessor: 8,
        synced_through: 4,
    };
    let mut link = Link::at_segment(&header);
    assert!(link.began_before() && link.continues_in(&header));
    assert!(link.accept(&part(5, 2, 8, true), 9, true));
    assert!(!link.began_before());
    assert!(!link.continues_in(&header));
}
