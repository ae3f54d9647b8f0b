//! Tests of the layout.

use super::{Layout, lay_out};
use crate::format::part::PART_HEADER_BYTES;
use crate::format::segment::SEGMENT_BYTES_MIN;
use crate::format::{BLOCK_BYTES, round_up_to_block};
use quickcheck::quickcheck;

const SEGMENT: u64 = 64 << 10;

#[test]
fn a_record_that_fits_stays_in_the_active_segment() {
    let all = 3 * BLOCK_BYTES - PART_HEADER_BYTES;
    let expected = Layout { in_active: Some(all), in_new: vec![] };
    assert_eq!(lay_out(3 * BLOCK_BYTES, all, SEGMENT), expected);
    assert_eq!(lay_out(BLOCK_BYTES, 0, SEGMENT), Layout { in_active: Some(0), in_new: vec![] });
}

#[test]
fn a_small_record_that_does_not_fit_goes_to_a_new_segment_whole() {
    let two_blocks = 2 * BLOCK_BYTES - PART_HEADER_BYTES;
    let expected = Layout { in_active: None, in_new: vec![two_blocks] };
    assert_eq!(lay_out(BLOCK_BYTES, two_blocks, SEGMENT), expected);
    assert_eq!(lay_out(0, two_blocks, SEGMENT), expected);
}

#[test]
fn a_large_record_is_split_where_the_active_segment_ends() {
    let record = SEGMENT;
    let layout = lay_out(BLOCK_BYTES, record, SEGMENT);
    let first = BLOCK_BYTES - PART_HEADER_BYTES;
    let second = SEGMENT - BLOCK_BYTES - PART_HEADER_BYTES;
    assert_eq!(layout.in_active, Some(first));
    assert_eq!(layout.in_new, vec![second, record - first - second]);
}

#[test]
fn a_record_of_one_block_has_a_part_in_the_smallest_segment_too() {
    for record_bytes in [0, 1, BLOCK_BYTES - PART_HEADER_BYTES] {
        let expected = Layout { in_active: None, in_new: vec![record_bytes] };
        assert_eq!(lay_out(0, record_bytes, SEGMENT_BYTES_MIN), expected);
    }
}

quickcheck! {
    fn every_layout_holds_the_record_and_fits(free_blocks: u8, record_bytes: u32) -> bool {
        let free_bytes = u64::from(free_blocks % 16) * BLOCK_BYTES;
        let record_bytes = u64::from(record_bytes % (1 << 20));
        let layout = lay_out(free_bytes, record_bytes, SEGMENT);
        let sum = layout.in_active.unwrap_or(0) + layout.in_new.iter().sum::<u64>();
        let stored = |bytes: u64| round_up_to_block(PART_HEADER_BYTES + bytes);
        let whole = layout.in_new.len() + usize::from(layout.in_active.is_some()) == 1;
        sum == record_bytes
            && (whole || layout.in_active != Some(0))
            && layout.in_active.is_none_or(|bytes| stored(bytes) <= free_bytes)
            && layout.in_new.iter().all(|bytes| stored(*bytes) <= SEGMENT - BLOCK_BYTES)
            && layout.in_new.iter().all(|bytes| whole || *bytes > 0)
    }
}
