//! The separators of one node, in a form that is small and quick to search.

use crate::key::{Key, separator_bytes, shared_bytes};
use crate::little_endian::array;

/// Separators in ascending order: what they share, and the eight bytes after it of each. Only a node
/// with longer ones keeps them whole.
#[derive(Debug)]
pub(super) struct SeparatorTable {
    first: Key,
    prefix_len: usize,
    heads: Box<[u64]>,
    whole: Option<Box<[Key]>>,
}

impl SeparatorTable {
    pub(super) fn new(separators: &[Key]) -> Self {
        let first = separators.first().copied().unwrap_or_default();
        let prefix_len = separators.last().map_or(0, |last| shared_bytes(&first, last));
        let is_long = |separator: &Key| separator_bytes(separator) > prefix_len + 8;
        let whole = separators.iter().any(is_long).then(|| separators.into());
        let heads = match whole {
            Some(_) => Box::default(),
            None => separators.iter().map(|separator| head(separator, prefix_len)).collect(),
        };
        Self { first, prefix_len, heads, whole }
    }

    pub(super) fn get(&self, index: usize) -> Key {
        if let Some(whole) = &self.whole {
            return whole[index];
        }
        let mut separator = [0; 32];
        separator[..self.prefix_len].copy_from_slice(&self.first[..self.prefix_len]);
        let room = 8.min(32 - self.prefix_len);
        let head = self.heads[index].to_be_bytes();
        separator[self.prefix_len..self.prefix_len + room].copy_from_slice(&head[..room]);
        separator
    }

    /// The last child whose separator is at most `key`; the first one if there is none.
    pub(super) fn child_of(&self, key: &Key) -> usize {
        self.count_while(key, |separator, key| separator <= key, |head, key| head <= key)
    }

    /// The last child whose separator is below `key`; the first one if there is none.
    pub(super) fn child_below(&self, key: &Key) -> usize {
        self.count_while(key, |separator, key| separator < key, |head, key| head < key)
    }

    /// The number of separators for which the comparison holds, less one.
    fn count_while(
        &self,
        key: &Key,
        holds: impl Fn(&Key, &Key) -> bool,
        head_holds: impl Fn(u64, u64) -> bool,
    ) -> usize {
        if let Some(whole) = &self.whole {
            return whole.partition_point(|separator| holds(separator, key)).saturating_sub(1);
        }
        match key[..self.prefix_len].cmp(&self.first[..self.prefix_len]) {
            core::cmp::Ordering::Less => 0,
            core::cmp::Ordering::Greater => self.heads.len() - 1,
            core::cmp::Ordering::Equal => {
                let key_head = head(key, self.prefix_len);
                // Equal heads: the separator has only zeros after its head, the key may have more.
                let is_longer = separator_bytes(key) > self.prefix_len + 8;
                let holds = |at: &u64| head_holds(*at, key_head) || (is_longer && *at == key_head);
                self.heads.partition_point(holds).saturating_sub(1)
            }
        }
    }
}

/// The eight bytes from `at` on, as a number; zeros follow the end.
fn head(key: &Key, at: usize) -> u64 {
    if let Some(head) = array(key, at) {
        return u64::from_be_bytes(head);
    }
    let mut head = [0; 8];
    head[..32 - at].copy_from_slice(&key[at..]);
    u64::from_be_bytes(head)
}

#[cfg(test)]
mod tests;
