//! Tests of the meta record.

use super::*;
use crate::sample::Random;
use bmt_io::checksum;

fn meta() -> Meta {
    let counts = Counts {
        entries: 1 << 40,
        leaf_pages: 5,
        branch_pages: 4,
        overflow_pages: 3,
        free_pages: 2,
        free_list_pages: 1,
    };
    let place = |page| PageRef { page, checksum: 0x1234_5678_9abc_def0 + u64::from(page) };
    Meta {
        generation: 77,
        root: Some((place(3), 2)),
        free_list: Some(place(4)),
        page_count: 16,
        counts,
    }
}

#[test]
fn records_survive() {
    for meta in [meta(), Meta::EMPTY] {
        assert_eq!(Meta::decode(&meta.encode()), Ok(meta));
    }
}

#[test]
fn a_record_is_golden() {
    let bytes = meta().encode();
    assert_eq!(&bytes[..8], b"BTMT\x01\0\0\0");
    assert_eq!(checksum(0, &bytes), 2_853_744_439_439_613_272);
}

#[test]
fn damage_is_a_typed_error_or_another_plausible_record() {
    let mut random = Random(1);
    for _ in 0..10_000 {
        let mut bytes = meta().encode();
        bytes[random.below(META_BYTES)] ^= 1 << random.below(8);
        if let Ok(found) = Meta::decode(&bytes) {
            assert_eq!(found.encode(), bytes);
        }
    }
    assert!(Meta::decode(&meta().encode()[..79]).is_err());
    assert!(Meta::decode(&[]).is_err());
}
