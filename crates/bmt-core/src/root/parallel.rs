//! The same on all threads of a pool: subtries side by side, then the trie above them.

use super::{root_sorted, subtrie_root};
use crate::bits::{bit_at, shared_prefix_bits};
use crate::key::Key;
use crate::scheme::{Hash, NodeKind, Scheme};
use crate::wave::{FrontierEntry, Wave};
use alloc::vec::Vec;
use rayon::prelude::*;

/// Below so many entries a subtrie is not worth a task of its own.
const ENTRIES_MIN: usize = 2048;
/// Subtries for each thread, so that none waits long for the last one.
const PIECES_PER_THREAD: usize = 8;

/// A subtrie: the depth of its root, and its entries.
type Piece<'v, K, V> = (usize, &'v [(K, V)]);

/// As [`root_sorted`], in rayon's current pool. The root is the same whatever the number of threads.
///
/// # Panics
/// When the keys are not strictly ascending.
#[must_use]
pub fn root_sorted_parallel<S, V>(entries: &[(S::Key, V)]) -> Hash
where
    S: Scheme,
    V: AsRef<[u8]> + Sync,
{
    let pieces_wanted = PIECES_PER_THREAD * rayon::current_num_threads();
    let entries_max = (entries.len() / pieces_wanted).max(ENTRIES_MIN);
    if entries.len() <= entries_max {
        return root_sorted::<S, V>(entries);
    }
    let mut pieces = Vec::new();
    cut::<S, V>(entries, 0, entries_max, &mut pieces);
    let frontier: Vec<_> = pieces
        .into_par_iter()
        .map_init(Wave::new, |wave, (depth, piece)| FrontierEntry {
            prefix: piece[0].0,
            prefix_bits: depth,
            kind: if piece.len() == 1 { NodeKind::Leaf } else { NodeKind::Branch },
            hash: subtrie_root::<S, V>(wave, depth, piece),
        })
        .collect();
    let mut wave = Wave::<S>::new();
    let root = wave.add_frontier(0, frontier);
    wave.finish(|(), _| {})[root]
}

/// Cuts the subtrie at `depth` over `entries` into subtries of at most `entries_max` entries, each
/// with the depth of its root.
fn cut<'v, S: Scheme, V>(
    entries: &'v [(S::Key, V)],
    depth: usize,
    entries_max: usize,
    pieces: &mut Vec<Piece<'v, S::Key, V>>,
) {
    let ([(first, _), .., (last, _)], true) = (entries, entries.len() > entries_max) else {
        pieces.push((depth, entries));
        return;
    };
    let split = shared_prefix_bits(first.as_bytes(), last.as_bytes());
    assert!(first < last && depth <= split, "keys are strictly ascending");
    let left = entries.partition_point(|(key, _)| !bit_at(key.as_bytes(), split));
    let (left, right) = entries.split_at(left);
    cut::<S, V>(left, split + 1, entries_max, pieces);
    cut::<S, V>(right, split + 1, entries_max, pieces);
}
