//! A value that was read, without copying it.

use crate::buffer::run::{Run, StoredValue};
use crate::leaf_cache::LeafPage;
use core::fmt;
use core::ops::{Deref, Range};
use std::sync::Arc;

/// A value: dereferences to its bytes. It keeps the memory that holds them (a leaf, or a run of
/// changes), and nothing on disk.
#[derive(Clone)]
pub struct Value(Source);

#[derive(Clone)]
enum Source {
    Leaf { leaf: Arc<LeafPage>, range: Range<usize> },
    Run { run: Arc<Run>, index: usize },
    Owned(Arc<Vec<u8>>),
}

impl Value {
    pub(crate) fn in_leaf(leaf: &Arc<LeafPage>, range: Range<usize>) -> Self {
        Self(Source::Leaf { leaf: Arc::clone(leaf), range })
    }

    pub(crate) fn in_run(run: &Arc<Run>, index: usize) -> Self {
        Self(Source::Run { run: Arc::clone(run), index })
    }

    pub(crate) fn owned(bytes: Vec<u8>) -> Self {
        Self(Source::Owned(Arc::new(bytes)))
    }

    /// The bytes for themselves: a copy, unless this is the only owner of a long value.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        match self.0 {
            Source::Owned(bytes) => Arc::try_unwrap(bytes).unwrap_or_else(|bytes| bytes.to_vec()),
            source => Self(source).to_vec(),
        }
    }
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Source::Leaf { leaf, range } => leaf.bytes(range.clone()),
            Source::Run { run, index } => match run.value(*index) {
                StoredValue::Value { bytes, .. } => bytes,
                StoredValue::Deleted => &[],
            },
            Source::Owned(bytes) => bytes,
        }
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Value {}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Value").field(&&**self).finish()
    }
}
