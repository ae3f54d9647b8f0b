//! The root of a whole set of sorted entries, fast.

use crate::scheme::{Hash, Scheme};
use crate::wave::Wave;

#[cfg(feature = "rayon")]
mod parallel;

#[cfg(feature = "rayon")]
pub use parallel::root_sorted_parallel;

/// The root of the entries, sorted by key without repetition, on one thread.
///
/// Equal to [`crate::reference::root`]; costs little more than hashing the nodes, about 2.44 an
/// entry for uniform keys, in [lanes](crate::lanes), and the values that are hashed. Takes less than
/// a megabyte of memory for uniform keys, and several where keys share long prefixes; the number of
/// entries does not count.
///
/// ```
/// use bmt_core::{GrayPaper, StateKey, reference, root_sorted};
///
/// let entries: Vec<_> = (0..99).map(|i| (StateKey::component(i), [i; 32])).collect();
/// assert_eq!(root_sorted::<GrayPaper, _>(&entries), reference::root::<GrayPaper, _>(&entries));
/// ```
///
/// # Panics
/// When the keys are not strictly ascending.
#[must_use]
pub fn root_sorted<S: Scheme, V: AsRef<[u8]>>(entries: &[(S::Key, V)]) -> Hash {
    subtrie_root::<S, V>(&mut Wave::new(), 0, entries)
}

/// The hash of the subtrie at `depth` over `entries`.
fn subtrie_root<'v, S: Scheme, V: AsRef<[u8]>>(
    wave: &mut Wave<'v, S>,
    depth: usize,
    entries: &'v [(S::Key, V)],
) -> Hash {
    wave.clear();
    let root = wave.add_sorted(depth, entries);
    wave.finish(|(), _| {})[root]
}

#[cfg(test)]
pub(crate) mod tests;
