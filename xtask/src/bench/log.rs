//! Suite `log`: one durable append, next to one bare durable overwrite.

use super::Plan;
use super::report::{Measure, Report};
use super::rounds::{alternate, nanoseconds_each};
use crate::failure::Failure;
use bmt_io::{Direct, Directory, File, FileOptions, IoOptions, PagePool, open_directory};
use bmt_seglog::{Log, LogOptions};
use std::cell::Cell;
use std::sync::Arc;

/// A record that fills one block together with its header.
const PAYLOAD_BYTES: usize = 3900;
const BLOCK_BYTES: u64 = 4096;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let appends = plan.size(400, 40);
    let folder = tempfile::tempdir().map_err(|error| Failure::of("log", error))?;
    let open = |name: &str| {
        let options = IoOptions { create: true, ..IoOptions::default() };
        open_directory(&folder.path().join(name), &options).map_err(|e| Failure::of(name, e))
    };
    let log = Log::create(open("log")?, LogOptions::new(1)).map_err(|e| Failure::of("log", e))?;
    let payload = vec![0x5a; PAYLOAD_BYTES];
    let ours = || {
        let failed = Cell::new(None);
        let each = nanoseconds_each(appends, || {
            for _ in 0..appends {
                if let Err(error) = log.append_sync(&payload) {
                    failed.set(Some(error));
                }
            }
        });
        match failed.take() {
            Some(error) => Err(Failure::of("append_sync", error)),
            None => Ok(each / 1e3),
        }
    };
    let bare = Bare::new(&open("bare")?, (plan.rounds() + 1) * appends)?;
    let pair = alternate(plan.rounds(), ours, || bare.overwrite(appends))?;
    report.figure("append_sync", &pair.ours, "us");
    report.figure("bare_overwrite", &pair.theirs, "us");
    report.ratio("append_sync_vs_bare", Measure::Cost, &pair)
}

/// A file of zeros that is overwritten block by block, past the page cache where it can be.
struct Bare {
    file: Arc<dyn File>,
    pool: PagePool,
    next: Cell<u64>,
}

impl Bare {
    fn new(directory: &Arc<dyn Directory>, blocks: usize) -> Result<Self, Failure> {
        let options = FileOptions { direct: Direct::Auto };
        let failed = |error| Failure::of("bare file", error);
        let file = directory.create_with("bare", options).map_err(failed)?;
        let bytes = u64::try_from(blocks).unwrap_or_default() * BLOCK_BYTES;
        file.zero_fill(0, bytes).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        directory.sync().map_err(failed)?;
        Ok(Self { file, pool: PagePool::new(1 << 20), next: Cell::new(0) })
    }

    /// Microseconds for each of `count` overwrites of one block with an `fdatasync`.
    fn overwrite(&self, count: usize) -> Result<f64, Failure> {
        let failed = |error| Failure::of("bare overwrite", error);
        let mut block = self.pool.take_zeroed(1).map_err(failed)?;
        block.fill(0x5a);
        let problem = Cell::new(None);
        let each = nanoseconds_each(count, || {
            for _ in 0..count {
                let at = self.next.replace(self.next.get() + BLOCK_BYTES);
                let done = self.file.write_all_at(&block, at).and_then(|()| self.file.sync_data());
                if let Err(error) = done {
                    problem.set(Some(error));
                }
            }
        });
        match problem.take() {
            Some(error) => Err(failed(error)),
            None => Ok(each / 1e3),
        }
    }
}
