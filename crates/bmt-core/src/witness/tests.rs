//! Deletions, and what a witness does not know.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::scheme::EMPTY_ROOT;
use crate::trie::Trie;

type Writes = [(StateKey, Option<&'static [u8]>)];

fn key(first: u8) -> StateKey {
    let mut bytes = [0x5a; 31];
    bytes[0] = first;
    StateKey::new(bytes)
}

fn trie(firsts: &[u8]) -> Trie<GrayPaper> {
    firsts.iter().map(|first| (key(*first), alloc::vec![*first; 3])).collect()
}

/// The root after the writes, by the trie and by a witness made for `shown`.
fn both(
    trie: &Trie<GrayPaper>,
    shown: &Writes,
    writes: &Writes,
) -> (Hash, Result<Hash, WitnessError>) {
    let (mut before, mut after) = (trie.clone(), trie.clone());
    for (key, value) in writes {
        match value {
            Some(value) => drop(after.insert(*key, *value)),
            None => drop(after.remove(key)),
        }
    }
    let witness = before.witness([], shown.iter().copied());
    let witness = Witness::<GrayPaper>::decode(&witness.encode()).unwrap();
    let state = witness.verify(&before.root()).unwrap();
    (after.root(), state.apply(writes.iter().copied()))
}

fn agree(trie: &Trie<GrayPaper>, writes: &Writes) {
    let (expected, found) = both(trie, writes, writes);
    assert_eq!(found, Ok(expected));
}

#[test]
fn a_lone_sibling_moves_up_if_it_is_a_leaf() {
    agree(&trie(&[0x00, 0x80]), &[(key(0x00), None)]);
    agree(&trie(&[0x00, 0x80]), &[(key(0x80), None)]);
    // The sibling is a branch: it stays below.
    agree(&trie(&[0x00, 0x80, 0xc0]), &[(key(0x00), None)]);
    agree(&trie(&[0x00, 0x40, 0x80]), &[(key(0x80), None)]);
    // It moves up through one-sided branches, to another key, or to the root.
    agree(&trie(&[0x00, 0x01, 0x80]), &[(key(0x01), None)]);
    agree(&trie(&[0x00, 0x01, 0x80]), &[(key(0x80), None), (key(0x00), None)]);
    agree(&trie(&[0x00, 0x01]), &[(key(0x00), None)]);
}

#[test]
fn deleting_everything_gives_the_empty_root() {
    let writes: [_; 4] = [0x00, 0x01, 0x80, 0xff].map(|first| (key(first), None));
    let (expected, found) = both(&trie(&[0x00, 0x01, 0x80, 0xff]), &writes, &writes);
    assert_eq!((expected, found), (EMPTY_ROOT, Ok(EMPTY_ROOT)));
}

#[test]
fn a_key_comes_under_an_empty_place_or_splits_a_leaf() {
    agree(&trie(&[]), &[(key(1), Some(b"first"))]);
    agree(&trie(&[0x80, 0xc0]), &[(key(0x00), Some(b"left of the root"))]);
    agree(&trie(&[0x00, 0x80]), &[(key(0x01), Some(b"splits")), (key(0x02), Some(b"again"))]);
    agree(&trie(&[0x00, 0x80]), &[(key(0x00), None), (key(0x01), Some(b"instead"))]);
    agree(&trie(&[0x00, 0x80]), &[(key(0x81), None), (key(0x01), None)]);
}

/// INV-WI-03.
#[test]
fn writes_beyond_the_witness_are_refused() {
    let trie = trie(&[0x00, 0x80, 0xc0]);
    let shown: &Writes = &[(key(0x00), Some(b"set"))];
    let (_, uncovered) = both(&trie, shown, &[(key(0x00), Some(b"x")), (key(0xff), None)]);
    assert_eq!(uncovered, Err(WitnessError::NotCovered { index: 1 }));
    // Set is not delete: nothing tells what would be left alone.
    let (_, alone) = both(&trie, shown, &[(key(0x00), None)]);
    assert_eq!(alone, Err(WitnessError::SiblingHidden { depth: 0 }));
    let (expected, found) = both(&trie, shown, &[(key(0x00), Some(b"another value"))]);
    assert_eq!(found, Ok(expected));
}

/// INV-WI-02.
#[test]
fn only_what_was_read_is_known() {
    let mut trie = trie(&[0x00, 0x40, 0x80]);
    let witness = trie.witness([key(0x00), key(0x01)], [(key(0x40), Some(b"x"))]);
    let root = trie.root();
    let state = witness.verify(&root).unwrap();
    assert_eq!(state.root(), &root);
    assert_eq!(state.get(&key(0x00)), Lookup::Value(&[0; 3]));
    assert_eq!(state.get(&key(0x01)), Lookup::Absent);
    assert_eq!(state.get(&key(0x40)), Lookup::NotCovered, "written, not read");
    assert_eq!(state.get(&key(0x41)), Lookup::Absent);
    assert_eq!(state.get(&key(0x80)), Lookup::NotCovered);
    let other = Err(WitnessError::RootMismatch { expected: EMPTY_ROOT, computed: root });
    assert_eq!(witness.verify(&EMPTY_ROOT).map(drop), other);
}

/// INV-WI-04.
#[test]
fn a_value_length_has_one_form() {
    let mut trie: Trie<GrayPaper> = [(StateKey::MIN, alloc::vec![7; 2])].into_iter().collect();
    let bytes = trie.witness::<&[u8]>([StateKey::MIN], []).encode();
    let (head, tail) = bytes.split_at(bytes.len() - 3);
    assert_eq!(tail, [2, 7, 7]);
    let longer = [head, &[0x82, 0, 7, 7]].concat();
    assert_eq!(
        Witness::<GrayPaper>::decode(&longer),
        Err(OutlineError::ValueLength { offset: head.len() }.into())
    );
    let huge = [head, &[0xff, 0xff, 0xff, 0xff, 0x0f, 7]].concat();
    assert!(matches!(
        Witness::<GrayPaper>::decode(&huge),
        Err(WitnessError::Outline(OutlineError::Truncated { .. }))
    ));
}
