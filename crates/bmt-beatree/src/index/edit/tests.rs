//! Tests of index edits against a sorted map.

use super::super::search::{locate, locate_below};
use super::*;
use crate::key::separator_bytes;
use crate::page::Seal;
use crate::page::branch::encode;
use crate::sample::Random;
use std::collections::{BTreeMap, BTreeSet};

type Model = BTreeMap<Key, PageRef>;

/// Pages in a set; every page is encoded, so that what does not fit is found.
#[derive(Default)]
struct Pages {
    next: u32,
    live: BTreeSet<u32>,
}

impl BranchPages for Pages {
    fn write(&mut self, level: u8, items: &[Item]) -> Result<PageRef, TreeError> {
        self.next += 1;
        self.live.insert(self.next);
        let mut bytes = vec![0; 4096];
        Ok(encode(Seal::new(1), self.next, level, &Node::page_children(items), &mut bytes))
    }

    fn release(&mut self, page: u32) {
        assert!(self.live.remove(&page), "a live page");
    }
}

fn live(node: &Node, pages: &mut BTreeSet<u32>) {
    assert!(pages.insert(node.place.page), "reached once");
    for index in 0..node.child_count() {
        if let Some(child) = node.node(index) {
            assert_eq!(child.separator(0), node.separator(index), "INV-BT-05");
            live(child, pages);
        }
    }
}

fn check(root: Option<&Arc<Node>>, model: &Model, pages: &Pages, random: &mut Random) {
    let mut reached = BTreeSet::new();
    if let Some(root) = root {
        live(root, &mut reached);
    }
    assert_eq!(reached, pages.live);
    assert_eq!(root.is_none(), model.is_empty());
    let Some(root) = root else { return };
    let first = *model.keys().next().unwrap();
    for _ in 0..50 {
        let share = random.below(20);
        let key = random.key(share);
        let spot = locate(root, &key);
        let (separator, leaf) = model.range(..=key).next_back().unwrap_or((&first, &model[&first]));
        assert_eq!((spot.separator, spot.leaf), (*separator, *leaf));
        assert_eq!(spot.low, if *separator == first { [0; 32] } else { *separator });
        let above = (std::ops::Bound::Excluded(*separator), std::ops::Bound::Unbounded);
        assert_eq!(spot.high, model.range(above).next().map(|(key, _)| *key));
        let below = model.range(..key).next_back().map_or(first, |(key, _)| *key);
        assert_eq!(locate_below(root, Some(&key)).separator, below);
    }
    assert_eq!(locate_below(root, None).separator, *model.keys().next_back().unwrap());
}

/// A separator below `high` and above `low`, mostly short.
fn between(random: &mut Random, low: &Key, high: Option<&Key>) -> Option<Key> {
    let mut key = *low;
    let at = separator_bytes(low).max(1) - 1 + random.below(3);
    if at < 32 {
        key[at] = key[at].saturating_add(1 + u8::try_from(random.below(40)).unwrap());
        key[at + 1..].fill(0);
    }
    (key > *low && high.is_none_or(|high| key < *high)).then_some(key)
}

/// Edits of so many leaves in a hundred, each to at most `growth` leaves.
fn edits(random: &mut Random, model: &mut Model, share: usize, growth: usize) -> Vec<Edit> {
    let old: Vec<Key> = model.keys().copied().collect();
    let (mut edits, mut page) = (Vec::new(), 1_000_000);
    for (index, separator) in old.iter().enumerate() {
        if random.below(100) >= share {
            continue;
        }
        model.remove(separator);
        let count = random.below(growth + 1);
        let (mut leaves, mut at) = (Vec::new(), *separator);
        if index == 0 {
            at = [0; 32];
        }
        for _ in 0..count {
            page += 1;
            let place = PageRef { page, checksum: random.next() };
            leaves.push((at, place));
            model.insert(at, place);
            match between(random, &at, old.get(index + 1)) {
                Some(next) => at = next,
                None => break,
            }
        }
        edits.push(Edit { separator: *separator, leaves });
    }
    edits
}

#[test]
fn edits_are_what_a_sorted_map_does() {
    for seed in 0..30 {
        let mut random = Random(seed);
        let mut pages = Pages::default();
        let mut model = BTreeMap::from([([0; 32], PageRef { page: 1, checksum: 1 })]);
        let items: Vec<Item> = model.iter().map(|(key, leaf)| (*key, Below::Leaf(*leaf))).collect();
        let mut root = grow(items, 1, &mut pages).unwrap();
        for round in 0..40 {
            let Some(old) = root.clone() else { break };
            let (share, growth) = match (round, model.len()) {
                (0..20, 0..2000) => (100, 8),
                (20.., _) => (random.pick(&[1, 10, 60, 95]), 1),
                _ => (random.pick(&[1, 10, 60]), 3),
            };
            let edits = edits(&mut random, &mut model, share, growth);
            root = edit(&old, &edits, &mut pages).unwrap();
            check(root.as_ref(), &model, &pages, &mut random);
        }
    }
}
