//! Figures, and ratios to the peers.

use super::{Metric, Spread};
use crate::cells::Cell;
use crate::engine::EngineKind;
use crate::results::{Record, Results};
use serde::Serialize;

/// A measured value.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// `CELL_SIZE_METRIC_ENGINE`.
    pub name: String,
    /// The unit.
    pub unit: &'static str,
    /// The value over the rounds.
    pub value: Spread,
}

/// How many times better bmt is than a peer.
#[derive(Debug, Clone, Serialize)]
pub struct Ratio {
    /// `CELL_SIZE_METRIC_vs_PEER`.
    pub name: String,
    /// Rates: ours by theirs; costs: theirs by ours; paired round by round.
    pub value: Spread,
}

/// The turns of one engine in one cell that ended well, by round.
pub(super) fn turns<'a>(results: &'a Results, cell: &Cell, engine: EngineKind) -> Vec<&'a Record> {
    let name = cell.name();
    let mut turns: Vec<&Record> = results
        .records()
        .iter()
        .filter(|record| record.cell == name && record.engine == engine)
        .filter(|record| record.report.violations.is_empty() && !record.report.unsupported)
        .collect();
    turns.sort_by_key(|record| record.round);
    turns
}

/// A metric of one engine in one cell.
#[must_use]
pub(super) fn value(
    results: &Results,
    cell: &Cell,
    engine: EngineKind,
    metric: Metric,
) -> Option<Spread> {
    let values = turns(results, cell, engine)
        .iter()
        .filter_map(|record| metric.value(&cell.task, &record.report.costs))
        .collect();
    Spread::of(values)
}

/// All figures of some cells.
#[must_use]
pub fn figures(cells: &[Cell], results: &Results) -> Vec<Figure> {
    let mut figures = Vec::new();
    if let Some(probe) = results.probe() {
        let mut device = |name: &str, unit, value| {
            let value = Spread::of(vec![value]).expect("one value has a spread");
            figures.push(Figure { name: name.to_owned(), unit, value });
        };
        device("device_random_reads", "reads/s", probe.random_reads_per_s);
        device("device_overwrite_sync_p50", "us", probe.overwrite_sync_us);
    }
    for cell in cells {
        for &engine in cell.engines {
            for metric in Metric::ALL {
                if let Some(value) = value(results, cell, engine, metric) {
                    let name = format!("{}_{}_{}", cell.name(), metric.name(), engine.name());
                    figures.push(Figure { name, unit: metric.unit(), value });
                }
            }
            figures.extend(extra(results, cell, engine));
        }
    }
    figures
}

/// Figures that only some cells have.
fn extra(results: &Results, cell: &Cell, engine: EngineKind) -> Vec<Figure> {
    let turns = turns(results, cell, engine);
    let figure = |what: &str, unit, values: Vec<f64>| {
        let name = format!("{}_{what}_{}", cell.name(), engine.name());
        Spread::of(values).map(|value| Figure { name, unit, value })
    };
    let costs = || turns.iter().map(|record| &record.report.costs);
    let syncs = costs().filter(|costs| costs.commit_count > 0);
    let syncs = syncs.map(|costs| costs.syncs.total() as f64 / costs.commit_count as f64);
    let witness = costs().filter_map(|costs| costs.witness_bytes).map(|bytes| bytes as f64);
    [
        figure("syncs", "calls/commit", syncs.collect()),
        figure("witness", "B/commit", witness.collect()),
        figure("reader_ops", "ops/s", costs().filter_map(|c| c.reader_gets_per_s).collect()),
        figure("reader_p99", "us", costs().filter_map(|c| c.reader_p99_us).collect()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// All ratios of some cells. `nomt` is the configuration with the highest median rate in the cell
/// (the lowest median latency where there is no rate).
#[must_use]
pub fn ratios(cells: &[Cell], results: &Results) -> Vec<Ratio> {
    let mut ratios = Vec::new();
    for cell in cells {
        for (ours, scheme) in [(EngineKind::Bmt, ""), (EngineKind::BmtNomt, "_nomt_scheme")] {
            for (peer, engine) in peers(cell, results) {
                for metric in Metric::ALL.into_iter().filter(|metric| metric.has_ratio()) {
                    let name = format!("{}{scheme}_{}_vs_{peer}", cell.name(), metric.name());
                    let paired = paired(cell, results, metric, ours, engine);
                    ratios.extend(Spread::of(paired).map(|value| Ratio { name, value }));
                }
            }
        }
    }
    ratios
}

/// The peers of a cell, each with the engine that stands for it.
pub(super) fn peers(cell: &Cell, results: &Results) -> Vec<(&'static str, EngineKind)> {
    let mut peers: Vec<(&'static str, EngineKind)> = Vec::new();
    for &engine in cell.engines {
        let ours = matches!(engine, EngineKind::Bmt | EngineKind::BmtNomt);
        if ours || turns(results, cell, engine).is_empty() {
            continue;
        }
        match peers.iter_mut().find(|(peer, _)| *peer == engine.peer()) {
            None => peers.push((engine.peer(), engine)),
            Some((_, best)) => {
                if speed(cell, results, engine) > speed(cell, results, *best) {
                    *best = engine;
                }
            }
        }
    }
    peers
}

fn speed(cell: &Cell, results: &Results, engine: EngineKind) -> f64 {
    let median = |metric| value(results, cell, engine, metric).map(|spread| spread.median);
    let rate = median(Metric::Ops);
    rate.or_else(|| median(Metric::P50).map(|latency| 1.0 / latency)).unwrap_or(0.0)
}

/// How many times better `ours` is, in each round that both have.
pub(super) fn paired(
    cell: &Cell,
    results: &Results,
    metric: Metric,
    ours: EngineKind,
    theirs: EngineKind,
) -> Vec<f64> {
    let theirs = turns(results, cell, theirs);
    let mut ratios = Vec::new();
    for our in turns(results, cell, ours) {
        let Some(their) = theirs.iter().find(|record| record.round == our.round) else { continue };
        let of = |record: &Record| metric.value(&cell.task, &record.report.costs);
        if let Some((our, their)) = of(our).zip(of(their)).filter(|&(a, b)| a > 0.0 && b > 0.0) {
            ratios.push(if metric.is_rate() { our / their } else { their / our });
        }
    }
    ratios
}
