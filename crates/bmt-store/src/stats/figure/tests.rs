//! The document says of every figure what the code says.

use super::{Figure, FigureKind};
use crate::{Db, Options};
use bmt_core::StateKey;
use bmt_io::SimDisk;

#[test]
fn the_document_has_every_figure_with_its_kind_unit_and_meaning() {
    let document = include_str!("../../../../../docs/metrics.md");
    for figure in Figure::ALL {
        let kind = match figure.kind {
            FigureKind::Counter => "counter",
            FigureKind::Gauge => "gauge",
            FigureKind::Histogram => "histogram",
        };
        let row = format!("| `{}` | {kind} | {} | {} |", figure.name, figure.unit, figure.about);
        assert!(document.lines().any(|line| line == row), "missing: {row}");
    }
}

#[test]
fn names_are_unique_and_end_as_their_kind_and_unit_ask() {
    let mut names: Vec<_> = Figure::ALL.iter().map(|figure| figure.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Figure::ALL.len());
    for Figure { name, kind, unit, .. } in Figure::ALL {
        assert_eq!(name.ends_with("_total"), *kind == FigureKind::Counter, "{name}");
        assert_eq!(name.ends_with("_seconds"), *kind == FigureKind::Histogram, "{name}");
        assert_eq!(name.trim_end_matches("_total").ends_with("_bytes"), *unit == "bytes", "{name}");
    }
}

#[test]
fn what_was_done_is_counted_and_timed() {
    let key = |number: u8| StateKey::service_storage(1, &[number]);
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &Options::new().seed(1)).unwrap();
    (0..200).for_each(|number| db.insert(key(number), [number; 40]).unwrap());
    db.commit().unwrap();
    (0..200).for_each(|number| drop(db.get(&key(number)).unwrap()));
    db.begin_read().get_many(&[key(1), key(2)]).unwrap();
    db.prove(&key(3)).unwrap();
    db.rollback(1).unwrap();
    db.flush().unwrap();
    let stats = db.stats();
    assert_eq!((stats.reads, stats.batch_read_keys, stats.proofs), (200, 2, 1));
    assert_eq!((stats.commits, stats.rollbacks, stats.prepared_steps), (1, 1, 2));
    let latency = &stats.latency;
    assert!((3..=5).contains(&latency.read.count()), "each 64th of 200");
    assert_eq!((latency.commit.count(), latency.append.count()), (2, 2));
    assert_eq!((latency.checkpoint.count(), latency.proof.count()), (1, 1));
    let text = stats.prometheus_text();
    assert!(text.contains("\nbmt_commits_total 1\n"), "{text}");
    assert!(text.contains("\nbmt_commit_seconds_count 2\n"), "{text}");
    assert!(text.contains("\nbmt_commit_seconds_bucket{le=\"+Inf\"} 2\n"), "{text}");
}

#[test]
fn nothing_is_timed_when_timings_are_off() {
    let options = Options::new().seed(1).timings(false);
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options).unwrap();
    db.insert(StateKey::component(1), b"value").unwrap();
    db.commit().unwrap();
    db.get(&StateKey::component(1)).unwrap();
    let stats = db.stats();
    assert_eq!((stats.commits, stats.reads), (1, 1));
    assert_eq!((stats.latency.commit.count(), stats.latency.read.count()), (0, 0));
    assert!(stats.settings.contains(&("timings", "false".to_owned())));
}
