//! Changes of a state, as hashing needs them.

use crate::bits::compare;
use crate::error::MerkleError;
use bmt_core::{Key, LeafValue};

/// A change of one entry.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a, K> {
    /// The key.
    pub key: K,
    /// The new value, or `None` to delete.
    pub value: Option<NewValue<'a>>,
}

/// A value to be set.
#[derive(Debug, Clone, Copy)]
pub struct NewValue<'a> {
    /// Its length in bytes.
    pub len: usize,
    /// The value; or its hash, if the scheme hashes values of this length and it is known.
    pub value: LeafValue<'a>,
}

impl<'a> NewValue<'a> {
    /// A value that is hashed, if it has to be, by the update.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { len: bytes.len(), value: LeafValue::Bytes(bytes) }
    }
}

/// Changes must ascend strictly.
pub(crate) fn check_order<K: Key>(changes: &[Change<'_, K>]) -> Result<(), MerkleError> {
    match changes.windows(2).position(|pair| compare(&pair[0].key, &pair[1].key).is_ge()) {
        None => Ok(()),
        Some(at) => Err(MerkleError::UnsortedChanges { index: at + 1 }),
    }
}
