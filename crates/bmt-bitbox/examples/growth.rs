//! Loads one store from one page to many, from its smallest table on, and prints what a lookup costs on
//! the way: `cargo run --release --example growth -p bmt-bitbox [-- PAGES [DIRECTORY]]`. It fails when
//! a mean lookup took more than its bounds after any batch.
//!
//! Not run by CI: it is a measurement of minutes.
//!
//! A million pages (the default) take about 12 GB of files at most, which are removed in the end.

#![expect(clippy::print_stdout, reason = "the figures are the purpose")]
#![expect(clippy::cast_precision_loss, reason = "ratios of counts")]

use bmt_bitbox::{Batch, PageId, Store, StoreOptions, TableStats};
use bmt_io::{IoOptions, checksum, open_directory};
use std::time::Instant;

/// Pages in the largest batch.
const BATCH_PAGES_MAX: u64 = 5000;
/// Lookups after each batch.
const SAMPLE_COUNT: u64 = 1000;

/// The bounds of a mean lookup of a page that is there, after each batch.
const PROBES_MAX: f64 = 1.6;
const READS_MAX: f64 = 1.05;

type Failure = Box<dyn std::error::Error>;

/// An id that looks like a hash and follows from a number.
fn id_of(number: u64) -> PageId {
    let mut id = [0; 32];
    for (seed, part) in (0..).zip(id.chunks_exact_mut(8)) {
        part.copy_from_slice(&checksum(seed, &number.to_le_bytes()).to_le_bytes());
    }
    id
}

/// What lookups of present pages cost.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    probes: f64,
    reads: f64,
}

impl Cost {
    fn between(before: &TableStats, after: &TableStats) -> Self {
        let lookups = (after.lookup_count - before.lookup_count) as f64;
        Self {
            probes: (after.probe_count - before.probe_count) as f64 / lookups,
            reads: (after.page_read_count - before.page_read_count) as f64 / lookups,
        }
    }

    fn max(self, other: Self) -> Self {
        Self { probes: self.probes.max(other.probes), reads: self.reads.max(other.reads) }
    }
}

/// Looks random pages up, and compares what they say.
fn sample(store: &Store, page_count: u64, salt: u64) -> Result<Cost, Failure> {
    let pick = |at: u64| checksum(salt, &at.to_le_bytes()) % page_count;
    let numbers: Vec<u64> = (0..SAMPLE_COUNT).map(pick).collect();
    let ids: Vec<PageId> = numbers.iter().map(|number| id_of(*number)).collect();
    let before = store.stats();
    let mut right_count = 0;
    store.pin().get_each(&ids, |at, page| {
        right_count += u64::from(page[..8] == numbers[at].to_le_bytes());
    })?;
    if right_count != SAMPLE_COUNT {
        return Err(format!("{right_count} of {SAMPLE_COUNT} pages are right").into());
    }
    Ok(Cost::between(&before, &store.stats()))
}

/// Page reads for an id that is not there.
fn sample_absent(store: &Store, page_count: u64) -> Result<f64, Failure> {
    let ids: Vec<PageId> = (0..100 * SAMPLE_COUNT).map(|at| id_of(page_count + at)).collect();
    let before = store.stats();
    let mut found_count = 0;
    store.pin().get_each(&ids, |_, _| found_count += 1)?;
    match found_count {
        0 => Ok(Cost::between(&before, &store.stats()).reads),
        _ => Err(format!("{found_count} pages are there that were never put").into()),
    }
}

fn load(store: &Store, page_count: u64) -> Result<Cost, Failure> {
    let (mut loaded, mut batches, mut worst) = (0, 0, Cost::default());
    let (mut next_line, mut slowest_ms) = (1, 0.0f64);
    let begun = Instant::now();
    while loaded < page_count {
        let count = (loaded / 16).clamp(1, BATCH_PAGES_MAX).min(page_count - loaded);
        let mut batch = Batch::new();
        for number in loaded..loaded + count {
            let mut payload = vec![0x5a; 4032];
            payload[..8].copy_from_slice(&number.to_le_bytes());
            batch.put_new(id_of(number), payload)?;
        }
        let commit_begun = Instant::now();
        store.commit(&batch)?;
        slowest_ms = slowest_ms.max(commit_begun.elapsed().as_secs_f64() * 1e3);
        loaded += count;
        batches += 1;
        let cost = sample(store, loaded, batches)?;
        worst = worst.max(cost);
        if loaded >= next_line {
            next_line = loaded * 2;
            let stats = store.stats();
            println!(
                "{loaded} pages in {} buckets ({} left in the source): {:.3} probes, {:.4} reads a lookup",
                stats.bucket_count, stats.source_page_count, cost.probes, cost.reads
            );
        }
    }
    println!("figure batches {batches} batches");
    println!("figure load_time {:.1} s", begun.elapsed().as_secs_f64());
    println!("figure slowest_commit {slowest_ms:.0} ms");
    Ok(worst)
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let page_count = arguments.next().map_or(Ok(1_000_000), |text| text.parse())?;
    let place = match arguments.next() {
        Some(directory) => tempfile::tempdir_in(directory)?,
        None => tempfile::tempdir()?,
    };
    let directory = open_directory(place.path(), &IoOptions::default())?;
    println!("backend: {}", directory.backend());
    let mut options = StoreOptions::new(0x5eed);
    options.table.bucket_count_min = 16;
    let store = Store::create(directory, options.clone())?;
    let worst = load(&store, page_count)?;
    let stats = store.stats();
    println!("figure probes_per_lookup_max {:.3} probes", worst.probes);
    println!("figure page_reads_per_lookup_max {:.4} reads", worst.reads);
    println!("figure copies_per_page {:.3} copies", stats.copy_count as f64 / page_count as f64);
    println!("figure record_bytes_per_page {:.0} B", stats.record_bytes as f64 / page_count as f64);
    println!("figure memory {:.3} B/page", stats.memory_bytes as f64 / page_count as f64);
    println!("figure page_reads_per_absent_id {:.4} reads", sample_absent(&store, page_count)?);
    store.finish_resize()?;
    store.close()?;

    let begun = Instant::now();
    let store = Store::open(open_directory(place.path(), &IoOptions::default())?, options)?;
    println!("figure open_time {:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let report = store.check(|_, _| {})?;
    println!("figure check_time {:.1} s", begun.elapsed().as_secs_f64());
    if !report.is_clean() || report.page_count != page_count {
        return Err(format!("the check found {report:?}").into());
    }
    match worst.probes < PROBES_MAX && worst.reads <= READS_MAX {
        true => Ok(()),
        false => {
            Err(format!("missed: under {PROBES_MAX} probes, at most {READS_MAX} reads").into())
        }
    }
}
