//! Small logs, and disks with chosen bytes on them.

use bmt_io::SimDisk;
use bmt_seglog::{Log, LogError, LogOptions, RecoveryReport, SpareMode};

pub(crate) const BLOCK: usize = 4096;
pub(crate) const SALT: u64 = 0x0dd_5a17;
/// The file of the first segment.
pub(crate) const FIRST: &str = "seglog-0000000000000000";

/// Segments of 64 KiB, no threads.
pub(crate) fn options() -> LogOptions {
    LogOptions {
        first_segment_bytes: 64 << 10,
        segment_bytes: 64 << 10,
        spare: SpareMode::Inline,
        ..LogOptions::new(SALT)
    }
}

pub(crate) fn create(disk: &SimDisk) -> Log {
    Log::create(disk.directory(), options()).unwrap()
}

pub(crate) fn open(disk: &SimDisk) -> Result<(Log, RecoveryReport), LogError> {
    Log::open(disk.directory(), options())
}

/// All payloads from the first record on.
pub(crate) fn payloads(log: &Log) -> Vec<Vec<u8>> {
    log.iter_from(log.first_sequence()).unwrap().map(|record| record.unwrap().payload).collect()
}

/// The disk after a power loss that, of what was not synced, only these blocks of the first segment
/// survive.
pub(crate) fn power_loss_keeping(disk: &SimDisk, blocks: &[usize]) -> SimDisk {
    let after = disk.power_loss_losing_all();
    let seen = disk.read_file(FIRST).unwrap();
    let mut bytes = after.read_file(FIRST).unwrap();
    for block in blocks {
        let range = block * BLOCK..(block + 1) * BLOCK;
        bytes[range.clone()].copy_from_slice(&seen[range]);
    }
    after.write_file(FIRST, &bytes);
    after
}
