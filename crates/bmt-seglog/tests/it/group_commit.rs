//! Commits of several threads share an `fdatasync`, and each is durable when it returns.

use crate::model::bytes_of;
use crate::setup::{open, options};
use bmt_io::{
    BackendReport, Directory, DirectoryLock, File, FileOptions, IoError, IoStats, Queue, SimDisk,
};
use bmt_seglog::{Log, LogOptions, SpareMode};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A directory whose syncs take a while.
#[derive(Debug)]
struct Slow(Arc<dyn Directory>);

#[derive(Debug)]
struct SlowFile(Arc<dyn File>);

impl Directory for Slow {
    fn create_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        Ok(Arc::new(SlowFile(self.0.create_with(name, options)?)))
    }
    fn open_with(&self, name: &str, options: FileOptions) -> Result<Arc<dyn File>, IoError> {
        Ok(Arc::new(SlowFile(self.0.open_with(name, options)?)))
    }
    fn remove(&self, name: &str) -> Result<(), IoError> {
        self.0.remove(name)
    }
    fn rename(&self, from: &str, to: &str) -> Result<(), IoError> {
        self.0.rename(from, to)
    }
    fn entries(&self) -> Result<Vec<String>, IoError> {
        self.0.entries()
    }
    fn sync(&self) -> Result<(), IoError> {
        self.0.sync()
    }
    fn try_lock(&self) -> Result<DirectoryLock, IoError> {
        self.0.try_lock()
    }
    fn queue(&self, depth: usize) -> Result<Box<dyn Queue>, IoError> {
        self.0.queue(depth)
    }
    fn stats(&self) -> IoStats {
        self.0.stats()
    }
    fn backend(&self) -> BackendReport {
        self.0.backend()
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl File for SlowFile {
    fn name(&self) -> &str {
        self.0.name()
    }
    fn len_bytes(&self) -> Result<u64, IoError> {
        self.0.len_bytes()
    }
    fn read_exact_at(&self, buffer: &mut [u8], offset_bytes: u64) -> Result<(), IoError> {
        self.0.read_exact_at(buffer, offset_bytes)
    }
    fn write_all_at(&self, buffer: &[u8], offset_bytes: u64) -> Result<(), IoError> {
        self.0.write_all_at(buffer, offset_bytes)
    }
    fn set_len(&self, len_bytes: u64) -> Result<(), IoError> {
        self.0.set_len(len_bytes)
    }
    fn zero_fill(&self, offset_bytes: u64, len_bytes: u64) -> Result<(), IoError> {
        self.0.zero_fill(offset_bytes, len_bytes)
    }
    fn sync_data(&self) -> Result<(), IoError> {
        std::thread::sleep(Duration::from_millis(2));
        self.0.sync_data()
    }
}

const THREADS: u64 = 8;
const COMMITS: u64 = 40;

#[test]
fn concurrent_commits_share_syncs_and_none_is_lost() {
    let disk = SimDisk::new(1);
    let options = LogOptions { spare: SpareMode::Background, ..options() };
    let log = Log::create(Arc::new(Slow(disk.directory())), options).unwrap();
    let (log, newest) = (&log, &AtomicU64::new(0));
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for commit in 0..COMMITS {
                    let record = bytes_of(thread * 1000 + commit, 600);
                    let place = log.append_sync(&record).unwrap();
                    assert!(log.synced_through() >= place.sequence);
                    newest.fetch_max(place.sequence, Ordering::SeqCst);
                }
            });
        }
        // Power losses at any time keep what was acknowledged before them.
        scope.spawn(|| {
            for seed in 0..20 {
                let acknowledged = newest.load(Ordering::SeqCst);
                let after = disk.power_loss(seed);
                let (log, _) = open(&after).unwrap();
                assert!(log.next_sequence() > acknowledged);
                std::thread::sleep(Duration::from_millis(5));
            }
        });
    });
    let stats = log.stats();
    assert_eq!(stats.append_count, THREADS * COMMITS);
    let limit = THREADS * COMMITS / 2;
    assert!(stats.commit_sync_count < limit, "{} syncs", stats.commit_sync_count);
    let (log, _) = open(&disk.power_loss_losing_all()).unwrap();
    assert_eq!(log.next_sequence(), THREADS * COMMITS + 1);
}
