//! Adding an upper trie over subtries whose hashes are known.

use super::Wave;
use super::sorted::parting_bit;
use crate::scheme::{Hash, NodeKind, Scheme};

/// A subtrie whose hash is known: an entry of the frontier between upper and bottom tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrontierEntry<K> {
    /// The first `prefix_bits` bits of every key below, then zeros (or any such key).
    pub prefix: K,
    /// Depth of the subtrie's root: where a branch stands, and the deepest a leaf can.
    pub prefix_bits: usize,
    /// What the subtrie's root is.
    pub kind: NodeKind,
    /// The subtrie root's labelled hash.
    pub hash: Hash,
}

impl<S: Scheme> Wave<'_, S> {
    /// Begins the trie over `entries` with its root at `depth`, adds all its nodes, and flushes as
    /// often as the wave is full. Returns the index of its root.
    ///
    /// A branch gets one-sided branches above it where it needs them; a leaf moves up as far as it
    /// is alone.
    ///
    /// # Panics
    /// When the prefixes are not strictly ascending, one begins with another, or they differ in
    /// their first `depth` bits.
    pub fn add_frontier(
        &mut self,
        depth: usize,
        entries: impl IntoIterator<Item = FrontierEntry<S::Key>>,
    ) -> usize {
        let root = self.begin(depth);
        let mut entries = entries.into_iter().peekable();
        let mut from = depth;
        while let Some(entry) = entries.next() {
            let to = match entries.peek() {
                Some(next) => 1 + parting_bit(&entry.prefix, &next.prefix, depth),
                None => depth,
            };
            let alone = from.max(to);
            assert!(alone <= entry.prefix_bits, "no prefix begins with another");
            let at = match entry.kind {
                NodeKind::Leaf => alone,
                NodeKind::Branch => entry.prefix_bits,
            };
            self.branches(&entry.prefix, from..at);
            self.known(&entry.prefix, at, &entry.hash);
            from = to;
            if self.is_full() {
                self.flush(|(), _| {});
            }
        }
        root
    }
}
