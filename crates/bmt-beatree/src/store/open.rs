//! Making a store, opening one, and applying what its log holds.

use super::batch;
use super::core::{Manifest, Publishing, Signals, StoreCore};
use super::error::StoreError;
use super::options::{Background, StoreOptions};
use super::slot_record::{FILE, KIND, NEW_FILE, SlotRecord};
use super::snapshot::Published;
use crate::buffer::Buffer;
use crate::error::TreeError;
use crate::index_version::Index;
use crate::meta::Meta;
use crate::options::TreeOptions;
use crate::tree::Tree;
use crate::units::len_u64;
use crate::version::Version;
use arc_swap::ArcSwap;
use bmt_io::slots::Slots;
use bmt_io::{Directory, DirectoryLock, IoError};
use bmt_seglog::{Log, LogOptions, Position, SpareMode};
use parking_lot::{Condvar, Mutex};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Opens what the directory has; the log is not applied yet.
pub(super) fn open(
    directory: &Arc<dyn Directory>,
    options: StoreOptions,
) -> Result<StoreCore, StoreError> {
    let lock = directory.try_lock()?;
    let files = directory.entries()?;
    let mut manifest = if files.iter().any(|name| name == FILE) {
        load(directory)?
    } else {
        match files.into_iter().find(|name| name != NEW_FILE) {
            None if options.create => begin(directory, &options)?,
            None => return Err(not_a_store("no file".to_owned())),
            Some(file) => return Err(not_a_store(file)),
        }
    };
    let (tree, index, log) = match manifest.record.is_made {
        true => open_parts(directory, &options, &manifest.record)?,
        false => make_parts(directory, &options, &mut manifest)?,
    };
    Ok(assemble(manifest, tree, index, log, options, lock))
}

fn not_a_store(file: String) -> StoreError {
    StoreError::NotAStore { file, expected: FILE }
}

fn load(directory: &Arc<dyn Directory>) -> Result<Manifest, StoreError> {
    let (mut slots, loaded) = Slots::open(&**directory, FILE, KIND)?;
    let record = SlotRecord::decode(&loaded.payload)?;
    // What was read may have been in the system's cache only.
    slots.settle()?;
    if !record.is_made {
        // So may the file's name, and the other files must not become durable before it.
        directory.sync()?;
    }
    Ok(Manifest { slots, record, frozen_through: None })
}

/// The slot file of a store whose other files do not exist yet.
fn begin(directory: &Arc<dyn Directory>, options: &StoreOptions) -> Result<Manifest, StoreError> {
    let salt = match options.salt {
        Some(salt) => salt,
        None => getrandom::u64().map_err(|error| {
            let source = std::io::Error::other(error.to_string());
            let site = bmt_io::Site::whole(bmt_io::Operation::Create, FILE);
            IoError::new(site, source)
        })?,
    };
    let record = SlotRecord {
        salt,
        is_made: false,
        replay_from: 1,
        chain: 0,
        pages_through: 0,
        meta: Meta::EMPTY,
    };
    let slots = Slots::create(&**directory, FILE, KIND, 1, &record.encode())?;
    Ok(Manifest { slots, record, frozen_through: None })
}

/// Page file and log; what an interrupted making has left is removed first.
fn make_parts(
    directory: &Arc<dyn Directory>,
    options: &StoreOptions,
    manifest: &mut Manifest,
) -> Result<(Tree, Index, Log), StoreError> {
    let salt = manifest.record.salt;
    let tree_options = tree_options(options, salt);
    match directory.remove(&tree_options.file_name) {
        Ok(()) | Err(IoError::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let (tree, index) = Tree::create(Arc::clone(directory), tree_options)?;
    let log_options = LogOptions { discard_existing: true, ..log_options(options, salt) };
    let log = Log::create(Arc::clone(directory), log_options)?;
    manifest.record.is_made = true;
    manifest.record.meta = index.meta();
    let sequence = manifest.slots.sequence() + 1;
    manifest.slots.store_both(sequence, &manifest.record.encode())?;
    Ok((tree, index, log))
}

fn open_parts(
    directory: &Arc<dyn Directory>,
    options: &StoreOptions,
    record: &SlotRecord,
) -> Result<(Tree, Index, Log), StoreError> {
    let tree_options = tree_options(options, record.salt);
    let (tree, index) = Tree::open(Arc::clone(directory), tree_options, &record.meta)?;
    let before = Position { sequence: record.replay_from - 1, chain: record.chain };
    let log_options = LogOptions {
        scan_from: record.replay_from,
        expected_from: record.replay_from,
        expected_through: record.pages_through,
        anchor: (before.sequence > 0).then_some(before),
        ..log_options(options, record.salt)
    };
    let (log, _) = Log::open(Arc::clone(directory), log_options)?;
    Ok((tree, index, log))
}

fn tree_options(options: &StoreOptions, salt: u64) -> TreeOptions {
    TreeOptions {
        leaf_cache_bytes: options.leaf_cache_bytes,
        held_bytes_max: options.held_bytes_max,
        direct: options.direct,
        #[cfg(any(test, feature = "faults"))]
        faults: options.faults,
        ..TreeOptions::new(salt, options.value_hasher)
    }
}

fn log_options(options: &StoreOptions, salt: u64) -> LogOptions {
    let spare = match options.background {
        Background::Threads => SpareMode::Background,
        Background::Inline => SpareMode::Inline,
    };
    let first_segment_bytes = options.segment_bytes.min(4 << 20);
    LogOptions {
        spare,
        segment_bytes: options.segment_bytes,
        first_segment_bytes,
        ..LogOptions::new(salt)
    }
}

fn assemble(
    manifest: Manifest,
    tree: Tree,
    index: Index,
    log: Log,
    options: StoreOptions,
    lock: DirectoryLock,
) -> StoreCore {
    let SlotRecord { replay_from, chain, .. } = manifest.record;
    let position = Position { sequence: replay_from - 1, chain };
    let published = Published { version: Version::new(Buffer::new(), index), position };
    StoreCore {
        tree,
        log,
        options,
        current: Arc::new(ArcSwap::from_pointee(published)),
        manifest: Mutex::new(manifest),
        order: Mutex::new(()),
        publishing: Mutex::new(Publishing::default()),
        signals: Mutex::new(Signals::default()),
        work: Condvar::new(),
        room: Condvar::new(),
        logged_bytes: AtomicU64::new(0),
        hurried: Arc::default(),
        poison: OnceLock::new(),
        _lock: lock,
    }
}

impl StoreCore {
    /// Applies the commits that are not in pages. Writes pages only if they do not fit the buffer:
    /// ordinary checkpoints, so that a crash in here costs nothing.
    pub(super) fn replay(&self) -> Result<(), StoreError> {
        let from = self.manifest.lock().record.replay_from;
        if from >= self.log.next_sequence() {
            return Ok(());
        }
        let mut is_disk_full = false;
        for record in self.log.iter_from(from)? {
            let record = record?;
            let sequence = record.sequence();
            let run = batch::decode(&record.payload, self.options.value_hasher)
                .map_err(|reason| StoreError::NotACommit { sequence, reason })?;
            let run = Arc::new(run);
            self.logged_bytes.fetch_add(len_u64(record.payload.len()), Ordering::Relaxed);
            self.publish(|current| current.with_commit(record.position, run));
            self.merge_runs();
            // On a full disk the buffer takes what it has room for.
            if self.checkpoint_is_due() && !(is_disk_full && self.has_room(0)) {
                match self.checkpoint() {
                    Err(StoreError::Tree(TreeError::Io(IoError::NoSpace { .. })))
                        if self.has_room(0) =>
                    {
                        is_disk_full = true;
                    }
                    made => made?,
                }
            }
        }
        Ok(())
    }
}
