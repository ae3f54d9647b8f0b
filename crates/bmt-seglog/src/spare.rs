//! Spares: segments of synced zeros, ready to be written without allocating anything.

use crate::core::Core;
use crate::error::LogError;
use crate::segment::file_name;
use crate::stats::add;
use bmt_io::{File, IoError};
use std::sync::Arc;

/// Zeros written between two syncs, so that a commit's sync does not have to carry them all.
const STEP_BYTES: u64 = 4 << 20;

/// How many spares are kept when nothing needs more.
const READY_COUNT: usize = 1;

/// How many files are kept at most, prepared or not.
const KEPT_COUNT_MAX: usize = 2;

/// Files that are not live.
#[derive(Debug, Default)]
pub(crate) struct Spares {
    /// Prepared: all zeros, synced, named durably.
    pub(crate) ready: Vec<Arc<dyn File>>,
    /// Of the right length and no longer live, with old bytes in them.
    pub(crate) used: Vec<Arc<dyn File>>,
    /// Segments that can't be reached, to be removed with the next pruning.
    pub(crate) stranded: Vec<Arc<dyn File>>,
    /// The number of the next file.
    pub(crate) next_id: u64,
}

/// Prepares segments until `count` are ready.
///
/// `NoSpace` leaves the log as it was; any other failure poisons it.
pub(crate) fn ensure(core: &Core, count: usize) -> Result<(), LogError> {
    while core.spares.lock().ready.len() < count {
        let preparing = core.preparation.lock();
        if core.spares.lock().ready.len() >= count {
            break;
        }
        prepare_one(core)?;
        drop(preparing);
    }
    Ok(())
}

/// Prepares the usual number of spares, for the next time; being out of space is not a failure yet.
pub(crate) fn refill(core: &Core) -> Result<(), LogError> {
    if core.poison.get().is_some() {
        return Ok(());
    }
    match ensure(core, READY_COUNT) {
        Err(LogError::NoSpace { .. }) => Ok(()),
        other => other,
    }
}

/// Takes a spare that [`ensure`] prepared.
pub(crate) fn take(core: &Core) -> Arc<dyn File> {
    let Some(file) = core.spares.lock().ready.pop() else {
        unreachable!("INV-LG-09: segments are ready before a record is written")
    };
    file
}

/// Whether a file that leaves the log, of this length, is wanted as a spare.
pub(crate) fn is_wanted(core: &Core, len_bytes: u64) -> bool {
    let spares = core.spares.lock();
    len_bytes == core.options.segment_bytes
        && spares.ready.len() + spares.used.len() < KEPT_COUNT_MAX
}

fn prepare_one(core: &Core) -> Result<(), LogError> {
    let used = core.spares.lock().used.pop();
    let file = match used {
        Some(file) => {
            fill_with_zeros(core, &*file).map_err(|source| failed(core, source))?;
            add(&core.counters.recycled, 1);
            file
        }
        None => create(core).map_err(|source| failed(core, source))?,
    };
    core.spares.lock().ready.push(file);
    Ok(())
}

fn create(core: &Core) -> Result<Arc<dyn File>, IoError> {
    let id = {
        let mut spares = core.spares.lock();
        spares.next_id += 1;
        spares.next_id - 1
    };
    let name = file_name(id);
    let file = core.directory.create(&name)?;
    let filled = fill_with_zeros(core, &*file).and_then(|()| core.sync_directory());
    if let Err(error) = filled {
        // Out of space, or broken: either way the file is of no use, and recovery removes it if
        // this does not.
        drop(core.directory.remove(&name));
        return Err(error);
    }
    Ok(file)
}

/// Writes zeros over the whole segment and syncs them.
fn fill_with_zeros(core: &Core, file: &dyn File) -> Result<(), IoError> {
    let end = core.options.segment_bytes;
    let mut from = 0;
    while from < end {
        let len_bytes = (end - from).min(STEP_BYTES);
        file.zero_fill(from, len_bytes)?;
        if !core.faults().skips_preparation_sync() {
            core.sync_aside(file)?;
        }
        from += len_bytes;
    }
    Ok(())
}

fn failed(core: &Core, source: IoError) -> LogError {
    if let IoError::NoSpace { .. } = source {
        return LogError::NoSpace { segment_bytes: core.options.segment_bytes, source };
    }
    core.set_poison(&source);
    LogError::Io(source)
}
