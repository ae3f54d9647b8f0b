//! Waves against the reference trie: whole tries, subtries at any depth, upper tries.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::nomt_compat::{Blake2b256, NomtCompat};
use crate::reference;
use crate::root::root_sorted;
use crate::root::tests::{KeySet, entries_of};
use crate::scheme::NodeKind;
use alloc::collections::BTreeMap;
use quickcheck::QuickCheck;

/// The subtrie hashes at every prefix of `prefix_bits` bits that some entry has.
fn frontier<S: Scheme>(
    entries: &[(S::Key, Vec<u8>)],
    prefix_bits: impl Fn(&S::Key) -> usize,
) -> Vec<FrontierEntry<S::Key>> {
    let mut rest = entries;
    let mut wave = Wave::<S>::new();
    let mut found = Vec::new();
    while let Some((first, _)) = rest.first() {
        let bits = prefix_bits(first);
        let inside = rest.partition_point(|(key, _)| {
            crate::bits::shared_prefix_bits(key.as_bytes(), first.as_bytes()) >= bits
        });
        let (inside, after) = rest.split_at(inside);
        let root = wave.add_sorted(bits, inside);
        let kind = if inside.len() == 1 { NodeKind::Leaf } else { NodeKind::Branch };
        found.push((root, *first, bits, kind));
        rest = after;
    }
    let roots = wave.finish(|(), _| {});
    let entry = |(root, prefix, prefix_bits, kind)| FrontierEntry {
        prefix,
        prefix_bits,
        kind,
        hash: roots[root],
    };
    found.into_iter().map(entry).collect()
}

fn upper_trie_agrees<S: Scheme>(keys: &KeySet, split: u8) -> bool {
    let entries = entries_of::<S>(keys);
    // Two sizes of prefixes, so that none begins with another.
    let bits = |key: &S::Key| {
        usize::from(split) % (8 * S::Key::LEN - 1) + usize::from(key.as_bytes()[0] >> 7)
    };
    let mut wave = Wave::<S>::new();
    let root = wave.add_frontier(0, frontier::<S>(&entries, bits));
    wave.finish(|(), _| {})[root] == reference::root::<S, _>(&entries)
}

#[test]
fn an_upper_trie_over_known_hashes_has_the_root_of_the_whole() {
    fn property(keys: KeySet, split: u8) -> bool {
        upper_trie_agrees::<GrayPaper>(&keys, split)
            && upper_trie_agrees::<NomtCompat<Blake2b256>>(&keys, split)
    }
    QuickCheck::new().tests(100).quickcheck(property as fn(KeySet, u8) -> bool);
}

/// Flushing at every possible moment changes nothing, and every node is visited once with the hash
/// that its subtrie has by the definition.
#[test]
fn flushes_at_any_time_and_visits_of_every_node() {
    fn property(keys: KeySet, every: u8) -> bool {
        let entries = entries_of::<GrayPaper>(&keys);
        let mut wave = Wave::<GrayPaper, (usize, StateKey)>::new();
        let mut seen = BTreeMap::new();
        wave.begin(0);
        let mut from = 0;
        let mut added = 0;
        for (index, (key, value)) in entries.iter().enumerate() {
            let to = entries.get(index + 1).map_or(0, |(next, _)| {
                1 + crate::bits::shared_prefix_bits(key.as_bytes(), next.as_bytes())
            });
            for depth in from..to {
                wave.branch(key, depth, (depth, *key));
                added += 1;
                if added % (usize::from(every) + 1) == 0 {
                    wave.flush(|tag, hash| assert!(seen.insert(tag, *hash).is_none()));
                }
            }
            let depth = from.max(to);
            wave.leaf(key, depth, LeafValue::Bytes(value), (depth, *key));
            added += 1;
            from = to;
        }
        wave.finish(|tag, hash| assert!(seen.insert(tag, *hash).is_none()));
        assert_eq!(seen.len(), added);
        assert_eq!(wave.counts().nodes, added as u64);
        seen.iter().all(|((depth, key), hash)| *hash == subtrie_hash(&entries, *depth, key))
    }
    QuickCheck::new().tests(50).quickcheck(property as fn(KeySet, u8) -> bool);
}

/// The hash at `depth` on `key`'s path, straight from the definition.
fn subtrie_hash(entries: &[(StateKey, Vec<u8>)], depth: usize, key: &StateKey) -> Hash {
    let shares = |other: &StateKey, bits| {
        crate::bits::shared_prefix_bits(other.as_bytes(), key.as_bytes()) >= bits
    };
    let inside: Vec<_> = entries.iter().filter(|(other, _)| shares(other, depth)).collect();
    match inside.as_slice() {
        [] => EMPTY_ROOT,
        [(key, value)] => GrayPaper::hash_leaf(key, LeafValue::Bytes(value)),
        _ => {
            let (right, left): (Vec<_>, Vec<_>) =
                inside.iter().partition(|(other, _)| bit_at(other.as_bytes(), depth));
            let side = |side: Vec<&&(StateKey, Vec<u8>)>| match side.first() {
                Some((other, _)) => subtrie_hash(entries, depth + 1, other),
                None => EMPTY_ROOT,
            };
            GrayPaper::hash_branch(&side(left), &side(right))
        }
    }
}

#[test]
fn many_nodes_are_hashed_in_full_lanes() {
    let entries: Vec<_> = (0..20_000_u32)
        .map(|index| (GrayPaper::hash_value(&index.to_le_bytes())[..31].to_vec(), [1; 40]))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .map(|(key, value)| (StateKey::from_slice(&key).unwrap(), value))
        .collect();
    let mut wave = Wave::<GrayPaper>::new();
    wave.add_sorted(0, &entries);
    let root = wave.finish(|(), _| {})[0];
    assert_eq!(root, root_sorted::<GrayPaper, _>(&entries));
    let HashCounts { nodes, nodes_in_full_lanes, values, .. } = wave.counts();
    assert_eq!(values, 20_000);
    assert!((48_000..50_000).contains(&nodes), "{nodes} nodes");
    assert!(
        100 * nodes_in_full_lanes > 97 * nodes,
        "{nodes_in_full_lanes} of {nodes} in full lanes"
    );
}

#[test]
#[should_panic(expected = "a node comes after its parent")]
fn a_node_without_its_parent_is_a_programmer_mistake() {
    let mut wave = Wave::<GrayPaper>::new();
    wave.begin(0);
    wave.branch(&StateKey::MIN, 0, ());
    wave.branch(&StateKey::MIN, 2, ());
}

#[test]
#[should_panic(expected = "no prefix begins with another")]
fn nested_prefixes_are_a_programmer_mistake() {
    let entry = |prefix, prefix_bits| FrontierEntry {
        prefix,
        prefix_bits,
        kind: NodeKind::Branch,
        hash: [1; 32],
    };
    Wave::<GrayPaper>::new()
        .add_frontier(0, [entry(StateKey::MIN, 3), entry(StateKey::component(1), 8)]);
}
