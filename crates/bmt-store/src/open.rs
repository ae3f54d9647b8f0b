//! Opening: making a database, or replaying its log.

use crate::db::{Db, Version, Writer, put};
use crate::error::{CommitError, Corruption, OpenError};
use crate::history::{History, Undo};
use crate::manifest::{self, ManifestFile};
use crate::options::Options;
use crate::pending::Pending;
use crate::record::{self, BadRecord, Kind};
use crate::stats::Recovery;
use bmt_core::{EMPTY_ROOT, Scheme, Trie};
use bmt_io::{Directory, IoError, IoOptions, open_directory};
use bmt_seglog::{Log, LogError, LogOptions};
use parking_lot::{Mutex, RwLock};
use std::path::Path;
use std::sync::Arc;

/// The name under which errors speak of the log as a whole.
const LOG: &str = "log";

pub(crate) fn at_path<S: Scheme>(path: &Path, options: &Options) -> Result<Db<S>, OpenError> {
    let not_found = || OpenError::NotFound { path: path.to_owned() };
    options.check()?;
    if !options.create && !path.is_dir() {
        return Err(not_found());
    }
    let io = IoOptions { create: options.create, ..options.io.clone() };
    let directory = open_directory(path, &io).map_err(io_error)?;
    in_directory(directory, options)
}

pub(crate) fn in_directory<S: Scheme>(
    directory: Arc<dyn Directory>,
    options: &Options,
) -> Result<Db<S>, OpenError> {
    options.check()?;
    // Before the lock, which leaves a file: a directory of something else stays as it is.
    let exists = is_database(&*directory, options)?;
    let lock = directory.try_lock().map_err(|error| match error {
        IoError::Locked { .. } => OpenError::Locked { path: directory.path().to_owned() },
        other => io_error(other),
    })?;
    // Again under the lock: another process may have made it meanwhile.
    let exists = exists || is_database(&*directory, options)?;
    let mut manifest = if exists {
        ManifestFile::load(&*directory, S::ID)?
    } else {
        ManifestFile::create(&*directory, S::ID, salt(options)?)?
    };
    let mut recovery = Recovery {
        created: !manifest.manifest.log_made,
        damaged_manifest_slot: manifest.damaged_slot.take(),
        ..Recovery::default()
    };
    let mut state = Replay::<S>::new(options);
    let log = if manifest.manifest.log_made {
        open_log(&directory, &manifest, options, &mut state, &mut recovery)?
    } else {
        create_log(&directory, &mut manifest, options)?
    };
    // What is shown from here on was synced by the log's recovery.
    manifest.store_log_through(state.version.sequence)?;
    Ok(Db {
        version: RwLock::new(Arc::new(state.version)),
        pending: Mutex::new(Pending::new()),
        writer: Mutex::new(Writer {
            log,
            history: state.history,
            manifest,
            commit_bytes_max: options.commit_bytes_max,
        }),
        directory,
        recovery,
        _lock: lock,
    })
}

/// Whether the directory holds a database; an empty one does not, any other is refused.
fn is_database(directory: &dyn Directory, options: &Options) -> Result<bool, OpenError> {
    let path = || directory.path().to_owned();
    let names = directory.entries().map_err(io_error)?;
    if names.iter().any(|name| name == manifest::FILE) {
        return Ok(true);
    }
    match names.into_iter().find(|name| name != manifest::NEW_FILE) {
        Some(found) => Err(OpenError::NotADatabase { path: path(), found }),
        None if !options.create => Err(OpenError::NotFound { path: path() }),
        None => Ok(false),
    }
}

/// A number nobody can know in advance.
fn salt(options: &Options) -> Result<u64, OpenError> {
    match options.seed {
        Some(seed) => Ok(seed),
        None => {
            getrandom::u64().map_err(|error| OpenError::NoRandomness { reason: error.to_string() })
        }
    }
}

fn create_log(
    directory: &Arc<dyn Directory>,
    manifest: &mut ManifestFile,
    options: &Options,
) -> Result<Log, OpenError> {
    let options = log_options(options, manifest.manifest.log_salt);
    // An earlier attempt may have left segments; nothing was ever committed to them.
    let options = LogOptions { discard_existing: true, ..options };
    let log = Log::create(Arc::clone(directory), options).map_err(log_error)?;
    manifest.store_log_made()?;
    Ok(log)
}

fn open_log<S: Scheme>(
    directory: &Arc<dyn Directory>,
    manifest: &ManifestFile,
    options: &Options,
    state: &mut Replay<S>,
    recovery: &mut Recovery,
) -> Result<Log, OpenError> {
    // Nothing is ever pruned: a log that begins later has lost its first segments.
    let options = LogOptions {
        expected_from: 1,
        expected_through: manifest.manifest.log_through,
        ..log_options(options, manifest.manifest.log_salt)
    };
    let (log, report) = Log::open(Arc::clone(directory), options).map_err(log_error)?;
    if let Some(tail) = report.torn_tail {
        recovery.torn_tail_bytes = tail.bytes;
        recovery.torn_tail_records = tail.records;
    }
    state.run(&log, recovery)?;
    Ok(log)
}

fn log_options(options: &Options, salt: u64) -> LogOptions {
    let defaults = LogOptions::new(salt);
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

/// The state while the log is applied to it.
struct Replay<S: Scheme> {
    version: Version<S>,
    history: History<S>,
}

impl<S: Scheme> Replay<S> {
    fn new(options: &Options) -> Self {
        let (commits_max, bytes_max) = options.rollback_window();
        Self {
            version: Version { sequence: 0, root: EMPTY_ROOT, trie: Trie::new() },
            history: History::new(commits_max, bytes_max),
        }
    }

    /// Applies every record of the log, and compares each recorded root with the computed one.
    fn run(&mut self, log: &Log, recovery: &mut Recovery) -> Result<(), OpenError> {
        for record in log.iter_from(1).map_err(log_error)? {
            let record = record.map_err(log_error)?;
            let changes = self.apply(record.sequence(), &record.payload)?;
            recovery.replayed_steps += 1;
            recovery.replayed_changes += changes as u64;
        }
        Ok(())
    }

    fn apply(&mut self, sequence: u64, payload: &[u8]) -> Result<usize, OpenError> {
        let damage = |reason: &str| {
            OpenError::from(Corruption::new(LOG, 0, format!("record {sequence}: {reason}")))
        };
        let record = record::decode::<S>(payload).map_err(|bad| match bad {
            BadRecord::Version(found) => OpenError::UnsupportedVersion {
                file: LOG.to_owned(),
                found: u32::from(found),
                supported: 1,
            },
            BadRecord::Malformed(rule) => damage(&format!("it does not hold that {rule}")),
        })?;
        if sequence != self.version.sequence + 1 || record.previous_root != self.version.root {
            return Err(damage("it does not follow the record before it"));
        }
        let count = record.changes.len();
        let before = (record.changes.into_iter())
            .map(|(key, value)| (key, put(&mut self.version.trie, key, value)))
            .collect();
        let root = self.version.trie.root();
        if root != record.root {
            return Err(damage("its changes do not give its root"));
        }
        self.version.root = root;
        self.version.sequence = sequence;
        let previous_root = record.previous_root;
        match record.kind {
            Kind::Commit { parent } if parent == self.history.head() => {
                self.history.push(Undo { sequence, parent, previous_root, before });
            }
            Kind::Rollback { restored } if restored < self.history.head() => {
                self.history.rewind(restored);
            }
            _ => return Err(damage("it stands on another step than the newest")),
        }
        Ok(count)
    }
}

pub(crate) fn io_error(error: IoError) -> OpenError {
    match error {
        IoError::NoSpace { .. } => OpenError::NoSpace { source: error },
        other => OpenError::Io(other),
    }
}

fn log_error(error: LogError) -> OpenError {
    match error {
        LogError::Corruption { file, offset_bytes, expected, reason, evidence } => {
            let reason = format!("{reason}; expected record {expected}, and {evidence}");
            Corruption::new(&file, offset_bytes, reason).into()
        }
        LogError::InvalidOption { name, found, rule } => {
            OpenError::InvalidOption { name, found, rule }
        }
        LogError::UnsupportedVersion { file, found, supported, .. } => {
            OpenError::UnsupportedVersion { file, found, supported }
        }
        LogError::UnsupportedFlags { file, found, .. } => {
            OpenError::UnsupportedFeatures { file, found: u64::from(found) }
        }
        LogError::NotFound { .. } => Corruption::new(LOG, 0, error.to_string()).into(),
        LogError::NoSpace { source, .. } => OpenError::NoSpace { source },
        LogError::Io(source) => io_error(source),
        other => Corruption::new(LOG, 0, other.to_string()).into(),
    }
}

pub(crate) fn commit_error(error: LogError) -> CommitError {
    match error {
        LogError::RecordTooLarge { record_bytes, limit_bytes } => {
            CommitError::TooLarge { bytes: record_bytes, max_bytes: limit_bytes }
        }
        LogError::NoSpace { source, .. } => CommitError::NoSpace { source },
        LogError::OutcomeUnknown { sequence, source } => {
            CommitError::OutcomeUnknown { sequence, reason: source.to_string() }
        }
        LogError::Poisoned { cause } => CommitError::Poisoned { reason: cause.to_string() },
        other => CommitError::Refused { reason: other.to_string() },
    }
}
