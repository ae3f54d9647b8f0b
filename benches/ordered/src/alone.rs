//! The store alone: space, cold reads next to the bare device, bulk building, a held snapshot.

use crate::Plan;
use crate::print::{figure, median, ratio};
use crate::store::options;
use bmt_beatree::{Batch, Buffer, Key, Prefix, Store, Tree, TreeOptions, Version};
use bmt_compare::engine::Outcome;
use bmt_compare::workload::{Dataset, KeyShape, Random, load_batches, sorted_entries};
use bmt_io::{Direct, Directory, FileOptions, IoOptions, PagePool, Request, open_directory};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

const MEMORY_BYTES: u64 = 512 << 20;
/// Keys of one `get_many`.
const MANY: usize = 10_000;

pub(crate) fn run(plan: &Plan, wants: impl Fn(&str) -> bool) -> Outcome<()> {
    let key_count = plan.size(4_000_000, 200_000);
    if wants("bulk") {
        bulk(plan, key_count)?;
    }
    if !["space", "reads", "entries", "snapshot"].into_iter().any(&wants) {
        return Ok(());
    }
    let dir = plan.dir.join("alone");
    load(&dir, key_count)?;
    if wants("reads") {
        cold_reads(plan, &dir, key_count)?;
    }
    if wants("entries") {
        entries(plan, &dir, key_count)?;
    }
    if wants("snapshot") {
        snapshot(plan, &dir, key_count)?;
    }
    std::fs::remove_dir_all(dir)?;
    Ok(())
}

/// Entries under prefixes from the cache, as a trie asks for them: 25,000 of about 16 entries each, in
/// order, with changes in the buffer over them.
fn entries(plan: &Plan, dir: &Path, key_count: u64) -> Outcome<()> {
    let bits = u16::try_from((key_count / 16).ilog2())?;
    let store = Store::open(dir, options(8 * MEMORY_BYTES))?;
    let mut random = Random::new(5);
    let (mut hot, mut count, mut gets) = (Vec::new(), 0_u64, Vec::new());
    for round in 0..plan.size(7, 3) {
        let mut keys: Vec<Key> = (0..25_000).map(|_| key(&mut random, key_count)).collect();
        keys.sort_unstable();
        let prefixes: Vec<Prefix> = keys.iter().map(|key| Prefix::new(*key, bits)).collect();
        let mut changes = Batch::new();
        for key in keys.iter().step_by(4) {
            changes.put(*key, key.to_vec());
        }
        store.commit(changes)?;
        let version = store.snapshot();
        version.prefetch(&keys)?;
        let begin = Instant::now();
        version.leaf_entries(&prefixes, |_, _| count += 1)?;
        let entries = begin.elapsed().as_secs_f64();
        let begin = Instant::now();
        let found = version.get_many(&keys)?.into_iter().flatten().count();
        let many = begin.elapsed().as_secs_f64();
        assert!(found == keys.len() && count > 0, "every key is there");
        if round > 0 {
            hot.push(entries / prefixes.len() as f64 * 1e9);
            gets.push(many / keys.len() as f64 * 1e9);
        }
    }
    figure("beatree_leaf_entries_hot", &hot, "ns/prefix");
    figure("beatree_get_many_hot", &gets, "ns/key");
    Ok(store.close()?)
}

fn key(random: &mut Random, key_count: u64) -> Key {
    KeyShape::Uniform.key(random.below(key_count))
}

/// Random insertion, and the space it takes.
fn load(dir: &Path, key_count: u64) -> Outcome<()> {
    let store = Store::open(dir, options(MEMORY_BYTES))?;
    let begin = Instant::now();
    let mut result = Ok(0);
    load_batches(Dataset::plain(key_count), 25_000, |batch| {
        let mut changes = Batch::new();
        for op in batch.ops() {
            changes.put(op.key, batch.value(op));
        }
        if result.is_ok() {
            result = store.commit(changes);
        }
    });
    result?;
    store.checkpoint()?;
    let seconds = begin.elapsed().as_secs_f64();
    figure("beatree_load", &[key_count as f64 / seconds], "entries/s");
    let stats = store.stats();
    let live_bytes = stats.pages.live_pages() as f64 * 4096.0;
    figure("beatree_live_bytes_by_raw", &[live_bytes / (key_count as f64 * 64.0)], "");
    let file_bytes = f64::from(stats.tree.page_count) * 4096.0;
    figure("beatree_file_bytes_by_live", &[file_bytes / live_bytes], "");
    Ok(store.close()?)
}

/// Cold `get` and `get_many`, and the same number of random page reads without a store.
fn cold_reads(plan: &Plan, dir: &Path, key_count: u64) -> Outcome<()> {
    let (mut ours, mut bare, mut reads) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..plan.size(5, 2) {
        let mut random = Random::new(round);
        // No cache: every leaf is read.
        let cold = bmt_beatree::StoreOptions { leaf_cache_bytes: 0, ..options(MEMORY_BYTES) };
        let store = Store::open(dir, cold)?;
        let keys: Vec<Key> = (0..10 * MANY).map(|_| key(&mut random, key_count)).collect();
        let before = store.stats().tree.leaf_reads;
        let begin = Instant::now();
        for keys in keys.chunks(MANY) {
            let values = store.get_many(keys)?;
            assert!(values.iter().all(Option::is_some), "every key is there");
        }
        let seconds = begin.elapsed().as_secs_f64();
        let page_count = store.stats().tree.leaf_reads - before;
        ours.push(seconds / page_count as f64 * 1e6);
        let before = store.stats().tree.leaf_reads;
        for key in &keys[..1000] {
            assert!(store.get(key)?.is_some(), "the key is there");
        }
        reads.push((store.stats().tree.leaf_reads - before) as f64 / 1000.0);
        let file_pages = u64::from(store.stats().tree.page_count);
        drop(store);
        bare.push(bare_reads(dir, file_pages, page_count, &mut random)? * 1e6);
    }
    figure("beatree_get_many_cold", &ours, "us/page");
    figure("bare_random_reads", &bare, "us/page");
    figure("beatree_page_reads_per_cold_get", &reads, "pages");
    let ratios: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    ratio("beatree_get_many_cold_vs_bare", &ratios);
    Ok(())
}

/// Seconds for a random page read with 128 in flight, around the page cache like the store's.
fn bare_reads(dir: &Path, file_pages: u64, count: u64, random: &mut Random) -> Outcome<f64> {
    let directory: Arc<dyn Directory> = open_directory(dir, &IoOptions::default())?;
    let file = directory.open_with("beatree.pages", FileOptions { direct: Direct::Auto })?;
    let pool = PagePool::new(64 << 20);
    let mut queue = directory.queue(128)?;
    let begin = Instant::now();
    let mut started = 0;
    loop {
        while started < count && queue.in_flight() < 128 {
            let offset_bytes = random.below(file_pages) * 4096;
            let (file, buffer) = (Arc::clone(&file), pool.take(1)?);
            queue.push(Request::Read { file, offset_bytes, buffer, tag: started });
            started += 1;
        }
        let Some(completion) = queue.wait() else { break };
        completion.result?;
    }
    Ok(begin.elapsed().as_secs_f64() / count as f64)
}

/// Sorted entries into an empty tree, next to writing as many bytes in order.
fn bulk(plan: &Plan, key_count: u64) -> Outcome<()> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..plan.size(3, 1) {
        let dir = plan.dir.join("bulk");
        let io = IoOptions { create: true, ..IoOptions::default() };
        let directory = open_directory(&dir, &io)?;
        let entries: Vec<(Key, Vec<u8>)> = sorted_entries(Dataset::plain(key_count)).collect();
        let begin = Instant::now();
        let options = TreeOptions::new(1, |_| [0; 32]);
        let (tree, index) = Tree::create(Arc::clone(&directory), options)?;
        let built = tree.bulk_build(&index, entries)?.into_index();
        let bytes = built.counts().live_pages() * 4096;
        let mebibytes = bytes as f64 / f64::from(1 << 20);
        ours.push(mebibytes / begin.elapsed().as_secs_f64());
        assert_eq!(Version::new(Buffer::new(), built).index().counts().entries, key_count);
        let begin = Instant::now();
        let file = directory.create("bare")?;
        let piece = vec![7; 1 << 20];
        for offset_bytes in (0..bytes).step_by(1 << 20) {
            file.write_all_at(&piece, offset_bytes)?;
        }
        file.sync_data()?;
        bare.push(mebibytes / begin.elapsed().as_secs_f64());
        std::fs::remove_dir_all(dir)?;
    }
    figure("beatree_bulk_build", &ours, "MiB/s");
    figure("bare_sequential_write", &bare, "MiB/s");
    Ok(())
}

/// Commits with and without a snapshot held, in alternating rounds.
fn snapshot(plan: &Plan, dir: &Path, key_count: u64) -> Outcome<()> {
    let store = Store::open(dir, options(MEMORY_BYTES))?;
    let mut random = Random::new(9);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..plan.size(6, 1) {
        for is_held in [false, true] {
            let held = is_held.then(|| store.snapshot());
            let mut latencies = Vec::new();
            for at in 0..plan.size(100, 10) {
                let mut changes = Batch::new();
                for _ in 0..25_000 {
                    let key = key(&mut random, key_count);
                    changes.put(key, key.to_vec());
                }
                let begin = Instant::now();
                store.commit(changes)?;
                latencies.push(begin.elapsed().as_secs_f64() * 1e3);
                if at % 33 == 32 {
                    store.checkpoint()?;
                }
            }
            drop(held);
            if is_held { &mut with } else { &mut without }.push(median(&latencies));
        }
    }
    figure("beatree_commit_p50_with_snapshot", &with, "ms");
    figure("beatree_commit_p50_without", &without, "ms");
    let ratios: Vec<f64> =
        with.iter().zip(&without).map(|(with, without)| with / without).collect();
    ratio("beatree_commit_p50_with_snapshot_vs_flat", &ratios);
    Ok(store.close()?)
}
