//! Tests of how changes are dealt out to leaves.

use super::*;
use crate::TreeOptions;
use crate::buffer::run::Change;
use crate::sample::Random;
use crate::tree::Tree;
use bmt_io::SimDisk;

#[test]
fn a_window_is_bounded_however_many_changes_one_leaf_has() {
    let options = TreeOptions::new(1, |_| [0; 32]);
    let (_tree, index) = Tree::create(SimDisk::new(1).directory(), options).unwrap();
    let keys = Random(1).keys(3 * WINDOW_CHANGES + 7, 0);
    let run = Run::new(keys.iter().map(|key| (*key, Change::Delete)), |_| [0; 32]).unwrap();
    let run = Arc::new(run);
    let mut planner = Planner::new(&index, Cursor::new([&run].into_iter(), &[0; 32]), None);
    let mut found = Vec::new();
    while let Some(window) = planner.next_window() {
        assert!(window.changes.len() <= WINDOW_CHANGES);
        let [part] = &window.leaves[..] else { panic!("one leaf's place") };
        assert_eq!(part.is_continued, !found.is_empty());
        found.extend(window.changes.iter().map(|entry| entry.key));
        assert_eq!(part.rest.as_ref(), keys.get(found.len()));
    }
    assert_eq!(found, keys);
}
