//! nomt 1.0: merkle pages in a hash table, values in a B-tree, all written in the commit.
//!
//! A batch is one session: reads through the session, then `finish` with the last write of each
//! key, sorted (it asks for that), then `commit`. Three configurations:
//!
//! * *default*: `Options::new()` but for the cache sizes;
//! * *cold* and *warm*: commit threads = cores, a hash table at 0.5 to 0.8 occupancy, three upper
//!   levels kept and preloaded where their pages fit into a quarter of the memory limit (else the
//!   default two), warm-up off and on.
//!
//! Page cache and leaf cache are equal, and as large as the memory limit allows; the default, 256 MiB
//! each, leaves nothing of a limit of 512 MiB. nomt 1.0 takes page memory in regions of 256 MiB and does
//! not give it back, and the pages of a commit come on top of the caches: at 1e6 keys and 25,000
//! operations a commit the process took 350 MiB with caches of 41 or 61 MiB each, and 593 MiB with 92 or
//! 143; at 4e6 keys it took 584 MiB with caches of 16 MiB
//! each, and more than 768 with 112. So the caches are what the whole regions below the limit leave, see [`cache_mib`].

use crate::engine::{Committed, Engine, EngineKind, Outcome, Reader, Setup};
use crate::workload::{Batch, Key, KeyShape, OpKind};
use nomt::hasher::Blake3Hasher;
use nomt::{KeyReadWrite, Nomt, Options, SessionParams, WitnessMode};
use std::sync::Arc;

/// Leaves below which nomt 1.0 does not store a merkle page.
const ELISION_THRESHOLD: u64 = 20;
/// Share of the hash table that is full after the load; a mixed run then adds keys.
const OCCUPANCY: f64 = 0.55;

/// Size of the regions in which nomt takes memory for pages.
const REGION_MIB: u64 = 256;
/// What the process needs beside them.
const BESIDE_MIB: u64 = 96;
/// Caches below this are of no use; with a limit below a region nomt goes over it, whatever its caches.
const CACHE_MIB_MIN: u64 = 16;

struct NomtEngine {
    nomt: Arc<Nomt<Blake3Hasher>>,
    warm_up: bool,
    notes: String,
}

/// Opens the database in the directory.
///
/// # Errors
/// nomt's.
pub fn open(kind: EngineKind, setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    let cache_mib = cache_mib(setup);
    let mut options = Options::new();
    options.path(setup.dir);
    options.page_cache_size(cache_mib);
    options.leaf_cache_size(cache_mib);
    options.bitbox_seed([7; 16]);
    let mut notes = format!("caches {cache_mib} + {cache_mib} MiB");
    if kind == EngineKind::NomtDefault {
        notes.push_str(", else defaults");
    } else {
        let page_count = stored_pages(setup.dataset.key_count, setup.dataset.keys);
        let bucket_count = (page_count as f64 / OCCUPANCY) as u32;
        let fits = page_count * 4096 <= setup.memory_bytes / 4;
        options.commit_concurrency(setup.core_count);
        options.hashtable_buckets(bucket_count);
        options.warm_up(kind == EngineKind::NomtWarm);
        options.page_cache_upper_levels(if fits { 3 } else { 2 });
        options.prepopulate_page_cache(true);
        let levels = if fits { 3 } else { 2 };
        notes.push_str(&format!(
            ", {} commit threads, {levels} upper levels preloaded, {bucket_count} buckets",
            setup.core_count
        ));
    }
    let nomt = Arc::new(Nomt::open(options).map_err(|error| error.to_string())?);
    Ok(Box::new(NomtEngine { nomt, warm_up: kind == EngineKind::NomtWarm, notes }))
}

/// MiB for each of the two caches.
fn cache_mib(setup: &Setup<'_>) -> usize {
    let regions = (setup.memory_bytes >> 20).saturating_sub(BESIDE_MIB) / REGION_MIB;
    // Leaves and merkle pages that a commit of 25,000 operations writes anew.
    let commit_mib = if setup.dataset.key_count <= 1_000_000 { 136 } else { 640 };
    let each = (regions * REGION_MIB).saturating_sub(commit_mib) / 2;
    each.max(CACHE_MIB_MIN) as usize
}

impl Engine for NomtEngine {
    fn commit(&mut self, batch: &Batch, witness: bool) -> Outcome<Committed> {
        let mode = if witness { WitnessMode::read_write() } else { WitnessMode::disabled() };
        let session = self.nomt.begin_session(SessionParams::default().witness_mode(mode));
        let mut found_count = 0;
        let mut reads: Vec<(Key, Option<Vec<u8>>)> = Vec::new();
        for op in batch.ops() {
            match op.kind {
                OpKind::Read => {
                    let value = session.read(op.key).map_err(|error| error.to_string())?;
                    found_count += u64::from(value.is_some());
                    if witness {
                        reads.push((op.key, value));
                    }
                }
                OpKind::Put | OpKind::Delete => {
                    if self.warm_up {
                        session.warm_up(op.key);
                    }
                }
            }
        }
        let actuals = actuals(batch, reads);
        let mut finished = session.finish(actuals).map_err(|error| error.to_string())?;
        let witness = finished.take_witness();
        finished.commit(&self.nomt).map_err(|error| error.to_string())?;
        let witness_bytes = witness.map(|witness| witness_bytes(&witness));
        Ok(Committed { found_count, witness_bytes })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Ok(self.nomt.read(*key).map_err(|error| error.to_string())?)
    }

    fn prove(&mut self, keys: &[Key]) -> Outcome<Option<u64>> {
        let session = self.nomt.begin_session(SessionParams::default());
        for key in keys {
            let proof = session.prove(*key).map_err(|error| error.to_string())?;
            std::hint::black_box(proof);
        }
        Ok(Some(keys.len() as u64))
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        Arc::into_inner(self.nomt).map(drop).ok_or_else(|| "a reader is still open".into())
    }

    fn root(&self) -> Option<[u8; 32]> {
        Some(self.nomt.root().into_inner())
    }

    fn reader(&self) -> Option<Box<dyn Reader>> {
        Some(Box::new(NomtReader(Arc::clone(&self.nomt))))
    }

    fn notes(&self) -> String {
        let table = self.nomt.hash_table_utilization();
        format!("{}, hash table {:.2} full", self.notes, table.occupancy_rate())
    }
}

struct NomtReader(Arc<Nomt<Blake3Hasher>>);

impl Reader for NomtReader {
    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Ok(self.0.read(*key).map_err(|error| error.to_string())?)
    }
}

/// The session's changes as nomt wants them; with reads only where a witness must cover them.
fn actuals(batch: &Batch, mut reads: Vec<(Key, Option<Vec<u8>>)>) -> Vec<(Key, KeyReadWrite)> {
    let writes = batch.last_writes();
    let mut actuals = Vec::with_capacity(writes.len() + reads.len());
    reads.sort_unstable();
    reads.dedup_by(|later, kept| later.0 == kept.0);
    let mut reads = reads.into_iter().peekable();
    for op in writes {
        while let Some((key, value)) = reads.next_if(|read| read.0 < op.key) {
            actuals.push((key, KeyReadWrite::Read(value)));
        }
        let written = (op.kind == OpKind::Put).then(|| batch.value(op).to_vec());
        let change = match reads.next_if(|read| read.0 == op.key) {
            Some((_, value)) => KeyReadWrite::ReadThenWrite(value, written),
            None => KeyReadWrite::Write(written),
        };
        actuals.push((op.key, change));
    }
    actuals.extend(reads.map(|(key, value)| (key, KeyReadWrite::Read(value))));
    actuals
}

/// Bytes of hashes and leaves in a witness, without an encoding's overhead.
fn witness_bytes(witness: &nomt::Witness) -> u64 {
    let paths = witness.path_proofs.iter();
    paths.map(|path| 32 * path.inner.siblings.len() as u64 + 64).sum()
}

/// How many merkle pages nomt stores for uniform keys: a page stands for six levels of the trie,
/// and is stored where at least [`ELISION_THRESHOLD`] leaves are below it (a Poisson count).
fn stored_pages(key_count: u64, keys: KeyShape) -> u64 {
    // JAM keys of one service run through up to four one-sided bytes, which adds pages to each
    // path; twice the uniform count was not enough after 200 commits.
    let factor = match keys {
        KeyShape::Uniform => 1.0,
        KeyShape::OneService => 3.0,
    };
    let mut total = 1.0;
    let mut places = 64.0;
    loop {
        let mean = key_count as f64 / places;
        let share = at_least(ELISION_THRESHOLD, mean);
        if share * places < 1.0 {
            return (total * factor) as u64 + 1_000;
        }
        total += share * places;
        places *= 64.0;
    }
}

/// The probability that a Poisson variable with this mean is at least `least`.
fn at_least(least: u64, mean: f64) -> f64 {
    if mean > 200.0 {
        return 1.0;
    }
    let mut term = (-mean).exp();
    let mut below = 0.0;
    for at in 0..least {
        below += term;
        term *= mean / (at + 1) as f64;
    }
    (1.0 - below).max(0.0)
}
