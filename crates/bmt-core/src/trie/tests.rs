//! The incremental trie against a map and the reference trie.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::reference;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Bound;
use quickcheck::{Arbitrary, Gen, QuickCheck};

type Model = BTreeMap<StateKey, Vec<u8>>;

/// Keys that collide: few bytes in use, long shared prefixes, neighbours in one bit.
#[derive(Debug, Clone)]
pub(crate) struct DenseKey(pub(crate) StateKey);

impl Arbitrary for DenseKey {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut bytes = [*g.choose(&[0, 0xff, 0x5a]).unwrap(); 31];
        for _ in 0..usize::arbitrary(g) % 3 {
            let bit = usize::arbitrary(g) % 248;
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
        if bool::arbitrary(g) {
            bytes[0] = u8::arbitrary(g);
        }
        Self(StateKey::new(bytes))
    }
}

#[derive(Debug, Clone)]
enum Step {
    Insert(DenseKey, usize, u8),
    Remove(DenseKey),
    RemoveNearest(DenseKey),
    Root,
    Snapshot,
}

impl Arbitrary for Step {
    fn arbitrary(g: &mut Gen) -> Self {
        let key = DenseKey::arbitrary(g);
        match u8::arbitrary(g) % 10 {
            0..=4 => {
                let length = *g.choose(&[0, 1, 31, 32, 33, 128, 129, 300]).unwrap();
                Self::Insert(key, length, u8::arbitrary(g))
            }
            5 => Self::Remove(key),
            6 | 7 => Self::RemoveNearest(key),
            8 => Self::Root,
            _ => Self::Snapshot,
        }
    }
}

fn reference_root(model: &Model) -> Hash {
    let entries: Vec<_> = model.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}

fn agree(trie: &mut Trie<GrayPaper>, model: &Model) {
    assert_eq!(trie.root(), reference_root(model));
    assert_eq!(trie.len(), model.len());
    let owned: Vec<_> = model.iter().map(|(key, value)| (*key, value.clone())).collect();
    let forwards: Vec<_> = trie.iter().map(|(key, value)| (key, value.to_vec())).collect();
    assert_eq!(forwards, owned);
    let mut backwards: Vec<_> =
        trie.iter().rev().map(|(key, value)| (key, value.to_vec())).collect();
    backwards.reverse();
    assert_eq!(backwards, owned);
}

fn run(steps: Vec<Step>) -> bool {
    let (mut trie, mut model) = (Trie::<GrayPaper>::new(), Model::new());
    let mut snapshots = Vec::new();
    for step in steps {
        match step {
            Step::Insert(DenseKey(key), length, byte) => {
                let value = alloc::vec![byte; length];
                let before = trie.insert(key, value.clone()).map(|value| value.to_vec());
                assert_eq!(before, model.insert(key, value));
            }
            Step::Remove(DenseKey(key)) => {
                let before = trie.remove(&key).map(|value| value.to_vec());
                assert_eq!(before, model.remove(&key));
            }
            Step::RemoveNearest(DenseKey(key)) => {
                let nearest = model.range(key..).next().map(|(key, _)| *key);
                if let Some(key) = nearest {
                    let before = trie.remove(&key).map(|value| value.to_vec());
                    assert_eq!(before, model.remove(&key));
                    assert_eq!(trie.get(&key), None);
                }
            }
            Step::Root => agree(&mut trie, &model),
            Step::Snapshot => snapshots.push((trie.clone(), model.clone())),
        }
    }
    agree(&mut trie, &model);
    for (mut trie, model) in snapshots {
        agree(&mut trie, &model);
    }
    true
}

#[test]
fn any_history_gives_the_reference_root_and_clones_do_not_change() {
    QuickCheck::new().tests(400).quickcheck(run as fn(Vec<Step>) -> bool);
}

#[test]
fn ranges_agree_with_a_map() {
    fn check(keys: Vec<DenseKey>, from: DenseKey, to: DenseKey, form: u8) -> bool {
        let model: Model = keys.iter().map(|key| (key.0, alloc::vec![1])).collect();
        let trie: Trie<GrayPaper> =
            model.iter().map(|(key, value)| (*key, value.clone())).collect();
        let (from, to) = (from.0.min(to.0), from.0.max(to.0));
        let bound = |key, form| match form % 3 {
            0 => Bound::Included(key),
            1 => Bound::Excluded(key),
            _ => Bound::Unbounded,
        };
        let bounds = (bound(from, form), bound(to, form / 3));
        if bounds == (Bound::Excluded(from), Bound::Excluded(from)) {
            return trie.range(bounds).next().is_none(); // a BTreeMap panics here
        }
        let expected: Vec<_> = model.range(bounds).map(|(key, _)| *key).collect();
        let mut range = trie.range(bounds);
        let (mut front, mut back) = (Vec::new(), Vec::new());
        while let Some((key, _)) = range.next() {
            front.push(key);
            back.extend(range.next_back().map(|(key, _)| key));
        }
        assert!(range.next_back().is_none());
        back.reverse();
        front.extend(back);
        front == expected
    }
    QuickCheck::new()
        .tests(500)
        .quickcheck(check as fn(Vec<DenseKey>, DenseKey, DenseKey, u8) -> bool);
}

#[test]
fn an_inverted_range_is_empty() {
    let trie: Trie<GrayPaper> = [(StateKey::component(5), alloc::vec![1])].into_iter().collect();
    let inverted = (Bound::Included(StateKey::MAX), Bound::Included(StateKey::MIN));
    assert!(trie.range(inverted).next().is_none());
    assert!(trie.range(inverted).next_back().is_none());
}

#[test]
fn an_empty_value_is_present() {
    let mut trie = Trie::<GrayPaper>::new();
    trie.insert(StateKey::MIN, Vec::new());
    assert_eq!(trie.get(&StateKey::MIN).map(|value| value.len()), Some(0));
    assert_ne!(trie.root(), EMPTY_ROOT);
}
