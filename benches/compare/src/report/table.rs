//! The table, and the rows that bmt loses.

use super::figures::{paired, peers, turns, value};
use super::{Metric, Spread, shown};
use crate::cells::Cell;
use crate::engine::EngineKind;
use crate::results::Results;
use std::fmt::Write;

/// A Markdown table of each cell: medians over the rounds.
#[must_use]
pub fn table(cells: &[Cell], results: &Results) -> String {
    let mut text = String::new();
    for cell in cells {
        let (name, memory_mib) = (cell.name(), cell.memory_bytes >> 20);
        writeln!(text, "\n### {name}\n\n{}; at most {memory_mib} MiB.\n", cell.about)
            .expect("a string takes everything");
        let metrics: Vec<Metric> = Metric::ALL
            .into_iter()
            .filter(|&metric| {
                cell.engines.iter().any(|&engine| value(results, cell, engine, metric).is_some())
            })
            .collect();
        text.push_str(&head(&metrics));
        for &engine in cell.engines {
            text.push_str(&row(cell, results, engine, &metrics));
        }
    }
    text
}

fn head(metrics: &[Metric]) -> String {
    let names: Vec<String> =
        metrics.iter().map(|metric| format!("{} {}", metric.name(), metric.unit())).collect();
    let line = "|---".repeat(metrics.len() + 2);
    format!("| engine | {} | rounds, durable calls |\n{line}|\n", names.join(" | "))
}

fn row(cell: &Cell, results: &Results, engine: EngineKind, metrics: &[Metric]) -> String {
    let name = cell.name();
    let mut records = results.records().iter();
    let of_cell = records.find(|record| record.cell == name && record.engine == engine);
    let Some(any) = of_cell else { return String::new() };
    let turns = turns(results, cell, engine);
    let Some(first) = turns.first() else {
        let why = match any.report.violations.first() {
            Some(violation) => format!("**failed**: {violation}"),
            None => any.report.notes.clone(),
        };
        return format!("| {} | {why} |\n", engine.name());
    };
    let cells: Vec<String> = metrics
        .iter()
        .map(|&metric| match value(results, cell, engine, metric) {
            Some(Spread { median, .. }) => shown(median),
            None => "-".into(),
        })
        .collect();
    let calls = first.report.costs.syncs;
    let commits = first.report.costs.commit_count;
    let memory = match first.memory_bytes > cell.memory_bytes {
        true => format!(", with {} MiB: it can't do with less", first.memory_bytes >> 20),
        false => String::new(),
    };
    format!(
        "| {} | {} | {}, {calls} in {commits} commits{memory} |\n",
        engine.name(),
        cells.join(" | "),
        turns.len()
    )
}

/// A line for each figure in which bmt is worse than a peer.
#[must_use]
pub fn lost_rows(cells: &[Cell], results: &Results) -> Vec<String> {
    let mut lost = Vec::new();
    for cell in cells {
        for (peer, engine) in peers(cell, results) {
            for metric in Metric::ALL.into_iter().filter(|metric| metric.has_ratio()) {
                let ratio = Spread::of(paired(cell, results, metric, EngineKind::Bmt, engine));
                if let Some(ratio) = ratio.filter(|ratio| ratio.median < 1.0) {
                    let (name, metric) = (cell.name(), metric.name());
                    let times = shown(1.0 / ratio.median);
                    lost.push(format!("{name} {metric}: {times} times worse than {peer}"));
                }
            }
        }
    }
    lost
}
