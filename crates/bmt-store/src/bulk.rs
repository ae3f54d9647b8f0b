//! Building a database from sorted entries: pages are written once and in order, and nothing goes through the
//! log.

use crate::checkpoint::StoredPages;
use crate::db::Commit;
use crate::engine::{Checkpointing, Engine, Frozen, FrozenTrie};
use crate::error::{BulkLoadError, CheckpointError, ReadError, WriteError};
use crate::keys::tree_key;
use crate::view::{Version, View};
use bmt_beatree::{Slice, TreeError};
use bmt_core::{EMPTY_ROOT, Hash, LeafValue, Scheme};
use bmt_merkle::{Change, LeafEntry, LeafSource, NewValue, Prefix, SourceError};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Entries that are hashed at a time.
const CHUNK_ENTRIES: usize = 1 << 16;
/// Bytes of values that are held for hashing.
const CHUNK_BYTES: usize = 16 << 20;
/// Longer values are hashed when they come, and not held.
const SHORT_VALUE_BYTES: usize = 128;

impl<S: Scheme> Engine<S> {
    /// Builds the first state from sorted entries; durable when this returns. When all entries are hashed, the
    /// root is shown to `accept`; nothing is stored if it says no.
    pub(crate) fn bulk_load<V: AsRef<[u8]>>(
        &self,
        entries: impl IntoIterator<Item = (S::Key, V)>,
        accept: impl FnOnce(&Hash) -> bool,
    ) -> Result<Commit, BulkLoadError> {
        self.check_writable().map_err(CheckpointError::from)?;
        self.check_poison().map_err(CheckpointError::from)?;
        let mut state = self.checkpointing.lock();
        // No commit comes in between.
        let writer = self.writer.lock();
        let base = self.current();
        if base.sequence() > 0 || base.view.root() != EMPTY_ROOT {
            let (sequence, key_count) = (base.sequence(), base.view.key_count);
            return Err(BulkLoadError::NotEmpty { sequence, key_count });
        }
        let mut feed = Feed::new(self, &base, entries.into_iter());
        let built = self.tree.bulk_build(base.view.tree.index(), &mut feed);
        let slice = match built {
            Ok(slice) => slice,
            Err(error) => return Err(self.bulk_tree_error(error)),
        };
        let (trie, key_count) = match feed.finish() {
            Ok(built) => built,
            Err(error) => {
                slice.abandon();
                return Err(error);
            }
        };
        if !accept(&trie.root()) {
            slice.abandon();
            return Err(BulkLoadError::Refused);
        }
        let mut frozen = Frozen {
            position: base.position,
            change_bytes: 0,
            trie: FrozenTrie::Version(trie.clone()),
            key_count,
            window: writer.window.clone(),
            replaced: Vec::new(),
        };
        self.take_images(&mut frozen);
        self.store_bulk(&mut state, &base, trie, &frozen, slice)
    }

    /// Names what was built in the manifest, and shows it.
    fn store_bulk(
        &self,
        state: &mut Checkpointing<S>,
        base: &Version<S>,
        trie: bmt_merkle::Version<S>,
        frozen: &Frozen<S>,
        slice: Slice,
    ) -> Result<Commit, BulkLoadError> {
        let stored = self.store_pages(frozen);
        self.counters.image_bytes.store(0, Ordering::Relaxed);
        let StoredPages { switch, pages, .. } = match stored {
            Ok(stored) => stored,
            Err(error) => {
                slice.abandon();
                return Err(error.into());
            }
        };
        let manifest = self.manifest_of(state, frozen, Some(*slice.meta()), *switch.names());
        self.store(state, manifest)?;
        switch.commit();
        self.pins.stored(frozen.position.sequence);
        self.merkle.set_written(&pages);
        let root = trie.root();
        let tree = base.view.tree.with_index(slice.into_index());
        let pin = self.pins.pin(frozen.position.sequence);
        let view = View { tree, trie, pin, key_count: frozen.key_count };
        let (step, position) = (self.ids.take(), frozen.position);
        self.publish(|_| Version { step, position, view });
        Ok(Commit { sequence: position.sequence, previous_root: EMPTY_ROOT, root })
    }

    fn bulk_tree_error(&self, error: TreeError) -> BulkLoadError {
        match error {
            TreeError::Unsorted { index } => BulkLoadError::Unsorted { index },
            other => self.tree_error(other).into(),
        }
    }
}

/// The entries on their way to the ordered store, hashed in chunks as they pass.
struct Feed<'a, S: Scheme, I> {
    engine: &'a Engine<S>,
    view: &'a View<S>,
    entries: I,
    chunk: Chunk<S>,
    /// The chunk before: the end of what is in the trie.
    hashed: Chunk<S>,
    trie: bmt_merkle::Version<S>,
    key_count: u64,
    failed: Option<BulkLoadError>,
}

/// Entries that are hashed together.
struct Chunk<S: Scheme> {
    entries: Vec<(S::Key, usize, Held)>,
    bytes: Vec<u8>,
}

/// What is held of a value.
enum Held {
    Bytes { start: usize },
    Hash(Hash),
}

impl<S: Scheme> Chunk<S> {
    fn new() -> Self {
        Self { entries: Vec::new(), bytes: Vec::new() }
    }

    fn push(&mut self, key: S::Key, value: &[u8]) {
        let held = match value.len() <= SHORT_VALUE_BYTES {
            true => Held::Bytes { start: self.bytes.len() },
            false => Held::Hash(S::hash_value(value)),
        };
        if matches!(held, Held::Bytes { .. }) {
            self.bytes.extend_from_slice(value);
        }
        self.entries.push((key, value.len(), held));
    }

    fn value<'a>(&'a self, len: usize, held: &'a Held) -> LeafValue<'a> {
        match held {
            Held::Bytes { start } => {
                LeafValue::Bytes(self.bytes.get(*start..start + len).unwrap_or_default())
            }
            Held::Hash(hash) => LeafValue::Hashed(hash),
        }
    }

    fn is_full(&self) -> bool {
        self.entries.len() >= CHUNK_ENTRIES || self.bytes.len() >= CHUNK_BYTES
    }
}

impl<'a, S: Scheme, V: AsRef<[u8]>, I: Iterator<Item = (S::Key, V)>> Feed<'a, S, I> {
    fn new(engine: &'a Engine<S>, base: &'a Version<S>, entries: I) -> Self {
        Self {
            engine,
            view: &base.view,
            entries,
            chunk: Chunk::new(),
            hashed: Chunk::new(),
            trie: base.view.trie.clone(),
            key_count: 0,
            failed: None,
        }
    }

    fn advance(&mut self) -> Result<Option<(bmt_beatree::Key, V)>, BulkLoadError> {
        let Some((key, value)) = self.entries.next() else { return Ok(None) };
        let last = self.chunk.entries.last().or(self.hashed.entries.last());
        if last.is_some_and(|(last, ..)| *last >= key) {
            let index = usize::try_from(self.key_count).unwrap_or(usize::MAX);
            return Err(BulkLoadError::Unsorted { index });
        }
        WriteError::check_len(value.as_ref().len())?;
        self.chunk.push(key, value.as_ref());
        self.key_count += 1;
        if self.chunk.is_full() {
            self.hash()?;
        }
        Ok(Some((tree_key(&key), value)))
    }

    /// Takes the chunk into the trie.
    fn hash(&mut self) -> Result<(), BulkLoadError> {
        let chunk = &self.chunk;
        let changes: Vec<Change<'_, S::Key>> = (chunk.entries.iter())
            .map(|(key, len, held)| {
                let value = NewValue { len: *len, value: chunk.value(*len, held) };
                Change { key: *key, value: Some(value) }
            })
            .collect();
        let (merkle, id) = (&self.engine.merkle, self.engine.ids.take());
        let step = merkle.update(&self.trie, id, &changes, &*self.view.pin, &self.hashed);
        self.trie = step.map_err(ReadError::from)?.version;
        self.hashed = std::mem::replace(&mut self.chunk, Chunk::new());
        Ok(())
    }

    /// The trie of all entries, and how many there are.
    fn finish(mut self) -> Result<(bmt_merkle::Version<S>, u64), BulkLoadError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.hash()?;
        Ok((self.trie, self.key_count))
    }
}

impl<S: Scheme, V: AsRef<[u8]>, I: Iterator<Item = (S::Key, V)>> Iterator for Feed<'_, S, I> {
    type Item = (bmt_beatree::Key, V);

    /// Ends early when something failed; what was written so far is then given up.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed.is_some() {
            return None;
        }
        match self.advance() {
            Ok(entry) => entry,
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

/// New keys are above all that are in the trie, so only the end of it is read: it is in the chunk before,
/// which is longer than any bottom subtrie.
impl<S: Scheme> LeafSource<S::Key> for Chunk<S> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<S::Key>],
        mut each: impl FnMut(usize, LeafEntry<'_, S::Key>),
    ) -> Result<(), SourceError> {
        for (at, prefix) in prefixes.iter().enumerate() {
            let from = self.entries.partition_point(|(key, ..)| key < prefix.first_key());
            let rest = self.entries.get(from..).unwrap_or_default();
            for (key, len, held) in rest.iter().take_while(|(key, ..)| prefix.contains(key)) {
                each(at, LeafEntry { key: *key, value_len: *len, value: self.value(*len, held) });
            }
        }
        Ok(())
    }

    fn values(&self, _: &[S::Key]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        unreachable!("an update asks for no values")
    }
}
