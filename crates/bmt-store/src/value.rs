//! The bytes a read returns.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A value read from the database. It dereferences to the bytes without copying them, and keeps
/// them alive whatever is written later: the page in memory that holds them, or the changes of a
/// commit.
#[derive(Clone)]
pub struct Value(Source);

#[derive(Clone)]
enum Source {
    Own(Arc<[u8]>),
    Tree(bmt_beatree::Value),
}

impl Value {
    /// The bytes, copied into a vector.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        <[u8]>::to_vec(self)
    }
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Source::Own(bytes) => bytes,
            Source::Tree(value) => value,
        }
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<Arc<[u8]>> for Value {
    fn from(bytes: Arc<[u8]>) -> Self {
        Self(Source::Own(bytes))
    }
}

impl From<bmt_beatree::Value> for Value {
    fn from(value: bmt_beatree::Value) -> Self {
        Self(Source::Tree(value))
    }
}

impl From<Value> for Vec<u8> {
    fn from(value: Value) -> Self {
        value.to_vec()
    }
}

impl From<Value> for Arc<[u8]> {
    fn from(value: Value) -> Self {
        match value.0 {
            Source::Own(bytes) => bytes,
            Source::Tree(value) => Self::from(&*value),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Value {}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl std::hash::Hash for Value {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl PartialEq<[u8]> for Value {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl PartialEq<&[u8]> for Value {
    fn eq(&self, other: &&[u8]) -> bool {
        **self == **other
    }
}

impl<const N: usize> PartialEq<&[u8; N]> for Value {
    fn eq(&self, other: &&[u8; N]) -> bool {
        **self == other[..]
    }
}

impl PartialEq<Vec<u8>> for Value {
    fn eq(&self, other: &Vec<u8>) -> bool {
        **self == other[..]
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN_BYTES: usize = 32;
        write!(f, "Value({} bytes: ", self.len())?;
        self.iter().take(SHOWN_BYTES).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str(if self.len() > SHOWN_BYTES { "…)" } else { ")" })
    }
}
