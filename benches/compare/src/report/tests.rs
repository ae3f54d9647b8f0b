//! Figures, ratios and the table say what the records say.

use super::*;
use crate::cells::{self, Cell};
use crate::engine::EngineKind;
use crate::job::{Costs, Report, Violation};
use crate::limit::Enforcement;
use crate::results::{Record, Results};

fn mixed() -> Cell {
    cells::all().remove(0)
}

/// A turn of 1,000,000 operations in `wall_s` seconds with as many seconds of processor time.
fn record(engine: EngineKind, round: u64, wall_s: f64) -> Record {
    let costs = Costs {
        op_count: 1_000_000,
        commit_count: 40,
        wall_s,
        cpu_s: wall_s,
        written_bytes: 2_000_000,
        p50_us: wall_s * 1e3,
        p99_us: wall_s * 2e3,
        disk_bytes: 100_000_000,
        key_count: 1_000_000,
        peak_resident_bytes: 1 << 27,
        ..Costs::default()
    };
    Record {
        cell: mixed().name(),
        engine,
        round,
        memory_bytes: 512 << 20,
        enforcement: Enforcement::Options,
        report: Report { costs, ..Report::default() },
    }
}

fn results(records: Vec<Record>) -> (tempfile::TempDir, Results) {
    let dir = tempfile::tempdir().unwrap();
    let mut results = Results::open(dir.path().into(), false).unwrap();
    records.into_iter().for_each(|record| results.add(record).unwrap());
    (dir, results)
}

fn ratio(results: &Results, name: &str) -> Option<Spread> {
    ratios(&[mixed()], results).into_iter().find(|ratio| ratio.name == name).map(|r| r.value)
}

#[test]
fn a_ratio_is_times_better_for_rates_and_costs() {
    let (_dir, results) =
        results(vec![record(EngineKind::Bmt, 0, 2.0), record(EngineKind::Redb, 0, 6.0)]);
    for metric in ["ops", "cpu", "p50", "p99"] {
        let value = ratio(&results, &format!("mixed_1e6_{metric}_vs_redb")).unwrap();
        assert!((value.median - 3.0).abs() < 1e-9, "{metric}: {value:?}");
    }
    assert!((ratio(&results, "mixed_1e6_disk_vs_redb").unwrap().median - 1.0).abs() < 1e-9);
}

#[test]
fn ratios_are_paired_round_by_round() {
    let turns = [(0, 1.0, 2.0), (1, 2.0, 8.0), (2, 4.0, 12.0)];
    let records = turns.into_iter().flat_map(|(round, ours, theirs)| {
        [record(EngineKind::Bmt, round, ours), record(EngineKind::Redb, round, theirs)]
    });
    let (_dir, results) = results(records.collect());
    let value = ratio(&results, "mixed_1e6_ops_vs_redb").unwrap();
    assert_eq!([value.min, value.median, value.max, 3.0], [2.0, 3.0, 4.0, value.count as f64]);
}

#[test]
fn nomt_is_the_better_of_its_configurations() {
    let (_dir, results) = results(vec![
        record(EngineKind::Bmt, 0, 1.0),
        record(EngineKind::NomtDefault, 0, 9.0),
        record(EngineKind::NomtWarm, 0, 4.0),
        record(EngineKind::Nomt, 0, 5.0),
    ]);
    let value = ratio(&results, "mixed_1e6_ops_vs_nomt").unwrap();
    assert!((value.median - 4.0).abs() < 1e-9, "{value:?}");
}

#[test]
fn a_failed_turn_gives_no_figures_and_stands_in_the_table() {
    let mut failed = record(EngineKind::Redb, 0, 1.0);
    failed.report.violations.push(Violation::MissingKeys { count: 3, of: 10 });
    let (_dir, results) = results(vec![record(EngineKind::Bmt, 0, 1.0), failed]);
    assert!(figures(&[mixed()], &results).iter().all(|figure| !figure.name.ends_with("redb")));
    assert!(
        table(&[mixed()], &results).contains("| redb | **failed**: 3 of 10 keys are missing |")
    );
    assert_eq!(results.violations().len(), 1);
}

#[test]
fn lost_rows_are_told() {
    let (_dir, results) =
        results(vec![record(EngineKind::Bmt, 0, 2.0), record(EngineKind::Lmdb, 0, 1.0)]);
    let lost = lost_rows(&[mixed()], &results);
    assert!(lost.contains(&"mixed_1e6 ops: 2.000 times worse than lmdb".to_owned()), "{lost:?}");
}

#[test]
fn plots_are_written() {
    let (dir, results) =
        results(vec![record(EngineKind::Bmt, 0, 2.0), record(EngineKind::Lmdb, 0, 1.0)]);
    let files = plots(&[mixed()], &results, dir.path()).unwrap();
    let text = std::fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains("<svg") && text.contains("lmdb"));
}

#[test]
fn a_document_is_the_template_with_its_marks_replaced() {
    let (_dir, results) =
        results(vec![record(EngineKind::Bmt, 0, 2.0), record(EngineKind::Redb, 0, 1.0)]);
    let template =
        "# Title\n<!-- overview -->\n<!-- lost -->\n<!-- independent -->\n<!-- tables -->\n";
    let text = document(template, &[mixed()], &results).unwrap();
    assert!(text.starts_with("# Title\n"), "{text}");
    assert!(text.contains("bmt against redb:"), "{text}");
    assert!(text.contains("| mixed_1e6 | **0.50** | **0.50** | 1.00 |"), "{text}");
    assert!(text.contains("* mixed_1e6 ops: 2.000 times worse than redb"), "{text}");
    assert!(text.contains("| mixed_1e6 ops of redb, ops/s | 130000 | 1000000 | no |"), "{text}");
    assert!(text.contains("### mixed_1e6"), "{text}");
}

#[test]
fn an_unknown_mark_in_the_template_is_refused() {
    let (_dir, results) = results(vec![record(EngineKind::Bmt, 0, 2.0)]);
    assert!(document("<!-- nothing -->", &[mixed()], &results).is_err());
}

#[test]
fn the_template_has_only_known_marks() {
    let (_dir, results) = results(vec![record(EngineKind::Bmt, 0, 2.0)]);
    let template = include_str!("../../performance.template");
    let text = document(template, &cells::all(), &results).unwrap();
    assert!(text.contains("* `bulk_1e6`"), "cells without results are listed: {text}");
}

#[test]
fn days_become_dates() {
    use super::facts::civil;
    assert_eq!(civil(0), "1970-01-01");
    assert_eq!(civil(11_016), "2000-02-29");
    assert_eq!(civil(11_017), "2000-03-01");
    assert_eq!(civil(20_453), "2025-12-31");
    assert_eq!(civil(20_454), "2026-01-01");
}
