//! The sim backend: a disk in memory that loses power, fails and lies, all by seed.
//!
//! Each file, and the directory itself, has a *volatile* image (what the process sees) and a *durable*
//! one (what the device holds), and the un-synced changes that lead from one to the other.
//!
//! * A **power loss** keeps the durable image and, of the un-synced changes, any subset: later ones
//!   without earlier ones, and a write with any subset of its 512-byte sectors. Of two writes to one
//!   place the later wins if it survives. Names follow the same rule, independently of bytes. Sectors
//!   that are lost beyond the old end of a file read as zeros.
//! * A **process crash** keeps the volatile image, nothing more is durable, and a power loss may follow.
//! * Writes that a queue has in flight may have happened or not in either case.
//!
//! With one thread, everything follows from the seeds. There is no clock: latency is the order in
//! which a queue completes.

mod directory;
mod disk;
mod fault;
mod file;
mod image;
mod names;
mod queue;
mod random;

use crate::operation::Operation;
use crate::stats::IoStats;
use crate::storage::Directory;
use directory::SimDirectory;
use disk::Disk;
pub use fault::{Fault, Outcome, TraceEntry, When};
use image::Image;
use parking_lot::Mutex;
use random::Survival;
use std::sync::Arc;

/// A simulated disk with one directory; clones are handles to the same disk.
///
/// ```
/// use bmt_io::{Directory, SimDisk};
///
/// let disk = SimDisk::new(1);
/// let directory = disk.directory();
/// let file = directory.create("a")?;
/// file.write_all_at(b"kept", 0)?;
/// file.sync_data()?;
/// directory.sync()?;
/// file.write_all_at(b"lost", 0)?;
///
/// let after = disk.power_loss_losing_all();
/// assert_eq!(after.read_file("a").as_deref(), Some(b"kept".as_slice()));
/// # Ok::<(), bmt_io::IoError>(())
/// ```
#[derive(Debug, Clone)]
pub struct SimDisk(Arc<Mutex<Disk>>);

impl SimDisk {
    /// An empty disk. The seed decides the order of completions and the effect of faults.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::from_disk(Disk::new(seed))
    }

    fn from_disk(disk: Disk) -> Self {
        Self(Arc::new(Mutex::new(disk)))
    }

    /// The disk's directory.
    #[must_use]
    pub fn directory(&self) -> Arc<dyn Directory> {
        Arc::new(SimDirectory::new(&self.0, false))
    }

    /// The disk's directory, for reading only.
    #[must_use]
    pub fn read_only_directory(&self) -> Arc<dyn Directory> {
        Arc::new(SimDirectory::new(&self.0, true))
    }

    /// What the disk might hold if the power failed now; `seed` decides what survives. This disk stays
    /// as it is, so that many outcomes can be tried. Locks and faults are gone, counters start anew.
    ///
    /// For a fifth of the seeds each, nothing or everything un-synced survives; the rest is mixed.
    #[must_use]
    pub fn power_loss(&self, seed: u64) -> Self {
        Self::from_disk(self.0.lock().after_power_loss(seed, None))
    }

    /// A power loss that nothing un-synced survives.
    #[must_use]
    pub fn power_loss_losing_all(&self) -> Self {
        Self::from_disk(self.0.lock().after_power_loss(0, Some(Survival::Nothing)))
    }

    /// What the disk holds if the process died now: everything written is visible, and no more of it is
    /// durable than before. Otherwise as [`SimDisk::power_loss`].
    #[must_use]
    pub fn process_crash(&self) -> Self {
        Self::from_disk(self.0.lock().after_process_crash())
    }

    /// Crashes in the middle of the operation with this number (see [`When::Number`]): it and all later
    /// ones return [`crate::IoError::Crashed`].
    pub fn crash_at(&self, number: u64) {
        self.inject(When::Number(number), Fault::Crash);
    }

    /// Crashes now: all later operations return [`crate::IoError::Crashed`].
    pub fn crash(&self) {
        self.0.lock().crashed = true;
    }

    /// Whether the disk has crashed.
    #[must_use]
    pub fn is_crashed(&self) -> bool {
        self.0.lock().crashed
    }

    /// Makes one operation to come go wrong.
    pub fn inject(&self, when: When, fault: Fault) {
        self.0.lock().faults.push((when, fault));
    }

    /// Takes back the faults that have not been met; the number of them.
    pub fn clear_faults(&self) -> usize {
        core::mem::take(&mut self.0.lock().faults).len()
    }

    /// Limits the bytes of all files together; `None` for no limit.
    pub fn set_capacity_bytes(&self, capacity_bytes: Option<u64>) {
        self.0.lock().capacity_bytes = capacity_bytes;
    }

    /// Makes every [`crate::File::sync_data`] succeed and do nothing: a test of recovery must then
    /// fail, or it would not notice a missing sync.
    pub fn set_ignore_sync(&self, ignore: bool) {
        self.0.lock().ignore_sync = ignore;
    }

    /// The same for [`Directory::sync`].
    pub fn set_ignore_directory_sync(&self, ignore: bool) {
        self.0.lock().ignore_directory_sync = ignore;
    }

    /// Operations begun so far, failed ones included: the number of the next one.
    #[must_use]
    pub fn operation_count(&self) -> u64 {
        self.0.lock().attempts.total_count()
    }

    /// Operations begun so far by kind, failed ones included.
    #[must_use]
    pub fn attempts(&self) -> IoStats {
        self.0.lock().attempts
    }

    /// Begins, or begins anew, to record every operation. The trace takes memory until it is taken.
    pub fn start_trace(&self) {
        self.0.lock().trace = Some(Vec::new());
    }

    /// Ends the recording; what was recorded.
    #[must_use]
    pub fn take_trace(&self) -> Vec<TraceEntry> {
        self.0.lock().trace.take().unwrap_or_default()
    }

    /// The names of all files, sorted, as the process sees them. Not an operation.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        self.0.lock().names.volatile.keys().cloned().collect()
    }

    /// A file's bytes, as the process sees them. Not an operation.
    #[must_use]
    pub fn read_file(&self, name: &str) -> Option<Vec<u8>> {
        let disk = self.0.lock();
        let inode = disk.names.volatile.get(name)?;
        disk.inodes.get(inode).map(|file| file.image.volatile.clone())
    }

    /// Makes a file hold these bytes, durably, name included; open handles see them. Not an operation:
    /// for tests that damage files.
    pub fn write_file(&self, name: &str, bytes: &[u8]) {
        let mut disk = self.0.lock();
        let inode = match disk.names.volatile.get(name) {
            Some(inode) => *inode,
            None => disk.fresh_id(),
        };
        disk.names.volatile.insert(name.to_owned(), inode);
        disk.names.durable.insert(name.to_owned(), inode);
        disk.inodes.entry(inode).or_default().image = Image::settled(bytes.to_vec());
    }

    /// Removes a file, durably. Not an operation: for tests that lose files. Whether it was there.
    pub fn remove_file(&self, name: &str) -> bool {
        let mut disk = self.0.lock();
        disk.names.durable.remove(name);
        disk.names.volatile.remove(name).is_some()
    }

    /// The kinds of operation that a trace has at least once, in order of [`Operation::ALL`].
    #[must_use]
    pub fn kinds_in(trace: &[TraceEntry]) -> Vec<Operation> {
        let hit = |kind: &Operation| trace.iter().any(|entry| entry.operation == *kind);
        Operation::ALL.into_iter().filter(hit).collect()
    }
}
