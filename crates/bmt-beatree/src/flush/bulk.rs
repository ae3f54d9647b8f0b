//! Building a tree from sorted entries, in one pass and one slice.

use super::packer::Packer;
use super::{Slice, slice};
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::index_version::Index;
use crate::key::Key;
use crate::tree::Tree;
use crate::weight::{PLAIN_VALUE_BYTES_MAX, VALUE_BYTES_MAX};

/// Bytes after which the page file is synced while a tree is built: nothing else waits for the device then.
const SYNC_BYTES: u64 = 512 << 20;

impl Tree {
    /// Writes sorted entries into an empty tree, each page once and in order. `base` is the newest
    /// index. Store the meta record of the slice, then call [`Slice::into_index`].
    ///
    /// # Errors
    /// [`TreeError::NotEmpty`], [`TreeError::Unsorted`], [`TreeError::ValueTooLarge`], and as
    /// [`crate::Flush::next_slice`]; the tree is then as it was.
    pub fn bulk_build<V: AsRef<[u8]>>(
        &self,
        base: &Index,
        entries: impl IntoIterator<Item = (Key, V)>,
    ) -> Result<Slice, TreeError> {
        let entry_count = base.counts().entries;
        if entry_count > 0 {
            return Err(TreeError::NotEmpty { entry_count });
        }
        let hasher = self.file.options.value_hasher;
        slice::write(&self.file, base, SYNC_BYTES, |writer| {
            let mut packer = Packer::new(base, writer);
            let mut last = None;
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if last.replace(key).is_some_and(|last| last >= key) {
                    return Err(TreeError::Unsorted { index });
                }
                let bytes = value.as_ref();
                if bytes.len() > VALUE_BYTES_MAX {
                    let (len_bytes, limit_bytes) = (bytes.len(), VALUE_BYTES_MAX);
                    return Err(TreeError::ValueTooLarge { len_bytes, limit_bytes });
                }
                let hash = (bytes.len() > PLAIN_VALUE_BYTES_MAX).then(|| hasher(bytes));
                packer.push(key, StoredValue::Value { bytes, hash: hash.as_ref() })?;
            }
            packer.finish()
        })
    }
}
