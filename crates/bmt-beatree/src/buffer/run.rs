//! A sorted run of changes with a small index over it.

use crate::error::TreeError;
use crate::key::{Key, is_below};
use crate::little_endian::array;
use crate::page::leaf::ValueHash;
use crate::units::len_u64;
use crate::weight::{HASH_BYTES, INLINE_VALUE_BYTES_MAX, PLAIN_VALUE_BYTES_MAX, VALUE_BYTES_MAX};
use core::ops::Range;
use std::sync::Arc;

/// Keys between two entries of the index.
const FENCE_STRIDE: usize = 32;

/// The hash of a value: what a tree stores beside a value of more than 128 bytes. The tree never looks
/// into it.
pub type ValueHasher = fn(&[u8]) -> ValueHash;

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// The key has no value any more.
    Delete,
    /// The key has this value; an empty one is a value.
    Put(&'a [u8]),
    /// The same, with the value's hash if the caller has it already. It is believed.
    PutHashed(&'a [u8], ValueHash),
}

/// A change as a run holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredValue<'a> {
    /// The key was deleted.
    Deleted,
    /// The value, and its hash if it is longer than 128 bytes.
    Value {
        /// The value.
        bytes: &'a [u8],
        /// Its hash.
        hash: Option<&'a ValueHash>,
    },
}

/// Where the value of an entry is: its kind (2 bits), its length in the arena (14), and where it begins
/// there (48), or its place in the list of large values.
#[derive(Debug, Clone, Copy)]
struct Slot(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SlotKind {
    Deleted,
    /// The value.
    Plain,
    /// Its hash, and then the value.
    Hashed,
    /// In the list of large values.
    Large,
}

impl Slot {
    const START_BITS: u32 = 48;
    const LEN_BITS: u32 = 14;

    fn new(kind: SlotKind, start: usize, len: usize) -> Self {
        let (start, len) = (len_u64(start), len_u64(len));
        assert!(start >> Self::START_BITS == 0 && len >> Self::LEN_BITS == 0, "within the arena");
        let kind: u64 = match kind {
            SlotKind::Deleted => 0,
            SlotKind::Plain => 1,
            SlotKind::Hashed => 2,
            SlotKind::Large => 3,
        };
        Self(kind << (Self::START_BITS + Self::LEN_BITS) | len << Self::START_BITS | start)
    }

    fn kind(self) -> SlotKind {
        match self.0 >> (Self::START_BITS + Self::LEN_BITS) {
            0 => SlotKind::Deleted,
            1 => SlotKind::Plain,
            2 => SlotKind::Hashed,
            _ => SlotKind::Large,
        }
    }

    fn start(self) -> usize {
        let start = self.0 & ((1 << Self::START_BITS) - 1);
        usize::try_from(start).unwrap_or(usize::MAX)
    }

    fn range(self) -> Range<usize> {
        let len = self.0 >> Self::START_BITS & ((1 << Self::LEN_BITS) - 1);
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        self.start()..self.start() + len
    }
}

// The longest payload fits the bits of its length.
const _: () = assert!((HASH_BYTES + INLINE_VALUE_BYTES_MAX) >> Slot::LEN_BITS == 0);

/// A value that is kept outside of the arena, so that merging does not copy it.
#[derive(Debug, Clone)]
struct Large {
    hash: ValueHash,
    bytes: Arc<[u8]>,
}

/// Changes in ascending order of their keys, one for each key. Immutable.
///
/// A lookup costs a binary search in an index of eight bytes for every 32 keys, and one among those.
#[derive(Debug)]
pub struct Run {
    keys: Box<[Key]>,
    slots: Box<[Slot]>,
    /// Payloads, as the cells of leaves have them.
    arena: Box<[u8]>,
    large: Box<[Large]>,
    /// The first eight bytes of every 32nd key.
    fences: Box<[u64]>,
    memory_bytes: usize,
}

impl Run {
    /// A run of changes, hashing the values of more than 128 bytes that come without a hash.
    ///
    /// # Errors
    /// [`TreeError::Unsorted`] unless the keys ascend strictly; [`TreeError::ValueTooLarge`].
    pub fn new<'a>(
        changes: impl IntoIterator<Item = (Key, Change<'a>)>,
        hasher: ValueHasher,
    ) -> Result<Self, TreeError> {
        let mut builder = RunBuilder::default();
        for (index, (key, change)) in changes.into_iter().enumerate() {
            if builder.keys.last().is_some_and(|last| !is_below(last, &key)) {
                return Err(TreeError::Unsorted { index });
            }
            let (bytes, hash) = match change {
                Change::Delete => {
                    builder.push(key, StoredValue::Deleted);
                    continue;
                }
                Change::Put(bytes) => (bytes, None),
                Change::PutHashed(bytes, hash) => (bytes, Some(hash)),
            };
            if bytes.len() > VALUE_BYTES_MAX {
                let (len_bytes, limit_bytes) = (bytes.len(), VALUE_BYTES_MAX);
                return Err(TreeError::ValueTooLarge { len_bytes, limit_bytes });
            }
            let is_hashed = bytes.len() > PLAIN_VALUE_BYTES_MAX;
            let hash = is_hashed.then(|| hash.unwrap_or_else(|| hasher(bytes)));
            builder.push(key, StoredValue::Value { bytes, hash: hash.as_ref() });
        }
        Ok(builder.finish())
    }

    /// Changes in the run.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Memory that the run takes.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// The changes in order.
    pub fn iter(&self) -> impl Iterator<Item = (Key, StoredValue<'_>)> {
        self.keys.iter().enumerate().map(|(index, key)| (*key, self.value(index)))
    }

    pub(crate) fn key(&self, index: usize) -> &Key {
        &self.keys[index]
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(crate) fn value(&self, index: usize) -> StoredValue<'_> {
        let slot = self.slots[index];
        match slot.kind() {
            SlotKind::Deleted => StoredValue::Deleted,
            SlotKind::Plain => StoredValue::Value { bytes: &self.arena[slot.range()], hash: None },
            SlotKind::Hashed => match self.arena[slot.range()].split_first_chunk() {
                Some((hash, bytes)) => StoredValue::Value { bytes, hash: Some(hash) },
                None => unreachable!("a payload begins with its hash"),
            },
            SlotKind::Large => {
                let large = &self.large[slot.start()];
                StoredValue::Value { bytes: &large.bytes, hash: Some(&large.hash) }
            }
        }
    }

    /// Where `key` is.
    pub(crate) fn find(&self, key: &Key) -> Option<usize> {
        let at = self.lower_bound(key);
        (self.keys.get(at) == Some(key)).then_some(at)
    }

    /// The first entry whose key is at least `key`.
    pub(crate) fn lower_bound(&self, key: &Key) -> usize {
        let head = head_of(key);
        // Keys with the same head may lie in several blocks.
        let first = self.fences.partition_point(|fence| *fence < head).saturating_sub(1);
        let last = self.fences.partition_point(|fence| *fence <= head);
        let start = first * FENCE_STRIDE;
        let end = (last * FENCE_STRIDE).min(self.keys.len());
        start + self.keys[start..end].partition_point(|other| is_below(other, key))
    }

    /// As [`Run::lower_bound`], for a key that is likely not far behind entry `from`, which is not
    /// above it.
    pub(crate) fn gallop(&self, from: usize, key: &Key) -> usize {
        let (mut low, mut step) = (from, 1);
        loop {
            let high = low.saturating_add(step);
            match self.keys.get(high) {
                Some(other) if is_below(other, key) => (low, step) = (high, step * 2),
                _ => {
                    let high = high.min(self.keys.len());
                    let low = low.min(high);
                    let keys = &self.keys[low..high];
                    return low + keys.partition_point(|other| is_below(other, key));
                }
            }
        }
    }
}

fn head_of(key: &Key) -> u64 {
    array(key, 0).map(u64::from_be_bytes).unwrap_or_default()
}

/// A run while it is built.
#[derive(Debug, Default)]
pub(crate) struct RunBuilder {
    keys: Vec<Key>,
    slots: Vec<Slot>,
    arena: Vec<u8>,
    large: Vec<Large>,
}

impl RunBuilder {
    /// Adds a change.
    ///
    /// # Panics
    /// When its key is not above the last one.
    pub(crate) fn push(&mut self, key: Key, value: StoredValue<'_>) {
        let slot = match value {
            StoredValue::Value { bytes, hash: Some(hash) }
                if bytes.len() > INLINE_VALUE_BYTES_MAX =>
            {
                return self.push_large(key, Large { hash: *hash, bytes: bytes.into() });
            }
            StoredValue::Deleted => Slot::new(SlotKind::Deleted, 0, 0),
            StoredValue::Value { bytes, hash } => {
                let start = self.arena.len();
                if let Some(hash) = hash {
                    self.arena.extend_from_slice(hash);
                }
                self.arena.extend_from_slice(bytes);
                let kind = if hash.is_some() { SlotKind::Hashed } else { SlotKind::Plain };
                Slot::new(kind, start, self.arena.len() - start)
            }
        };
        self.push_slot(key, slot);
    }

    /// Adds a change of another run; a long value is shared with it.
    pub(crate) fn push_from(&mut self, run: &Run, index: usize) {
        let slot = run.slots[index];
        match slot.kind() {
            SlotKind::Large => self.push_large(run.keys[index], run.large[slot.start()].clone()),
            kind => {
                let start = self.arena.len();
                self.arena.extend_from_slice(&run.arena[slot.range()]);
                let slot = Slot::new(kind, start, self.arena.len() - start);
                self.push_slot(run.keys[index], slot);
            }
        }
    }

    fn push_large(&mut self, key: Key, large: Large) {
        let slot = Slot::new(SlotKind::Large, self.large.len(), 0);
        self.large.push(large);
        self.push_slot(key, slot);
    }

    fn push_slot(&mut self, key: Key, slot: Slot) {
        let is_above = self.keys.last().is_none_or(|last| is_below(last, &key));
        assert!(is_above, "changes ascend");
        self.keys.push(key);
        self.slots.push(slot);
    }

    /// A builder with room for what these runs have together.
    pub(crate) fn with_room_of(runs: &[Arc<Run>]) -> Self {
        let sum = |of: fn(&Run) -> usize| runs.iter().map(|run| of(run)).sum();
        let count = sum(|run| run.keys.len());
        Self {
            keys: Vec::with_capacity(count),
            slots: Vec::with_capacity(count),
            arena: Vec::with_capacity(sum(|run| run.arena.len())),
            large: Vec::new(),
        }
    }

    pub(crate) fn finish(self) -> Run {
        let fences: Box<[u64]> = self.keys.iter().step_by(FENCE_STRIDE).map(head_of).collect();
        let large: usize = self.large.iter().map(|large| large.bytes.len() + 64).sum();
        let each = size_of::<Key>() + size_of::<Slot>();
        let memory_bytes = self.keys.len() * each + self.arena.len() + fences.len() * 8 + large;
        Run {
            keys: self.keys.into(),
            slots: self.slots.into(),
            arena: self.arena.into(),
            large: self.large.into(),
            fences,
            memory_bytes,
        }
    }
}
