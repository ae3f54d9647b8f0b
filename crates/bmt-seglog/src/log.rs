//! The public handle: [`Log`].

use crate::commit::{sync_all, sync_through};
use crate::core::{Core, Start};
use crate::create::create;
use crate::cut;
use crate::error::LogError;
use crate::format::part::RecordKind;
use crate::options::{LogOptions, Position, SpareMode};
use crate::pin::Pin;
use crate::preparer::Preparer;
use crate::prune;
use crate::read::records::Records;
use crate::recovery::report::{RecoveryReport, TornTail};
use crate::recovery::{inspect, recover};
use crate::spare;
use crate::stats::{LogStats, get};
use crate::writer::{Appended, total_bytes};
use bmt_io::Directory;
use core::fmt;
use std::sync::Arc;

/// An open log. Any number of threads may use it at once.
///
/// The caller sees to it that a directory's log is open once (see
/// [`bmt_io::Directory::try_lock`]). Dropping a log does not sync it: records that were appended and
/// not synced are in the page cache, and a loss of power may take them.
pub struct Log {
    core: Arc<Core>,
    torn_tail: Option<TornTail>,
    preparer: Option<Preparer>,
}

impl Log {
    /// Makes a new log in `directory` and returns when it is durable.
    ///
    /// Keep [`LogOptions::salt`]: the log can't be opened without it. If the process dies before the
    /// salt is durable, call this again with [`LogOptions::discard_existing`].
    ///
    /// # Errors
    /// [`LogError::AlreadyExists`], [`LogError::InvalidOption`], [`LogError::NoSpace`] and
    /// [`LogError::Io`].
    pub fn create(directory: Arc<dyn Directory>, options: LogOptions) -> Result<Self, LogError> {
        options.validate()?;
        let start = create(&*directory, &options)?;
        Self::start(directory, options, start, None)
    }

    /// Opens a log, cuts off a torn tail, and returns when everything it found is durable.
    ///
    /// Costs one read of the segments from the one with [`LogOptions::scan_from`] on, of the rest of
    /// the last segment and of the spare, and one `fdatasync` each; so with the default sizes and
    /// `scan_from` near the end, at most about 48 MiB of sequential reads, besides a header for each
    /// older segment.
    ///
    /// # Errors
    /// [`LogError::Corruption`] if a record is missing that was durable; [`LogError::NotFound`] if
    /// there is no log with this salt; [`LogError::UnsupportedVersion`]; [`LogError::Io`]. Nothing was
    /// written then, but for an error of storage itself, after which opening can be tried again.
    pub fn open(
        directory: Arc<dyn Directory>,
        options: LogOptions,
    ) -> Result<(Self, RecoveryReport), LogError> {
        options.validate()?;
        let (start, report) = recover(&*directory, &options)?;
        let log = Self::start(directory, options, start, report.torn_tail)?;
        Ok((log, report))
    }

    /// What [`Log::open`] would find, without writing anything: for checks, and for directories that
    /// are opened read-only.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn inspect(
        directory: &dyn Directory,
        options: &LogOptions,
    ) -> Result<RecoveryReport, LogError> {
        options.validate()?;
        inspect(directory, options)
    }

    fn start(
        directory: Arc<dyn Directory>,
        options: LogOptions,
        start: Start,
        torn_tail: Option<TornTail>,
    ) -> Result<Self, LogError> {
        let mode = options.spare;
        let core = Arc::new(Core::new(directory, options, start));
        let preparer = match mode {
            SpareMode::Background => Preparer::start(&core),
            SpareMode::Inline => None,
        };
        let log = Self { core, torn_tail, preparer };
        let is_due = log.core.writer.lock().spare_is_due();
        if is_due {
            log.prepare_spare()?;
        }
        Ok(log)
    }

    /// Appends a record and returns its place. It is readable at once, and durable only after a sync.
    ///
    /// One write for each part; a record in one segment is one part.
    ///
    /// # Errors
    /// [`LogError::RecordTooLarge`] and [`LogError::NoSpace`] leave the log as it was.
    /// [`LogError::OutcomeUnknown`] poisons it; then [`LogError::Poisoned`].
    pub fn append(&self, payload: &[u8]) -> Result<Position, LogError> {
        self.append_parts(&[payload])
    }

    /// As [`Log::append`], for a payload in pieces: the record is their concatenation.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append_parts(&self, payload: &[&[u8]]) -> Result<Position, LogError> {
        let appended = self.write(payload)?;
        if appended.wants_spare {
            // The record is appended: a failure here is told by the next operation.
            drop(self.prepare_spare());
        }
        Ok(appended.position)
    }

    /// Appends a record and returns when it and all before it are durable: one `fdatasync`, which
    /// callers that come at the same time have in common; one more for each further segment that the
    /// record reaches into.
    ///
    /// # Errors
    /// As [`Log::append`]; [`LogError::OutcomeUnknown`] also when the sync failed. It is not tried
    /// again.
    pub fn append_sync(&self, payload: &[u8]) -> Result<Position, LogError> {
        self.append_parts_sync(&[payload])
    }

    /// As [`Log::append_sync`], for a payload in pieces.
    ///
    /// # Errors
    /// As [`Log::append_sync`].
    pub fn append_parts_sync(&self, payload: &[&[u8]]) -> Result<Position, LogError> {
        let appended = self.write(payload)?;
        sync_through(&self.core, appended.position.sequence)?;
        if appended.wants_spare {
            // The record is durable: a failure here is told by the next operation.
            drop(self.prepare_spare());
        }
        Ok(appended.position)
    }

    /// Returns when every record appended before the call is durable. No `fdatasync` if all are.
    ///
    /// # Errors
    /// [`LogError::OutcomeUnknown`] with the newest of the records; the log is poisoned. [`LogError::Poisoned`] if
    /// they are durable, and the log was poisoned otherwise.
    pub fn sync(&self) -> Result<(), LogError> {
        sync_all(&self.core)?;
        self.check_poison()
    }

    /// Waits until no segment is being prepared in the background; none is from then on, so that commits prepare
    /// their own. For whoever gives up the directory while others still hold the log.
    pub fn end_preparing(&self) {
        if let Some(preparer) = &self.preparer {
            preparer.end();
        }
    }

    /// Whether writing is over for this handle, since an operation failed whose outcome is unknown; also one of
    /// the thread that prepares segments, which nobody was told of yet.
    ///
    /// # Errors
    /// [`LogError::Poisoned`].
    pub fn check_poison(&self) -> Result<(), LogError> {
        self.core.check_poison()
    }

    /// The records from `sequence` to what is now the end, in order; see [`Records`].
    ///
    /// Starts at most 64 KiB before the record, or at the start of its segment if recovery did not
    /// read it.
    ///
    /// # Errors
    /// [`LogError::NotInLog`] if `sequence` is before the first record or more than one past the last.
    pub fn iter_from(&self, sequence: u64) -> Result<Records, LogError> {
        Records::new(&self.core, sequence)
    }

    /// Drops whole segments from the front that hold no part of a record from `keep_from` on.
    ///
    /// Records that are pinned or not yet durable stay, and so does the last segment; a `keep_from`
    /// past the end is cut down to it. Each segment costs one or two syncs beside the commit path.
    ///
    /// # Errors
    /// [`LogError::Poisoned`], and [`LogError::Io`], which poisons the log.
    pub fn prune_front(&self, keep_from: u64) -> Result<(), LogError> {
        prune::prune_front(&self.core, keep_from)
    }

    /// Drops every record after `keep_through`; durable on return. Their numbers are used again.
    ///
    /// A caller that keeps [`LogOptions::expected_through`] somewhere lowers it durably *before*.
    /// Everything past the cut is zeroed, so this writes as many bytes as it drops, with three syncs
    /// and more for further segments.
    ///
    /// # Errors
    /// [`LogError::NotInLog`] if records before the first one would have to go; [`LogError::NoSpace`]
    /// leaves the log as it was. [`LogError::OutcomeUnknown`]: the cut happened or did not, opening
    /// the log tells. [`LogError::Io`]: the cut is durable, and the log is poisoned.
    pub fn truncate_back(&self, keep_through: u64) -> Result<(), LogError> {
        cut::truncate_back(&self.core, keep_through)
    }

    /// Keeps record `sequence` and all after it from being pruned, until the pin is dropped.
    #[must_use]
    pub fn pin(&self, sequence: u64) -> Pin {
        Pin::new(&self.core, sequence)
    }

    /// The oldest record; equal to [`Log::next_sequence`] if there is none.
    #[must_use]
    pub fn first_sequence(&self) -> u64 {
        self.core.live.read().first_sequence()
    }

    /// The sequence that the next record will have.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.core.live.read().next_sequence
    }

    /// The newest record known to be durable.
    #[must_use]
    pub fn synced_through(&self) -> u64 {
        let newest = self.next_sequence() - 1;
        // While a cut goes on, its record is synced too; it is none of the caller's.
        self.core.sync.lock().synced_through.min(newest)
    }

    /// The names of the files that hold records, oldest first: appends go to the last one, and no other changes
    /// before it is pruned or cut off. For copies of an open log.
    #[must_use]
    pub fn segment_names(&self) -> Vec<String> {
        self.core
            .live
            .read()
            .segments
            .iter()
            .map(|segment| segment.file.name().to_owned())
            .collect()
    }

    /// What the log is and has done.
    #[must_use]
    pub fn stats(&self) -> LogStats {
        let (core, counters) = (&self.core, &self.core.counters);
        let (first_sequence, next_sequence, segment_count, live_bytes) = {
            let live = core.live.read();
            let bytes: u64 = live.segments.iter().map(|segment| segment.len_bytes()).sum();
            (live.first_sequence(), live.next_sequence, len_u64(live.segments.len()), bytes)
        };
        let (spare_count, spare_is_ready) = {
            let spares = core.spares.lock();
            (len_u64(spares.ready.len() + spares.used.len()), !spares.ready.is_empty())
        };
        LogStats {
            first_sequence,
            next_sequence,
            synced_through: self.synced_through(),
            segment_count,
            file_bytes: live_bytes + spare_count * core.options.segment_bytes,
            spare_is_ready,
            append_count: get(&counters.appends),
            append_bytes: get(&counters.append_bytes),
            written_bytes: get(&counters.written_bytes),
            commit_sync_count: get(&counters.commit_syncs),
            preparation_sync_count: get(&counters.preparation_syncs),
            directory_sync_count: get(&counters.directory_syncs),
            roll_count: get(&counters.rolls),
            recycled_count: get(&counters.recycled),
            removed_count: get(&counters.removed),
            pin_count: len_u64(core.pins.lock().values().sum()),
            is_poisoned: core.poison.get().is_some(),
            torn_tail_bytes: self.torn_tail.map_or(0, |tail| tail.bytes),
            torn_tail_records: self.torn_tail.map_or(0, |tail| tail.records),
        }
    }

    fn write(&self, payload: &[&[u8]]) -> Result<Appended, LogError> {
        let (record_bytes, limit_bytes) =
            (total_bytes(payload), self.core.options.record_bytes_max);
        if record_bytes > limit_bytes {
            return Err(LogError::RecordTooLarge { record_bytes, limit_bytes });
        }
        self.core.writer.lock().append(&self.core, RecordKind::Data, payload)
    }

    /// Sees to a spare: by the thread if there is one, else at once.
    fn prepare_spare(&self) -> Result<(), LogError> {
        match &self.preparer {
            Some(preparer) => {
                preparer.wake();
                Ok(())
            }
            None => spare::refill(&self.core),
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("stats", &self.stats()).finish_non_exhaustive()
    }
}

fn len_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
