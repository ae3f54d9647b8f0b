//! What a trie hashes: the [`Scheme`] trait.

use crate::key::Key;
use core::fmt;

/// A 32-byte hash: of a node, of a value, or a root.
pub type Hash = [u8; 32];

/// The root of the empty trie in every scheme: 32 zero bytes, not the hash of anything.
pub const EMPTY_ROOT: Hash = [0; 32];

/// What a node is. It is kept beside a node's hash, because a hash need not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodeKind {
    /// A single entry, at whatever depth it is first alone.
    Leaf,
    /// Two or more entries below; a shared bit is a branch with an empty side.
    Branch,
}

/// The value of a leaf, as far as its preimage needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafValue<'a> {
    /// The value itself, of any length.
    Bytes(&'a [u8]),
    /// The [`Scheme::hash_value`] of a value for which [`Scheme::value_is_hashed`] holds.
    Hashed(&'a Hash),
}

/// How a trie is hashed. Every scheme has the same shape: a binary trie over key bits, a leaf where
/// a key is first alone, a branch while two or more keys remain, [`EMPTY_ROOT`] where none do.
///
/// A node's hash is `label(kind, H(preimage))` with a preimage of 64 bytes, so that many nodes are
/// hashed at once by [`Scheme::hash64_many`].
///
/// Proofs are sound only under a scheme that keeps leaves and branches apart: [`Scheme::parse_leaf`]
/// refuses the preimage of every branch, or [`Scheme::label`] sets a bit in the hash of a leaf and
/// clears it in that of a branch, a bit under [`Scheme::LEFT_FIRST_BYTE_MASK`].
pub trait Scheme: Copy + Default + Eq + fmt::Debug + Send + Sync + 'static {
    /// The key type, which fixes the key length.
    type Key: Key;

    /// Names the scheme in stored files; never reused for another one.
    const ID: u32;
    /// The scheme's name, for messages.
    const NAME: &'static str;
    /// The bits of the first byte of a left child's hash that a branch commits to. The others must
    /// be zero in a proof, or one statement would have several proofs.
    const LEFT_FIRST_BYTE_MASK: u8;
    /// Where in a leaf preimage the key's [`Key::LEN`] bytes begin.
    const LEAF_KEY_OFFSET: usize;

    /// Whether a leaf holds the hash of a value of this length instead of the value.
    fn value_is_hashed(length_bytes: usize) -> bool;

    /// The hash of a value that a leaf refers to.
    fn hash_value(value: &[u8]) -> Hash;

    /// The 64 bytes of which a leaf's hash is taken.
    fn leaf_preimage(key: &Self::Key, value: LeafValue<'_>) -> [u8; 64];

    /// The key in a leaf preimage, or `None` if [`Scheme::leaf_preimage`] can't make these bytes.
    fn parse_leaf(preimage: &[u8; 64]) -> Option<Self::Key>;

    /// Hashes each preimage into the place of the same index, without labels.
    ///
    /// # Panics
    /// When the slices differ in length.
    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]);

    /// The [`Scheme::hash_value`] of each value into the place of the same index.
    ///
    /// # Panics
    /// When the slices differ in length.
    fn hash_values_many(values: &[&[u8]], hashes: &mut [Hash]) {
        assert_eq!(values.len(), hashes.len(), "one place for each hash");
        values.iter().zip(hashes).for_each(|(value, hash)| *hash = Self::hash_value(value));
    }

    /// How many nodes [`Scheme::hash64_many`] hashes side by side on this machine.
    #[must_use]
    fn lane_count() -> usize {
        1
    }

    /// The 64 bytes of which a branch's hash is taken: both child hashes, the left one under
    /// [`Scheme::LEFT_FIRST_BYTE_MASK`].
    ///
    /// This is so in every scheme, since a wave writes the hash of a child straight into its
    /// half of the parent's preimage: do not override it.
    #[must_use]
    fn branch_preimage(left: &Hash, right: &Hash) -> [u8; 64] {
        let mut node = [0; 64];
        node[..32].copy_from_slice(left);
        node[0] &= Self::LEFT_FIRST_BYTE_MASK;
        node[32..].copy_from_slice(right);
        node
    }

    /// Marks a fresh hash with its node's kind, in schemes that do so.
    #[must_use]
    fn label(_kind: NodeKind, hash: Hash) -> Hash {
        hash
    }

    /// The kind that a labelled hash shows, in schemes whose hashes show it.
    #[must_use]
    fn kind_of(_hash: &Hash) -> Option<NodeKind> {
        None
    }

    /// One node's hash: `label(kind, H(preimage))`.
    #[must_use]
    fn hash_node(kind: NodeKind, preimage: &[u8; 64]) -> Hash {
        let mut hash = [EMPTY_ROOT];
        Self::hash64_many(core::slice::from_ref(preimage), &mut hash);
        Self::label(kind, hash[0])
    }

    /// The hash of a lone leaf.
    #[must_use]
    fn hash_leaf(key: &Self::Key, value: LeafValue<'_>) -> Hash {
        Self::hash_node(NodeKind::Leaf, &Self::leaf_preimage(key, value))
    }

    /// The hash of a branch over two subtries, either of which may be empty.
    #[must_use]
    fn hash_branch(left: &Hash, right: &Hash) -> Hash {
        Self::hash_node(NodeKind::Branch, &Self::branch_preimage(left, right))
    }
}
