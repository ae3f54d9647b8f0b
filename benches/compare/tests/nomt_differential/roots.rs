//! Roots: of whole sets, and after updates, insertions and deletions.

use crate::peer::{Pair, Peer, WithBlake3, WithSha256};
use crate::sets::{COUNTS, Changes, Key, Set, Shape, apply};
use bmt_compare::workload::Random;
use bmt_core::{EMPTY_ROOT, Hash, Scheme, Trie, reference, root_sorted};
use nomt::hasher::ValueHasher;

/// Batches of changes to each set.
const ROUNDS: usize = 3;
/// The reference trie is slow: larger sets than this go without it.
const REFERENCE_COUNT_MAX: usize = 2_000;

#[test]
fn roots_are_nomts_with_blake3() {
    each_set::<WithBlake3>();
}

#[test]
fn roots_are_nomts_with_sha256() {
    each_set::<WithSha256>();
}

fn each_set<P: Pair>() {
    for shape in Shape::ALL {
        for count in COUNTS {
            let mut random = Random::new(count as u64);
            let mut set = shape.set(count, &mut random);
            let (peer, mut trie) = Peer::<P>::with(&set);
            assert_eq!(every_root::<P>(&set), peer.root(), "{shape:?} {count}");
            for round in 0..ROUNDS {
                let changes = shape.changes(&set, count.div_ceil(5), &mut random);
                apply(&mut set, &changes);
                write(&mut trie, &changes);
                peer.commit(&changes);
                let root = peer.root();
                assert_eq!(trie.root(), root, "{shape:?} {count}, round {round}");
                assert_eq!(every_root::<P>(&set), root, "{shape:?} {count}, round {round}");
            }
            let deletions: Changes = set.keys().map(|key| (*key, None)).collect();
            write(&mut trie, &deletions);
            peer.commit(&deletions);
            assert_eq!([trie.root(), peer.root()], [EMPTY_ROOT; 2], "{shape:?} {count}");
        }
    }
}

fn write<S: Scheme<Key = Key>>(trie: &mut Trie<S>, changes: &Changes) {
    for (key, value) in changes {
        match value {
            Some(value) => trie.insert(*key, &value[..]),
            None => trie.remove(key),
        };
    }
}

/// The root of the set, by each of our ways and by nomt-core's, which agree.
fn every_root<P: Pair>(set: &Set) -> Hash {
    let entries: Vec<_> = set.iter().map(|(key, value)| (*key, &value[..])).collect();
    let root = root_sorted::<P::Ours, _>(&entries);
    if entries.len() <= REFERENCE_COUNT_MAX {
        assert_eq!(root, reference::root::<P::Ours, _>(&entries));
    }
    let hashed = entries.iter().map(|(key, value)| (*key, P::Theirs::hash_value(value)));
    assert_eq!(root, nomt_core::update::build_trie::<P::Theirs>(0, hashed, |_| {}));
    root
}
