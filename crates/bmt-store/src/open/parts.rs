//! The files of a database, made or opened: ordered store, table of pages, log.

use super::{first_state, io_error, log_error};
use crate::error::{Corruption, OpenError};
use crate::layout::{Part, TREE_FILE, salt_of};
use crate::manifest::{Manifest, ManifestFile, State};
use crate::options::Options;
use crate::stats::Recovery;
use bmt_beatree::{Index, Tree, TreeError, TreeOptions, ValueHasher};
use bmt_bitbox::{Table, TableError, TableOptions};
use bmt_io::{Directory, IoError, PAGE_SIZE};
use bmt_seglog::{Log, LogOptions};
use std::sync::Arc;

/// The open files of a database.
pub(super) struct Parts {
    pub(super) tree: Tree,
    pub(super) index: Index,
    pub(super) table: Table,
    pub(super) log: Log,
}

/// Makes the files of a database whose manifest says that it is being made. What an earlier attempt left
/// is removed first; nothing was ever committed to it.
pub(super) fn make(
    directory: &Arc<dyn Directory>,
    manifest: &mut ManifestFile,
    options: &Options,
    hasher: ValueHasher,
) -> Result<Parts, OpenError> {
    // The manifest's name may be in memory only, left by a process that died: a power loss must not take it and
    // leave names that come after it.
    directory.sync().map_err(io_error)?;
    let salt = manifest.manifest.salt;
    match directory.remove(TREE_FILE) {
        Ok(()) | Err(IoError::NotFound { .. }) => {}
        Err(error) => return Err(io_error(error)),
    }
    let tree_options = tree_options(options, salt, hasher);
    let (tree, index) = Tree::create(Arc::clone(directory), tree_options).map_err(tree_error)?;
    let table = Table::create(Arc::clone(directory), table_options(options, salt));
    let (table, names) = table.map_err(table_error)?;
    let log_options = LogOptions { discard_existing: true, ..log_options(options, salt) };
    let log = Log::create(Arc::clone(directory), log_options).map_err(log_error)?;
    directory.sync().map_err(io_error)?;
    let mut made = manifest.manifest.clone();
    made.state = Some(first_state(index.meta(), names));
    manifest.store(made)?;
    Ok(Parts { tree, index, table, log })
}

/// Opens the files that a manifest names. Writes nothing but zeros behind the log's end.
pub(super) fn open(
    directory: &Arc<dyn Directory>,
    manifest: &Manifest,
    options: &Options,
    hasher: ValueHasher,
    recovery: &mut Recovery,
) -> Result<Parts, OpenError> {
    let Some(state) = &manifest.state else { unreachable!("a database that was made") };
    let salt = manifest.salt;
    let tree_options = tree_options(options, salt, hasher);
    let tree = Tree::open(Arc::clone(directory), tree_options, &state.tree);
    let (tree, index) = tree.map_err(tree_error)?;
    let table_options = table_options(options, salt);
    let table = Table::recover(Arc::clone(directory), &state.table, table_options);
    let table = table.map_err(table_error)?;
    let log = open_log(directory, manifest, state, options, recovery)?;
    Ok(Parts { tree, index, table, log })
}

fn open_log(
    directory: &Arc<dyn Directory>,
    manifest: &Manifest,
    state: &State,
    options: &Options,
    recovery: &mut Recovery,
) -> Result<Log, OpenError> {
    let replay_from = state.position.sequence + 1;
    let log_options = LogOptions {
        scan_from: replay_from,
        expected_from: replay_from,
        expected_through: state.pages_through.max(manifest.log_through),
        anchor: (state.position.sequence > 0).then_some(state.position),
        ..log_options(options, manifest.salt)
    };
    let (log, report) = Log::open(Arc::clone(directory), log_options).map_err(log_error)?;
    if let Some(tail) = report.torn_tail {
        recovery.torn_tail_bytes = tail.bytes;
        recovery.torn_tail_records = tail.records;
    }
    Ok(log)
}

fn tree_options(options: &Options, salt: u64, hasher: ValueHasher) -> TreeOptions {
    TreeOptions {
        file_name: TREE_FILE.to_owned(),
        leaf_cache_bytes: options.leaf_cache_bytes_beside(0),
        held_bytes_max: options.held_bytes_max,
        queue_depth: options.queue_depth,
        #[cfg(feature = "faults")]
        faults: options.tree_faults,
        ..TreeOptions::new(salt_of(salt, Part::Tree), hasher)
    }
}

fn table_options(options: &Options, salt: u64) -> TableOptions {
    TableOptions {
        queue_depth: options.queue_depth,
        #[cfg(feature = "faults")]
        faults: options.table_faults,
        ..TableOptions::new(salt_of(salt, Part::Table))
    }
}

fn log_options(options: &Options, salt: u64) -> LogOptions {
    let defaults = LogOptions::new(salt_of(salt, Part::Log));
    LogOptions {
        first_segment_bytes: options.log_segment_bytes.unwrap_or(defaults.first_segment_bytes),
        segment_bytes: options.log_segment_bytes.unwrap_or(defaults.segment_bytes),
        record_bytes_max: options.commit_bytes_max,
        spare: options.log_spare(),
        #[cfg(feature = "faults")]
        faults: options.log_faults,
        ..defaults
    }
}

fn tree_error(error: TreeError) -> OpenError {
    match error {
        TreeError::Io(error) => io_error(error),
        TreeError::Corruption { file, page, damage } => {
            let offset_bytes = u64::from(page) * PAGE_SIZE as u64;
            Corruption::new(&file, offset_bytes, damage.to_string()).into()
        }
        TreeError::Unsupported { file, flags, .. } if flags != 0 => {
            OpenError::UnsupportedFeatures { file: file.to_string(), found: u64::from(flags) }
        }
        TreeError::Unsupported { file, version, .. } => {
            let (file, found) = (file.to_string(), u32::from(version));
            OpenError::UnsupportedVersion { file, found, supported: 1 }
        }
        other => Corruption::new(TREE_FILE, 0, other.to_string()).into(),
    }
}

fn table_error(error: TableError) -> OpenError {
    match error {
        TableError::Io(error) => io_error(error),
        TableError::NoSpace { source } => OpenError::NoSpace { source },
        TableError::Corruption { file, offset_bytes, reason } => {
            Corruption::new(&file, offset_bytes, reason).into()
        }
        TableError::UnsupportedVersion { file, found, .. } => {
            OpenError::UnsupportedVersion { file: file.to_string(), found, supported: 1 }
        }
        TableError::UnsupportedFlags { file, found, .. } => {
            OpenError::UnsupportedFeatures { file: file.to_string(), found: u64::from(found) }
        }
        other => Corruption::new("bitbox", 0, other.to_string()).into(),
    }
}
