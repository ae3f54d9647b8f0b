//! Tests of what replay holds in memory.

use super::*;

#[test]
fn a_group_touches_no_more_pages_than_have_room() {
    for pages_max in [0, 1, 100, 1000, 20_000, 1 << 40] {
        for key_count in [0, 1000, 1_000_000, 1_000_000_000] {
            let changes = frontier_changes_max(key_count, pages_max);
            let pages = (key_count / KEYS_PER_PAGE).min(changes as u64);
            assert!(changes <= FRONTIER_CHANGES_MAX);
            assert!(pages <= pages_max.max(FRONTIER_CHANGES_MIN as u64));
        }
    }
}
