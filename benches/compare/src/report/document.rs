//! `docs/performance.md`: a template with the results of a run put in.

use super::fairness::{enforcement, settings};
use super::figures::{paired, peers, value};
use super::{Metric, Spread, lost_rows, shown, table};
use crate::cells::Cell;
use crate::engine::{EngineKind, Outcome};
use crate::results::Results;
use std::fmt::Write;

/// What an independent run of the mixed stream found on a machine of the same kind: cell, engine, metric,
/// the least and the greatest value.
const INDEPENDENT: [(&str, EngineKind, Metric, f64, f64); 10] = [
    ("mixed_1e6", EngineKind::Nomt, Metric::Ops, 52_000.0, 52_000.0),
    ("mixed_4e6", EngineKind::Nomt, Metric::Ops, 22_000.0, 22_000.0),
    ("mixed_1e6", EngineKind::Nomt, Metric::Cpu, 22.0, 22.0),
    ("mixed_4e6", EngineKind::Nomt, Metric::Cpu, 42.0, 74.0),
    ("mixed_1e6", EngineKind::Nomt, Metric::Bytes, 3_200.0, 3_200.0),
    ("mixed_4e6", EngineKind::Nomt, Metric::Bytes, 4_800.0, 4_800.0),
    ("mixed_1e6", EngineKind::Redb, Metric::Ops, 130_000.0, 130_000.0),
    ("mixed_4e6", EngineKind::Redb, Metric::Ops, 72_000.0, 72_000.0),
    ("mixed_1e6", EngineKind::Commonware, Metric::Ops, 740_000.0, 740_000.0),
    ("mixed_4e6", EngineKind::Commonware, Metric::Ops, 546_000.0, 546_000.0),
];
/// Figures within this share of the independent ones agree with them.
const AGREEMENT: f64 = 0.30;

/// The template with its marks replaced; each stands alone on a line.
///
/// # Errors
/// When the template has a mark that nothing is known for.
pub fn document(template: &str, cells: &[Cell], results: &Results) -> Outcome<String> {
    let measured: Vec<Cell> = cells
        .iter()
        .filter(|cell| results.records().iter().any(|record| record.cell == cell.name()))
        .cloned()
        .collect();
    let mut text = String::new();
    for line in template.lines() {
        let mark = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        let put = match mark {
            None => line.to_owned(),
            Some("generated") => {
                "<!-- Made by `cargo xtask bench compare --report` from the template \
                                  in benches/compare; do not edit. -->"
                    .to_owned()
            }
            Some("machine") => machine(results),
            Some("settings") => settings(results).join("\n"),
            Some("enforcement") => format!("Memory limits: {}.", enforcement(results)),
            Some("overview") => overview(&measured, results),
            Some("lost") => list(&lost_rows(&measured, results)),
            Some("missing") => list(&missing(cells, results)),
            Some("violations") => list(&violations(results)),
            Some("independent") => independent(&measured, results),
            Some("tables") => table(&measured, results).trim().to_owned(),
            Some(other) => return Err(format!("the template has an unknown mark `{other}`").into()),
        };
        text.push_str(put.trim_end());
        text.push('\n');
    }
    Ok(text)
}

fn machine(results: &Results) -> String {
    let mut lines: Vec<String> =
        results.facts().iter().map(|(name, value)| format!("* {name}: {value}")).collect();
    if let Some(probe) = results.probe() {
        let (reads, sync) = (shown(probe.random_reads_per_s), shown(probe.overwrite_sync_us));
        lines.push(format!("* bare device: {reads} random reads of 4 KiB a second"));
        lines.push(format!("* bare device: overwrite and sync of 4 KiB in {sync} us (median)"));
    }
    lines.join("\n")
}

fn list(lines: &[String]) -> String {
    match lines.is_empty() {
        true => "None.".to_owned(),
        false => lines.iter().map(|line| format!("* {line}\n")).collect(),
    }
}

/// Cells of the full list without any result.
fn missing(cells: &[Cell], results: &Results) -> Vec<String> {
    let measured = |cell: &&Cell| results.records().iter().any(|record| record.cell == cell.name());
    cells.iter().filter(|cell| !measured(cell)).map(|cell| format!("`{}`", cell.name())).collect()
}

fn violations(results: &Results) -> Vec<String> {
    results.violations().iter().map(|(place, what)| format!("{place}: {what}")).collect()
}

/// For each peer a table of the ratios in all cells.
fn overview(cells: &[Cell], results: &Results) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (peer, _) in cells.iter().flat_map(|cell| peers(cell, results)) {
        if !names.contains(&peer) {
            names.push(peer);
        }
    }
    let mut text = String::new();
    for ours in [EngineKind::Bmt, EngineKind::BmtNomt] {
        for name in &names {
            text.push_str(&against(cells, results, ours, name));
        }
    }
    text
}

/// The table of one peer; nothing, if no cell has both.
fn against(cells: &[Cell], results: &Results, ours: EngineKind, name: &str) -> String {
    let metrics: Vec<Metric> =
        Metric::ALL.into_iter().filter(|metric| metric.has_ratio()).collect();
    let mut rows = String::new();
    for cell in cells {
        let Some((_, engine)) = peers(cell, results).into_iter().find(|(peer, _)| *peer == name)
        else {
            continue;
        };
        let ratios: Vec<Option<Spread>> = metrics
            .iter()
            .map(|&metric| Spread::of(paired(cell, results, metric, ours, engine)))
            .collect();
        if ratios.iter().all(Option::is_none) {
            continue;
        }
        let ratios: Vec<String> = ratios
            .iter()
            .map(|ratio| ratio.map_or_else(|| "-".to_owned(), |ratio| rounded(ratio.median)))
            .collect();
        writeln!(rows, "| {} | {} |", cell.name(), ratios.join(" | "))
            .expect("a string takes everything");
    }
    if rows.is_empty() {
        return rows;
    }
    let heads: Vec<&str> = metrics.iter().map(|metric| metric.name()).collect();
    let line = "|---".repeat(metrics.len() + 1);
    format!(
        "{} against {name}:\n\n| cell | {} |\n{line}|\n{rows}\n",
        ours.name(),
        heads.join(" | ")
    )
}

/// Two decimals below ten, one above; what is lost in bold.
fn rounded(ratio: f64) -> String {
    match ratio {
        ratio if ratio < 1.0 => format!("**{ratio:.2}**"),
        ratio if ratio < 10.0 => format!("{ratio:.2}"),
        ratio => format!("{ratio:.1}"),
    }
}

/// Our figures of the peers beside those of the independent run.
fn independent(cells: &[Cell], results: &Results) -> String {
    let mut text =
        "| figure | independent | here | agrees within 30 % |\n|---|---|---|---|\n".to_owned();
    for (name, engine, metric, least, most) in INDEPENDENT {
        let cell = cells.iter().find(|cell| cell.name() == name);
        let here = cell.and_then(|cell| value(results, cell, engine, metric));
        let range = match least < most {
            true => format!("{least} to {most}"),
            false => least.to_string(),
        };
        let (here, agrees) = match here {
            None => ("not measured".to_owned(), "-"),
            Some(Spread { median, .. }) => {
                let within =
                    (least * (1.0 - AGREEMENT)..=most * (1.0 + AGREEMENT)).contains(&median);
                (shown(median), if within { "yes" } else { "no" })
            }
        };
        let (peer, what, unit) = (engine.peer(), metric.name(), metric.unit());
        writeln!(text, "| {name} {what} of {peer}, {unit} | {range} | {here} | {agrees} |")
            .expect("a string takes everything");
    }
    text
}
