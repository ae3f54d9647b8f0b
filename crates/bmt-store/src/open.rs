//! Opening: making a database, or loading one and applying what its log holds.

mod parts;
mod replay;

use crate::background::Background;
use crate::db::Db;
use crate::engine::{Checkpointing, Counters, Engine, Signals, Writer};
use crate::error::{Corruption, OpenError, ReadError};
use crate::events;
use crate::layout::{LOG, TRIE_ID, WEIGHT_MAX};
use crate::manifest::{self, ManifestFile, State};
use crate::options::Options;
use crate::pending::Pending;
use crate::pins::Pins;
use crate::published::Published;
use crate::read_only::{self, MemoryWrites};
use crate::stats::Recovery;
use crate::step::StepIds;
use crate::timings::Timings;
use crate::view::{Version, View};
use bmt_beatree::{Buffer, WEIGHT_VERSION, cell_weight};
use bmt_core::Scheme;
use bmt_io::{Directory, DirectoryLock, IoError, IoOptions, open_directory};
use bmt_merkle::{Merkle, MerkleOptions, Shape, StepId};
use bmt_overlay::Budget;
use bmt_rollback::Window;
use bmt_seglog::{LogError, Position};
use parking_lot::{Condvar, Mutex};
use parts::Parts;
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};

pub(crate) fn at_path<S: Scheme>(path: &Path, options: &Options) -> Result<Db<S>, OpenError> {
    let not_found = || OpenError::NotFound { path: path.to_owned() };
    options.validate()?;
    if (options.read_only || !options.create) && !path.is_dir() {
        return Err(not_found());
    }
    if options.read_only {
        return in_directory(read_only::open_at(path, &options.io)?, options);
    }
    let io = IoOptions { create: options.create, ..options.io.clone() };
    let directory = open_directory(path, &io).map_err(io_error)?;
    in_directory(directory, options)
}

pub(crate) fn in_directory<S: Scheme>(
    directory: Arc<dyn Directory>,
    options: &Options,
) -> Result<Db<S>, OpenError> {
    options.validate()?;
    // Before the lock, which leaves a file: a directory of something else stays as it is.
    let exists = is_database(&*directory, options)?;
    let lock = match options.read_only {
        true => read_only::lock(&*directory),
        false => directory.try_lock(),
    };
    let lock = lock.map_err(|error| match error {
        IoError::Locked { .. } => OpenError::Locked { path: directory.path().to_owned() },
        other => io_error(other),
    })?;
    // Again under the lock: another process may have made it meanwhile.
    let exists = exists || is_database(&*directory, options)?;
    let directory: Arc<dyn Directory> = match options.read_only {
        true => Arc::new(MemoryWrites::new(directory)),
        false => directory,
    };
    let mut manifest = if exists {
        ManifestFile::load(&*directory, S::ID)?
    } else {
        ManifestFile::create(&*directory, S::ID, salt(options)?)?
    };
    let mut recovery = Recovery {
        created: manifest.manifest.state.is_none(),
        damaged_manifest_slot: manifest.damaged_slot.take(),
        ..Recovery::default()
    };
    if exists && !options.faults().does_not_settle() {
        manifest.settle()?;
    }
    let parts = match manifest.manifest.state.is_some() {
        true => parts::open(&directory, &manifest.manifest, options, S::hash_value, &mut recovery)?,
        false => parts::make(&directory, &mut manifest, options, S::hash_value)?,
    };
    let engine = assemble(directory, manifest, parts, options, lock)?;
    replay::run(&engine, &mut recovery)?;
    // Not before: the replay moves the window past records that are rightly gone.
    recovery.lost_undo_commits = forget_lost(&mut engine.writer.lock().window, &engine.log);
    if options.preload_bytes > 0 {
        recovery.preloaded_levels = preload(&engine)?;
    }
    let engine = Arc::new(engine);
    let background = Background::start(&engine).map_err(io_error)?;
    engine.after_commit();
    events::opened(&engine, &recovery);
    Ok(Db {
        engine,
        pending: Mutex::new(Pending::new()),
        committing: Mutex::new(()),
        background,
        recovery,
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
        None if options.read_only || !options.create => Err(OpenError::NotFound { path: path() }),
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

/// The engine of a database in the state of its manifest.
fn assemble<S: Scheme>(
    directory: Arc<dyn Directory>,
    manifest: ManifestFile,
    parts: Parts,
    options: &Options,
    lock: DirectoryLock,
) -> Result<Engine<S>, OpenError> {
    let Some(state) = &manifest.manifest.state else {
        unreachable!("a database that was made or loaded has a state")
    };
    let Parts { tree, index, table, log } = parts;
    let merkle = trie::<S>(state, options)?;
    let window = window(state, options)?;
    let pins = Pins::new(table.clone());
    let trie =
        state.root_page.map_or_else(|| merkle.empty(), |page| bmt_merkle::Version::stored(&page));
    let view = View {
        tree: bmt_beatree::Version::new(Buffer::new(), index),
        trie,
        pin: pins.pin(state.position.sequence),
        key_count: state.key_count,
    };
    let generation = match options.faults().reuses_step_ids() {
        true => 0,
        false => manifest.generation(),
    };
    let step = StepId { generation, counter: 0 };
    let (sequence, version) =
        (state.position.sequence, Version { step, position: state.position, view });
    Ok(Engine {
        directory,
        options: options.clone(),
        log,
        tree,
        table,
        merkle,
        pins,
        ids: StepIds::new(generation),
        current: Published::new(version),
        writer: Mutex::new(Writer {
            window,
            replaced: Vec::new(),
            replaced_unstored: Vec::new(),
            is_checkpointing: false,
        }),
        checkpointing: Mutex::new(Checkpointing { manifest, frozen: None }),
        signals: Mutex::new(Signals::default()),
        work: Condvar::new(),
        room: Condvar::new(),
        timings: Timings::new(options.timings),
        counters: Counters { checkpoint_sequence: AtomicU64::new(sequence), ..Counters::default() },
        uncommitted: Budget::new(options.uncommitted_bytes_max),
        poison: OnceLock::new(),
        lock: Mutex::new(Some(lock)),
    })
}

fn trie<S: Scheme>(state: &State, options: &Options) -> Result<Merkle<S>, OpenError> {
    if state.weight_version != WEIGHT_VERSION {
        let file = manifest::FILE.to_owned();
        let (found, supported) = (state.weight_version, WEIGHT_VERSION);
        return Err(OpenError::UnsupportedVersion { file, found, supported });
    }
    let mut merkle_options = MerkleOptions::default();
    merkle_options.cache_bytes = options.page_cache_bytes();
    merkle_options.resident_bits = options.resident_bits;
    merkle_options.threads = options.thread_count();
    if state.weight_max == 0 || state.weight_max > WEIGHT_MAX * 2 {
        let reason = "the weight of a bottom subtrie is out of its range";
        return Err(Corruption::new(manifest::FILE, 0, reason).into());
    }
    let shape = Shape::new(TRIE_ID, state.weight_max, cell_weight);
    Merkle::new(shape, merkle_options)
        .map_err(|error| OpenError::Threads { reason: error.to_string() })
}

/// The undoable commits of the manifest.
fn window(state: &State, options: &Options) -> Result<Window, OpenError> {
    let (commits_max, bytes_max) = options.rollback_window();
    let empty = Window::new(commits_max, bytes_max);
    let runs = &state.window;
    let window = empty.decode(runs.head, runs.bytes, &runs.runs);
    let mut window = window.ok_or_else(|| {
        Corruption::new(manifest::FILE, 0, "the undoable commits are not in order")
    })?;
    if options.faults().forgets_window() {
        window.forget_before(u64::MAX);
    }
    Ok(window)
}

/// Reads the upper levels of the newest state's trie; how many are in memory completely.
fn preload<S: Scheme>(engine: &Engine<S>) -> Result<usize, OpenError> {
    let bytes = usize::try_from(engine.options.preload_bytes).unwrap_or(usize::MAX);
    let view = &engine.current().view;
    let preloaded = engine.merkle.preload(&view.trie, bytes, &*view.pin);
    preloaded.map_err(|error| replay::read_error(ReadError::from(error)))
}

/// Takes commits out of the window whose records the log has no more; how many.
fn forget_lost(window: &mut Window, log: &bmt_seglog::Log) -> u64 {
    let before = window.len();
    window.forget_before(log.first_sequence());
    (before - window.len()) as u64
}

/// The state of a database that was just made.
fn first_state(tree: bmt_beatree::Meta, table: bmt_bitbox::TableNames) -> State {
    State {
        position: Position { sequence: 0, chain: 0 },
        pages_through: 0,
        root: bmt_core::EMPTY_ROOT,
        root_page: None,
        weight_max: WEIGHT_MAX,
        weight_version: WEIGHT_VERSION,
        key_count: 0,
        tree,
        table,
        window: manifest::Runs::default(),
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
