//! What was the same for all engines, printed with every run.

use crate::engine::EngineKind;
use crate::job::Costs;
use crate::results::Results;
use std::collections::{BTreeMap, BTreeSet};

/// The rules, and per engine its settings and the durable calls that were counted.
#[must_use]
pub fn fairness(results: &Results) -> String {
    let mut lines = vec![
        "\n## The same for all\n".to_owned(),
        "* keys, values, operations, their order and their grouping into commits: one seed a round"
            .into(),
        "* every commit durable: at least one durable call counted in each".into(),
        format!("* memory limit of the process enforced by: {}", enforcement(results)),
        "* a process of its own for each turn, turns rotated from round to round".into(),
        "* database loaded once, copied, dropped from the page cache, read once, then warmed"
            .into(),
        "* final flush counted in time, processor time and bytes".into(),
        "* after the run: closed, opened again, about 20,000 keys looked up".into(),
        "\n## Settings, and durable calls per commit\n".into(),
    ];
    lines.extend(settings(results));
    lines.push(String::new());
    lines.join("\n")
}

/// How the memory limits were enforced.
pub(super) fn enforcement(results: &Results) -> String {
    let all: BTreeSet<String> =
        results.records().iter().map(|record| record.enforcement.to_string()).collect();
    all.into_iter().collect::<Vec<_>>().join(", ")
}

/// A line for each engine: its settings, as in its first turn with commits, and the durable calls in it.
pub(super) fn settings(results: &Results) -> Vec<String> {
    let mut engines: BTreeMap<EngineKind, (String, Costs)> = BTreeMap::new();
    for record in results.records() {
        let costs = &record.report.costs;
        if costs.commit_count > 0 && costs.wall_s > 0.0 {
            engines.entry(record.engine).or_insert((record.report.notes.clone(), costs.clone()));
        }
    }
    let line = |(engine, (notes, costs)): (EngineKind, (String, Costs))| {
        let per_commit = costs.syncs.total() as f64 / costs.commit_count as f64;
        let device = costs.device_flushes.map_or_else(String::new, |flushes| {
            format!("; {:.1} flushes of the device", flushes as f64 / costs.commit_count as f64)
        });
        format!(
            "* {}: {notes}; {per_commit:.1} a commit ({} in {} commits){device}",
            engine.name(),
            costs.syncs,
            costs.commit_count
        )
    };
    engines.into_iter().map(line).collect()
}
