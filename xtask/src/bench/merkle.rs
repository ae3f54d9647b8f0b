//! Suite `merkle`: updating the paged trie, everything in memory, on one thread and on two.
//!
//! The prototype of the update step is the yardstick for times. Counts have bounds: the suite fails when one
//! is missed.

mod bounds;
mod leaves;
mod simulated;
mod workload;

use super::Plan;
use super::report::Report;
use super::rounds::nanoseconds_each;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt_core::{GrayPaper, StateKey, root_sorted};
use bounds::{Bounds, Measured, PEAK_MEMORY_BYTES_MAX, tell_time};
use leaves::Leaves;
use simulated::Simulated;
use workload::{Bench, Entries};

/// Random updates in a batch.
const BATCH: usize = 25_000;

/// The most entries of a subtrie, and the prototype's nanoseconds for an update.
type Size = (u32, Option<f64>);

/// Tries over uniform keys: a name for their number, the number, and the sizes of subtries.
const UNIFORM: &[(&str, usize, &[Size])] = &[
    (
        "1e6",
        1_000_000,
        &[(8, Some(1600.0)), (12, None), (16, Some(2100.0)), (20, None), (28, Some(3000.0))],
    ),
    ("4e6", 4_000_000, &[(16, Some(3300.0)), (28, Some(4500.0))]),
    ("1e7", 10_000_000, &[(16, None)]),
];

/// # Errors
/// When something can't be measured, and when a count misses its bound. A time that does is told and no more:
/// it may be the machine's.
pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let mut bounds = Bounds::default();
    let about = u32::try_from(plan.size(100_000_000, 100_000)).unwrap_or(u32::MAX);
    let name = "simulated_1e8_w16";
    let simulated = measure(plan, report, name, Simulated::new(about), (16, 1))?;
    bounds.counts(name, &simulated);
    if let Some(bytes) = peak_memory_bytes() {
        figure(report, "simulated_1e8_w16_peak_memory", vec![bytes], "bytes")?;
        bounds.at_most("simulated_1e8_w16_peak_memory", bytes, PEAK_MEMORY_BYTES_MAX);
    }
    let mut uniform_entries_per_page = None;
    for (name, count, shapes) in UNIFORM {
        let keys = uniform(plan.size(*count, count / 50));
        for (entries_max, prototype) in *shapes {
            let full_name = format!("uniform_{name}_w{entries_max}");
            let leaves = Leaves::new(keys.clone());
            let measured = measure(plan, report, &full_name, leaves, (*entries_max, 1))?;
            bounds.counts(&full_name, &measured);
            if let Some(prototype) = prototype.filter(|_| !plan.quick) {
                tell_time(&full_name, measured.update_ns_min, prototype);
            }
            if (*name, *entries_max) == ("1e6", 16) {
                uniform_entries_per_page = Some(measured.entries_per_page);
            }
        }
    }
    let count = plan.size(1_000_000, 20_000);
    for (name, keys, entries_max) in [
        ("uniform", uniform(count), 16),
        ("uniform", uniform(count), 28),
        ("jam_1000_services", jam(count, 1000), 16),
    ] {
        let name = format!("{name}_1e6_w{entries_max}_2threads");
        let measured = measure(plan, report, &name, Leaves::new(keys), (entries_max, 2))?;
        bounds.counts(&name, &measured);
    }
    for (name, services) in [("jam_1000_services", 1000), ("jam_one_service", 1)] {
        let (name, leaves) = (format!("{name}_1e6_w16"), Leaves::new(jam(count, services)));
        let measured = measure(plan, report, &name, leaves, (16, 1))?;
        bounds.counts(&name, &measured);
        if let Some(uniform) = uniform_entries_per_page {
            let ratio = measured.entries_per_page / uniform;
            figure(report, &format!("{name}_entries_per_page_by_uniform"), vec![ratio], "")?;
            let name = format!("{name}_entries_per_page_by_uniform");
            bounds.at_least(&name, ratio, 0.9);
            bounds.at_most(&name, ratio, 1.1);
        }
    }
    bounds.outcome()
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

/// Updates and sizes of the trie over some entries; `how` is the most entries of a subtrie, and threads.
fn measure<E: Entries>(
    plan: &Plan,
    report: &mut Report,
    name: &str,
    entries: E,
    how: (u32, usize),
) -> Result<Measured, Failure> {
    let failed = |error| Failure::of(name, error);
    let mut bench = Bench::build(entries, how.0, how.1).map_err(failed)?;
    let mut numbers = Numbers::new(6);
    let batch = plan.size(BATCH, BATCH / 50);
    let first = some_keys(&bench.entries, &mut numbers, batch);
    let needed = bench.nodes_needed(&first);
    let step = bench.update(&first, [2; 32]).map_err(failed)?;
    let hashes = as_f64(step.hash_counts.nodes);
    let full = as_f64(step.hash_counts.nodes_in_full_lanes);
    let updates = count_f64(first.len());
    bench.keep(step, &first, [2; 32]);
    let mut times = Vec::new();
    for round in 0..plan.rounds() {
        let keys = some_keys(&bench.entries, &mut numbers, batch);
        let value = [u8::try_from(round % 200).unwrap_or_default() + 3; 32];
        let mut step = None;
        times.push(nanoseconds_each(keys.len(), || step = Some(bench.update(&keys, value))));
        if let Some(step) = step {
            bench.keep(step.map_err(failed)?, &keys, value);
        }
    }
    check_root(&bench, name)?;
    let stats = bench.merkle.page_stats(&bench.version, &bench.pages).map_err(failed)?;
    let (pages, keys) = (count_f64(stats.page_count), count_f64(bench.entries.count()));
    let entry_count = count_f64(stats.entry_count);
    let measured = Measured {
        update_ns_min: times.iter().copied().fold(f64::INFINITY, f64::min),
        hashes_by_needed: hashes / count_f64(needed),
        hashes_in_full_lanes: full / hashes,
        entries_per_page: entry_count / pages,
    };
    let mut figure =
        |what: &str, values, unit| figure(report, &format!("{name}_{what}"), values, unit);
    figure("update", times, "ns")?;
    figure("hashes_per_update", vec![hashes / updates], "hashes")?;
    figure("hashes_by_needed", vec![measured.hashes_by_needed], "")?;
    figure("hashes_in_full_lanes", vec![measured.hashes_in_full_lanes], "")?;
    figure("entries_per_page", vec![measured.entries_per_page], "entries")?;
    figure("page_depth", vec![count_f64(stats.depth_max)], "pages")?;
    figure("page_bytes_per_key", vec![count_f64(stats.items_bytes) / keys], "bytes")?;
    figure("memory_per_key", vec![count_f64(stats.memory_bytes) / keys], "bytes")?;
    Ok(measured)
}

/// Different keys that are there, ascending.
fn some_keys(entries: &impl Entries, numbers: &mut Numbers, count: usize) -> Vec<StateKey> {
    let mut keys: Vec<StateKey> = (0..count).map(|_| entries.any(numbers.next())).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// The root must be that of the entries; of very many that would take too long.
fn check_root<E: Entries>(bench: &Bench<E>, name: &str) -> Result<(), Failure> {
    if bench.entries.count() > 20_000_000 {
        return Ok(());
    }
    let all: Vec<_> = (0..).map_while(|number| bench.entries.chunk(number)).flatten().collect();
    match root_sorted::<GrayPaper, _>(&all) == bench.version.root() {
        true => Ok(()),
        false => Err(Failure::Failed(format!("{name}: the root is not that of the entries"))),
    }
}

fn figure(report: &mut Report, name: &str, values: Vec<f64>, unit: &str) -> Result<(), Failure> {
    let none = || Failure::Failed(format!("{name}: nothing was measured"));
    report.figure(name, &Series::new(values).ok_or_else(none)?, unit);
    Ok(())
}

/// The most memory that this process has had, where the system says so.
fn peak_memory_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u32 = line.split_whitespace().next()?.parse().ok()?;
    Some(1024.0 * f64::from(kilobytes))
}

/// Exact below 2^32.
fn count_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn as_f64(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
