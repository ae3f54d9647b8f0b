//! The state of a simulated disk: files, names, counters, faults, and what they do to operations.

use super::fault::{Course, Fault, Outcome, TraceEntry, When};
use super::image::{Change, Image};
use super::names::Names;
use super::random::{Random, Survival};
use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::stats::IoStats;
use std::collections::BTreeMap;
use std::io;

/// A file of the simulated disk.
#[derive(Debug, Clone, Default)]
pub(super) struct Inode {
    pub(super) image: Image,
    pub(super) handle_count: usize,
}

/// A write that has begun and not ended.
#[derive(Debug, Clone)]
pub(super) struct InFlight {
    pub(super) id: u64,
    pub(super) inode: u64,
    pub(super) change: Change,
}

/// Who holds the directory's lock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum LockState {
    #[default]
    Free,
    Readers(usize),
    Writer,
}

/// A whole simulated disk.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) random: Random,
    pub(super) inodes: BTreeMap<u64, Inode>,
    pub(super) names: Names,
    pub(super) in_flight: Vec<InFlight>,
    next_id: u64,
    pub(super) lock: LockState,
    pub(super) crashed: bool,
    /// Operations begun, with or without success.
    pub(super) attempts: IoStats,
    pub(super) done: IoStats,
    pub(super) faults: Vec<(When, Fault)>,
    pub(super) capacity_bytes: Option<u64>,
    pub(super) ignore_sync: bool,
    pub(super) ignore_directory_sync: bool,
    pub(super) trace: Option<Vec<TraceEntry>>,
}

impl Disk {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            inodes: BTreeMap::new(),
            names: Names::default(),
            in_flight: Vec::new(),
            next_id: 0,
            lock: LockState::Free,
            crashed: false,
            attempts: IoStats::default(),
            done: IoStats::default(),
            faults: Vec::new(),
            capacity_bytes: None,
            ignore_sync: false,
            ignore_directory_sync: false,
            trace: None,
        }
    }

    /// A number for a file or a write in flight.
    pub(super) fn fresh_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }

    /// Runs one operation: counts it, finds its course, traces it.
    pub(super) fn operate<T>(
        &mut self,
        site: Site,
        run: impl FnOnce(&mut Self, Course, &Site) -> Result<T, IoError>,
    ) -> Result<T, IoError> {
        if self.crashed {
            return Err(IoError::Crashed { site });
        }
        let number = self.attempts.total_count();
        let course = self.course(number, site.operation);
        self.attempts.record(site.operation, site.len_bytes);
        self.crashed = course == Course::Crash;
        let ended = run(self, course, &site);
        let (outcome, result) = match ended {
            _ if self.crashed => (Outcome::Crashed, Err(IoError::Crashed { site: site.clone() })),
            Err(error) => (Outcome::Failed, Err(error)),
            Ok(value) => (Outcome::Done, Ok(value)),
        };
        if outcome == Outcome::Done {
            self.done.record(site.operation, site.len_bytes);
        }
        if let Some(trace) = &mut self.trace {
            trace.push(TraceEntry {
                number,
                operation: site.operation,
                file: site.file.as_ref().to_owned(),
                offset_bytes: site.offset_bytes,
                len_bytes: site.len_bytes,
                outcome,
            });
        }
        result
    }

    /// How the operation with this number is to go. A fault is used up by it.
    fn course(&mut self, number: u64, operation: Operation) -> Course {
        let of_kind = self.attempts.count(operation);
        let meets = |when: &When| match *when {
            When::Number(at) => at == number,
            When::Kind(kind, at) => kind == operation && at == of_kind,
        };
        match self.faults.iter().position(|(when, _)| meets(when)) {
            None => Course::Normal,
            Some(at) => match self.faults.swap_remove(at).1 {
                Fault::Crash => Course::Crash,
                fault => Course::Fault(fault),
            },
        }
    }

    /// Bytes that can still be allocated.
    pub(super) fn free_bytes(&self) -> usize {
        let Some(capacity) = self.capacity_bytes else { return usize::MAX };
        let used: usize = self.inodes.values().map(|inode| inode.image.volatile.len()).sum();
        usize::try_from(capacity).unwrap_or(usize::MAX).saturating_sub(used)
    }

    /// Forgets a file that has neither name nor handle.
    pub(super) fn collect(&mut self, inode: u64) {
        let idle = self.inodes.get(&inode).is_some_and(|file| file.handle_count == 0);
        if idle && !self.names.mentions(inode) {
            self.inodes.remove(&inode);
        }
    }

    /// Forgets all files that have neither names nor handles.
    pub(super) fn collect_all(&mut self) {
        let idle: Vec<u64> = self.inodes.keys().copied().collect();
        idle.into_iter().for_each(|inode| self.collect(inode));
    }

    /// The disk after the power came back: only what the device holds, everything durable.
    pub(super) fn after_power_loss(&self, seed: u64, survival: Option<Survival>) -> Self {
        let mut random = Random::new(seed);
        let of_names = survival.unwrap_or_else(|| Survival::choose(&mut random));
        let entries = self.names.after_power_loss(of_names, &mut random);
        let mut disk = self.rebooted(seed);
        for (id, inode) in &self.inodes {
            if !entries.values().any(|named| named == id) {
                continue;
            }
            let mut in_flight: Vec<&Change> = self
                .in_flight
                .iter()
                .filter(|write| write.inode == *id)
                .map(|write| &write.change)
                .collect();
            for at in (1..in_flight.len()).rev() {
                in_flight.swap(at, random.below(at + 1));
            }
            let of_bytes = survival.unwrap_or_else(|| Survival::choose(&mut random));
            let bytes = inode.image.after_power_loss(&in_flight, of_bytes, &mut random);
            let image = Image::settled(bytes);
            disk.inodes.insert(*id, Inode { image, handle_count: 0 });
        }
        disk.names = Names { volatile: entries.clone(), durable: entries, pending: Vec::new() };
        disk
    }

    /// The disk after the process died: all that it wrote is visible, nothing more is durable. The
    /// system may have ended a write in flight or not.
    pub(super) fn after_process_crash(&self) -> Self {
        let mut random = self.random.clone();
        let mut disk = self.rebooted(random.next());
        disk.inodes = self.inodes.clone();
        disk.inodes.values_mut().for_each(|inode| inode.handle_count = 0);
        disk.names = self.names.clone();
        let mut in_flight = self.in_flight.clone();
        while !in_flight.is_empty() {
            let write = in_flight.swap_remove(random.below(in_flight.len()));
            if random.coin()
                && let Some(inode) = disk.inodes.get_mut(&write.inode)
            {
                inode.image.change(write.change);
            }
        }
        disk.collect_all();
        disk
    }

    /// An empty disk with the properties of this one that a restart leaves alone.
    fn rebooted(&self, seed: u64) -> Self {
        Self {
            next_id: self.next_id,
            capacity_bytes: self.capacity_bytes,
            ignore_sync: self.ignore_sync,
            ignore_directory_sync: self.ignore_directory_sync,
            ..Self::new(seed)
        }
    }
}

/// The error that a fault makes of an operation.
pub(super) fn failure(site: &Site, fault: Fault) -> IoError {
    let source = match fault {
        Fault::NoSpace => io::ErrorKind::StorageFull.into(),
        _ => io::Error::other("simulated input/output error"),
    };
    IoError::new(site.clone(), source)
}
