//! Roots after few and after many changes, with hashes kept from before.

use crate::gray_paper::GrayPaper;
use crate::nomt_compat::{Blake2b256, NomtCompat};
use crate::reference;
use crate::root::tests::{KeySet, entries_of};
use crate::scheme::Scheme;
use crate::trie::Trie;
use alloc::vec;
use alloc::vec::Vec;
use quickcheck::QuickCheck;

/// Changes every `step`th value twice over, and compares with the reference after each round; the
/// clone from before keeps its root.
fn rounds_agree<S: Scheme>(keys: &KeySet, step: usize) -> bool {
    let mut entries = entries_of::<S>(keys);
    let mut trie: Trie<S> = entries.iter().cloned().collect();
    (0..3).all(|round| {
        let root = reference::root::<S, _>(&entries);
        let mut before = trie.clone();
        for (key, value) in entries.iter_mut().skip(round).step_by(step) {
            *value = vec![9; value.len() + 7];
            trie.insert(*key, value.clone());
        }
        let changed = reference::root::<S, _>(&entries);
        trie.root() == changed && before.root() == root && trie.root() == changed
    })
}

#[test]
fn any_set_with_few_or_many_changes() {
    fn property(keys: KeySet, step: u8) -> bool {
        let step = usize::from(step) % 70 + 1;
        rounds_agree::<GrayPaper>(&keys, step)
            && rounds_agree::<NomtCompat<Blake2b256>>(&keys, step)
    }
    QuickCheck::new().tests(100).quickcheck(property as fn(KeySet, u8) -> bool);
}

#[test]
fn more_changes_than_a_wave_holds() {
    let entries: Vec<_> = {
        let mut keys: Vec<_> =
            (0..6000_u32).map(|index| GrayPaper::hash_value(&index.to_le_bytes())).collect();
        keys.sort_unstable();
        keys.into_iter().map(|key| (key, vec![1; 50])).collect()
    };
    let mut trie: Trie<NomtCompat<Blake2b256>> = entries.iter().cloned().collect();
    assert_eq!(trie.root(), reference::root::<NomtCompat<Blake2b256>, _>(&entries));
    for (key, _) in entries.iter().skip(1) {
        trie.remove(key);
    }
    assert_eq!(trie.root(), reference::root::<NomtCompat<Blake2b256>, _>(&entries[..1]));
}
