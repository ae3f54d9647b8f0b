//! When a larger, smaller or cleaner table is needed, and beginning it.

use crate::buckets::Buckets;
use crate::copy;
use crate::core::Core;
use crate::error::TableError;
use crate::file::{TableFile, name_of};
use crate::format::geometry::{BITS_MAX, Geometry};
use crate::format::header::Header;
use crate::ledger::{Ledger, Writer};
use crate::set::{OpenTable, Role};
use crate::stats::add;
use crate::units::to_u64;
use bmt_io::IoError;
use std::sync::Arc;

/// Tables with fewer buckets than this are kept emptier.
const SMALL_BUCKET_COUNT: u64 = 4096;

/// How full the target is, and would be after a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Filling {
    bucket_count: u64,
    /// Live pages of all tables, those to come, and those that pins hold in the target.
    needed_count: u64,
    /// Buckets of the target that would still be empty.
    empty_count: u64,
    is_resizing: bool,
}

impl Filling {
    fn of(core: &Core, put_count: usize) -> Self {
        let pending = core.pending.lock();
        let set = core.set.read();
        let target = &set.target().buckets;
        let put_count = to_u64(put_count);
        Self {
            bucket_count: target.geometry().bucket_count(),
            needed_count: set.live_count() + target.pinned_count() + put_count,
            empty_count: target.empty_count().saturating_sub(put_count),
            is_resizing: set
                .sources()
                .any(|source| source.buckets.live_count() > pending.stuck_in(source).1),
        }
    }

    /// Growth begins here. At a half, a search for a page that is there takes 1.44 probes on average; with
    /// few pages the average says little, and room costs little.
    fn is_too_full(&self) -> bool {
        match self.bucket_count < SMALL_BUCKET_COUNT {
            true => self.needed_count * 8 > self.bucket_count * 3,
            false => self.needed_count * 2 > self.bucket_count,
        }
    }

    /// Never passed (INV-BB-08).
    fn is_over_limit(&self) -> bool {
        self.needed_count * 5 > self.bucket_count * 3
    }

    /// Too many tombstones: a search for a page that is not there takes long.
    fn is_worn(&self) -> bool {
        !self.is_resizing && self.empty_count * 8 < self.bucket_count
    }

    /// The size of a table that these pages fill to between 3/16 and 3/8; a small one to between 1/8 and
    /// 1/4.
    fn fitting_bits(&self, bits_min: u32) -> u32 {
        let needed_count = self.needed_count.max(1);
        let small = needed_count.saturating_mul(4);
        let bucket_count = match small <= SMALL_BUCKET_COUNT / 2 {
            true => small,
            false => needed_count.saturating_mul(8).div_ceil(3),
        };
        bucket_count.checked_next_power_of_two().map_or(u64::BITS, u64::ilog2).max(bits_min)
    }
}

/// Begins a larger or cleaner table if this batch needs one.
pub(crate) fn make_room(
    core: &Core,
    writer: &mut Writer,
    put_count: usize,
) -> Result<(), TableError> {
    let filling = Filling::of(core, put_count);
    if !filling.is_too_full() && !filling.is_worn() {
        return Ok(());
    }
    let bits_now = filling.bucket_count.ilog2();
    let bits = filling.fitting_bits(bits_now);
    match begin_beside(core, writer, bits) {
        // Without a larger table there is room for deletions, and for some more pages.
        Err(
            TableError::NoSpace { .. }
            | TableError::TooManyPages { .. }
            | TableError::Corruption { .. }
            | TableError::UnsupportedVersion { .. }
            | TableError::UnsupportedFlags { .. },
        ) if put_count == 0 || !filling.is_over_limit() => Ok(()),
        begun => begun,
    }
}

/// Begins a table; if it is the third one, one of the others is emptied at once (INV-BB-10). Where damage keeps
/// both, there is no third one.
fn begin_beside(core: &Core, writer: &mut Writer, bits: u32) -> Result<(), TableError> {
    {
        let pending = core.pending.lock();
        let set = core.set.read();
        let mut named = set.sources().chain([set.target()]);
        if set.sources().next().is_some()
            && named.all(|table| pending.stuck_in(table).1 > 0)
            && let (Some(error), _) = pending.stuck_in(set.target())
        {
            return Err(error.clone());
        }
    }
    begin(core, writer, bits)?;
    if core.set.read().sources().count() < 2 {
        return Ok(());
    }
    match copy::empty_a_source(core) {
        Err(
            error @ (TableError::Corruption { .. }
            | TableError::UnsupportedVersion { .. }
            | TableError::UnsupportedFlags { .. }),
        ) => {
            take_back(core, writer);
            Err(error)
        }
        emptied => emptied,
    }
}

/// Gives up a target that no manifest names, for the one before it.
fn take_back(core: &Core, writer: &mut Writer) {
    let mut copier = core.copier.lock();
    let moves = core.pending.lock().take_moves();
    copy::release(core, &moves);
    copier.restart();
    let mut set = core.set.write();
    let given_up = set.tables.remove(0);
    assert_eq!(given_up.buckets.live_count(), 0, "no batch wrote to it");
    set.target_mut().role = Role::Target;
    writer.ledgers.remove(0);
    drop(set);
    core.strays.lock().push(given_up.file.name().to_owned());
}

/// Begins a table of twice the size, or one that fits its pages if that is smaller; whether there is a
/// reason to.
pub(crate) fn request(core: &Core, writer: &mut Writer, shrink: bool) -> Result<bool, TableError> {
    core.check_poison()?;
    if let Some(batch) = writer.prepared {
        return Err(TableError::SwitchPending { batch });
    }
    let filling = Filling::of(core, 0);
    let bits_now = filling.bucket_count.ilog2();
    // What pins need stays behind in the old table.
    let of_live = Filling { needed_count: core.set.read().live_count(), ..filling };
    let bits = match shrink {
        true => of_live.fitting_bits(core.options.bits_min()),
        false => bits_now + 1,
    };
    if filling.is_resizing || (shrink && bits >= bits_now) {
        return Ok(false);
    }
    begin_beside(core, writer, bits)?;
    Ok(true)
}

/// Makes a table the new target. No manifest names it until the next batch.
fn begin(core: &Core, writer: &mut Writer, bits: u32) -> Result<(), TableError> {
    let Some(geometry) = Geometry::new(bits).filter(|_| bits <= BITS_MAX) else {
        let needed_count = Filling::of(core, 0).needed_count;
        return Err(TableError::TooManyPages { needed_count });
    };
    // While this is held no copy is on its way to the old target.
    let mut copier = core.copier.lock();
    let number = writer.next_number;
    writer.next_number += 1;
    let header = Header { number, salt: core.salt, geometry };
    let file = match TableFile::create(&*core.directory, header, core.faults()) {
        Ok(file) => Arc::new(file),
        Err(source) => return Err(give_up(core, number, source)),
    };
    let moves = core.pending.lock().take_moves();
    copy::release(core, &moves);
    copier.restart();
    let mut set = core.set.write();
    let source = set.target_mut();
    source.role = Role::Source;
    source.buckets.forget_passed();
    let table =
        OpenTable { file: Arc::clone(&file), role: Role::Target, buckets: Buckets::new(geometry) };
    set.tables.insert(0, table);
    set.moved_below = 0;
    writer.ledgers.insert(0, Ledger::fresh(file));
    add(&core.counters.resizes, 1);
    Ok(())
}

/// What a failed creation means: nothing but its file is changed, and the file is removed, now or later.
fn give_up(core: &Core, number: u64, source: IoError) -> TableError {
    let name = name_of(number);
    if core.directory.remove(&name).is_err() {
        core.strays.lock().push(name);
    }
    core.write_failed(source)
}
