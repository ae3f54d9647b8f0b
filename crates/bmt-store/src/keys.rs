//! Keys of a scheme as keys of the ordered store, which have 32 bytes: the scheme's, then zeros.

use bmt_core::Key;
use bmt_merkle::Prefix;

/// The key in the ordered store.
pub(crate) fn tree_key<K: Key>(key: &K) -> bmt_beatree::Key {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(key.as_bytes()).for_each(|(to, from)| *to = *from);
    bytes
}

/// The scheme's key; `None` if the bytes after it are not zero.
pub(crate) fn scheme_key<K: Key>(bytes: &bmt_beatree::Key) -> Option<K> {
    let (key, padding) = bytes.split_at_checked(K::LEN)?;
    if padding.iter().any(|byte| *byte != 0) {
        return None;
    }
    K::from_slice(key).ok()
}

/// A prefix of the trie as one of the ordered store.
pub(crate) fn tree_prefix<K: Key>(prefix: &Prefix<K>) -> bmt_beatree::Prefix {
    let bits = u16::try_from(prefix.bits()).unwrap_or(256);
    bmt_beatree::Prefix::new(tree_key(prefix.first_key()), bits)
}
