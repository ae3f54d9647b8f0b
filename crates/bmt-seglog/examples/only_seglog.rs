//! The log alone: an account that is the sum of its records, recovered after the program is gone.
//!
//! Prints:
//! ```text
//! 100 records appended, durable through 100
//! opened again: 100 records, nothing torn
//! the sum of the records from 51 on is 3775
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt_io::{IoOptions, open_directory};
use bmt_seglog::{Log, LogOptions};
use std::error::Error;
use std::sync::Arc;

const SALT: u64 = 0x5eed; // a random number in a program of yours, kept beside the log

fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let directory = open_directory(place.path(), &IoOptions::default())?;
    let _lock = directory.try_lock()?;

    let log = Log::create(Arc::clone(&directory), LogOptions::new(SALT))?;
    for amount in 1..=100_u32 {
        log.append(&amount.to_le_bytes())?;
    }
    log.sync()?; // one fdatasync for all of them
    let stats = log.stats();
    println!("{} records appended, durable through {}", stats.append_count, stats.synced_through);
    drop(log);

    let (log, report) = Log::open(directory, LogOptions::new(SALT))?;
    assert!(report.torn_tail.is_none());
    println!("opened again: {} records, nothing torn", report.records);
    let mut sum = 0;
    for record in log.iter_from(51)? {
        sum += u32::from_le_bytes(record?.payload.as_slice().try_into()?);
    }
    println!("the sum of the records from 51 on is {sum}");
    Ok(())
}
