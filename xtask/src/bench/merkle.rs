//! Suite `merkle`: updating the paged trie, everything in memory, on one thread and on two.
//!
//! The prototype of the update step is the yardstick: at 1e6 keys 1.6, 2.1 and 3.0 us an update with
//! subtries of at most 8, 16 and 28 entries, at 4e6 keys 3.3 us (16) and 4.5 us (28).

mod workload;

use super::Plan;
use super::report::Report;
use super::rounds::nanoseconds_each;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt_core::StateKey;
use workload::Bench;

/// Random updates in a batch.
const BATCH: usize = 25_000;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    for (name, count) in [("1e6", 1_000_000), ("4e6", 4_000_000)] {
        let keys = uniform(plan.size(count, count / 50));
        for entries_max in [8, 16, 28] {
            let name = format!("uniform_{name}_w{entries_max}");
            measure(plan, report, &name, &keys, (entries_max, 1))?;
        }
    }
    let count = plan.size(1_000_000, 20_000);
    measure(plan, report, "uniform_1e6_w16_2threads", &uniform(count), (16, 2))?;
    measure(plan, report, "jam_1000_services_1e6_w16", &jam(count, 1000), (16, 1))?;
    measure(plan, report, "jam_one_service_1e6_w16", &jam(count, 1), (16, 1))
}

fn uniform(count: usize) -> Vec<StateKey> {
    let mut numbers = Numbers::new(4);
    (0..count).map(|_| numbers.key()).collect()
}

/// Storage items of some services.
fn jam(count: usize, services: u64) -> Vec<StateKey> {
    let mut numbers = Numbers::new(5);
    let mut key = || {
        let service = u32::try_from(numbers.next() % services).unwrap_or_default();
        let service = service.wrapping_mul(0x9e37_79b9);
        StateKey::service_storage(service, &numbers.next().to_le_bytes())
    };
    (0..count).map(|_| key()).collect()
}

/// Updates and sizes of the trie over some keys; `how` is the most entries of a subtrie, and threads.
fn measure(
    plan: &Plan,
    report: &mut Report,
    name: &str,
    keys: &[StateKey],
    how: (u32, usize),
) -> Result<(), Failure> {
    let failed = |error| Failure::of(name, error);
    let mut bench = Bench::build(keys.to_vec(), how.0, how.1).map_err(failed)?;
    let mut numbers = Numbers::new(6);
    let batch = plan.size(BATCH, BATCH / 50);
    let mut places = || {
        let count = bench_len(keys.len());
        let place = |_| usize::try_from(numbers.next() % count).unwrap_or_default();
        let mut places: Vec<usize> = (0..batch).map(place).collect();
        places.sort_unstable();
        places.dedup();
        places
    };
    let first = clipped(places(), bench.leaves.entries.len());
    let needed = bench.nodes_needed(&first).map_err(failed)?;
    let step = bench.update(&first, [2; 32]).map_err(failed)?;
    let hashes = as_f64(step.hash_counts.nodes);
    let full = as_f64(step.hash_counts.nodes_in_full_lanes);
    let updates = count_f64(first.len());
    bench.keep(step, &first, [2; 32]);
    let mut times = Vec::new();
    for round in 0..plan.rounds() {
        let places = clipped(places(), bench.leaves.entries.len());
        let value = [u8::try_from(round % 200).unwrap_or_default() + 3; 32];
        let mut step = None;
        times.push(nanoseconds_each(places.len(), || step = Some(bench.update(&places, value))));
        if let Some(step) = step {
            bench.keep(step.map_err(failed)?, &places, value);
        }
    }
    let stats = bench.merkle.page_stats(&bench.version, &bench.pages).map_err(failed)?;
    let (pages, keys) = (count_f64(stats.page_count), count_f64(bench.leaves.entries.len()));
    let mut figure = |what: &str, values: Vec<f64>, unit| {
        let none = || Failure::Failed(format!("{name}: nothing was measured"));
        report.figure(&format!("{name}_{what}"), &Series::new(values).ok_or_else(none)?, unit);
        Ok::<(), Failure>(())
    };
    figure("update", times, "ns")?;
    figure("hashes_per_update", vec![hashes / updates], "hashes")?;
    figure("hashes_by_needed", vec![hashes / count_f64(needed)], "")?;
    figure("hashes_in_full_lanes", vec![full / hashes], "")?;
    figure("entries_per_page", vec![count_f64(stats.entry_count) / pages], "entries")?;
    figure("memory_per_key", vec![count_f64(stats.memory_bytes) / keys], "bytes")
}

/// Some keys may have been the same.
fn clipped(mut places: Vec<usize>, count: usize) -> Vec<usize> {
    places.retain(|place| *place < count);
    places
}

fn bench_len(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX).max(1)
}

/// Exact below 2^32.
fn count_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
