//! The hash of a subtrie of which every entry is known.

use crate::bits::bit_at;
use crate::key::Key;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};

/// The hash at `depth` of the subtrie over `entries`, which are ascending and share `depth` bits.
/// Allocates nothing; one hash a node.
pub(crate) fn subtrie_root<S: Scheme, V: AsRef<[u8]>>(
    entries: &[(S::Key, V)],
    depth: usize,
) -> Hash {
    match entries {
        [] => EMPTY_ROOT,
        [(key, value)] => S::hash_leaf(key, LeafValue::Bytes(value.as_ref())),
        _ => {
            let (left, right) = halves(entries, depth, |(key, _)| key);
            S::hash_branch(
                &subtrie_root::<S, V>(left, depth + 1),
                &subtrie_root::<S, V>(right, depth + 1),
            )
        }
    }
}

/// Ascending items that share `depth` bits, divided by their next bit.
pub(crate) fn halves<T, K: Key>(items: &[T], depth: usize, key: impl Fn(&T) -> &K) -> (&[T], &[T]) {
    items.split_at(items.partition_point(|item| !bit_at(key(item).as_bytes(), depth)))
}

/// As [`subtrie_root`], from the hashes of the leaves.
pub(crate) fn leaves_root<S: Scheme>(leaves: &[(S::Key, Hash)], depth: usize) -> Hash {
    match leaves {
        [] => EMPTY_ROOT,
        [(_, hash)] => *hash,
        _ => {
            let (left, right) = halves(leaves, depth, |(key, _)| key);
            S::hash_branch(&leaves_root::<S>(left, depth + 1), &leaves_root::<S>(right, depth + 1))
        }
    }
}
