//! What the stored form of a trie depends on besides its entries: [`Shape`].

use std::fmt;

/// The weight of an entry, from the length of its value in bytes.
pub type WeightOf = fn(usize) -> u32;

/// No entry weighs more.
pub(crate) const ENTRY_WEIGHT_MAX: u32 = (1 << 29) - 1;

/// What the frontier and the pages of a trie depend on besides its entries. The owner stores it (the
/// weight function as a version), and opens the trie with the same one.
#[derive(Clone, Copy)]
pub struct Shape {
    trie_id: u32,
    weight_max: u32,
    weight_of: WeightOf,
}

impl Shape {
    /// What `weight_max` should be if there is no reason for another one: sixteen entries of the Gray
    /// Paper's scheme with values of 32 bytes, measured in `docs/adr/0052`.
    pub const WEIGHT_MAX_DEFAULT: u32 = 1056;

    /// A shape for the trie with this id: subtries of at most `weight_max` are not stored.
    ///
    /// The weight of an entry should bound the bytes that it takes in a leaf page, and `weight_max`
    /// should be well under half such a page.
    ///
    /// # Panics
    /// When `weight_max` is 2^29 or more.
    #[must_use]
    pub fn new(trie_id: u32, weight_max: u32, weight_of: WeightOf) -> Self {
        assert!(weight_max <= ENTRY_WEIGHT_MAX, "weights are below 2^29");
        Self { trie_id, weight_max, weight_of }
    }

    /// The trie's id among those of one owner.
    #[must_use]
    pub fn trie_id(&self) -> u32 {
        self.trie_id
    }

    /// The greatest weight of a bottom subtrie of several entries.
    #[must_use]
    pub fn weight_max(&self) -> u32 {
        self.weight_max
    }

    /// The weight of an entry with a value of this length.
    #[must_use]
    pub fn weight(&self, value_len: usize) -> u32 {
        (self.weight_of)(value_len).min(ENTRY_WEIGHT_MAX)
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shape")
            .field("trie_id", &self.trie_id)
            .field("weight_max", &self.weight_max)
            .finish_non_exhaustive()
    }
}
