//! `stats`, and `stats --watch` beside a program that has the database open.

use crate::program::{Bmt, json, key};
use bmt::{Db, Figure, FigureKind, StateKey};

#[test]
fn every_figure_is_printed_under_its_name() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02"]);
    let printed = bmt.ok::<&str>("stats", &[]);
    let stats = json(&bmt.ok("stats", &["--json"]));
    let text = bmt.ok("stats", &["--prometheus"]);
    assert_eq!(printed.lines().count(), Figure::ALL.len());
    assert_eq!(stats.as_object().unwrap().len(), Figure::ALL.len());
    for (figure, line) in Figure::ALL.iter().zip(printed.lines()) {
        let is_histogram = figure.kind == FigureKind::Histogram;
        assert_eq!(line.split(' ').next(), Some(figure.name));
        let has_unit = !["seconds", "ratio", "0 or 1"].contains(&figure.unit);
        assert_eq!(line.ends_with(&format!(" {}", figure.unit)), has_unit, "{line}");
        let value = &stats[figure.name];
        let number = if is_histogram { &value["p99"] } else { value };
        assert!(number.is_number(), "{}: {value}", figure.name);
        assert!(text.contains(&format!("\n# TYPE {} ", figure.name)), "{}", figure.name);
    }
    let figure = |name: &str| {
        let line = printed.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!((figure("bmt_sequence"), figure("bmt_keys")), ("1".to_owned(), "2".to_owned()));
    assert_eq!(
        (figure("bmt_table_pages"), figure("bmt_undoable_commits")),
        ("1".into(), "1".into())
    );
    assert_eq!((&stats["bmt_checkpoint_sequence"], &stats["bmt_keys"]), (&1.into(), &2.into()));
    assert!(stats["bmt_sync_seconds"]["count"].is_u64(), "{stats}");
    assert!(
        text.contains("\nbmt_keys 2\n") && text.contains("\nbmt_sync_seconds_count "),
        "{text}"
    );
}

#[test]
fn a_watch_follows_an_open_database() {
    let bmt = Bmt::new();
    let db = Db::open(bmt.database()).unwrap();
    let watch = || json(&bmt.ok("stats", &["--watch", "0", "--count", "1", "--json"]));
    assert_eq!(watch()["log_records_through"], 0);
    for number in 1..=3 {
        db.insert(StateKey::component(number), b"value").unwrap();
        db.commit().unwrap();
    }
    let before = watch();
    assert_eq!((&before["log_records_through"], &before["position"]), (&3.into(), &0.into()));
    db.flush().unwrap();
    let after = watch();
    assert_eq!((&after["position"], &after["keys"]), (&3.into(), &3.into()));
    let lines = bmt.ok("stats", &["--watch", "0.01", "--count", "3"]);
    assert_eq!(lines.lines().count(), 3);
    assert!(lines.starts_with("generation "), "{lines}");
}

#[test]
fn a_count_needs_a_watch() {
    let bmt = Bmt::new();
    bmt.ok::<&str>("init", &[]);
    assert_eq!(bmt.run("stats", &["--count", "1"]).status, 2);
    assert_eq!(bmt.run("stats", &["--watch", "-1"]).status, 2);
    assert_eq!(bmt.run("stats", &["--prometheus", "--json"]).status, 2);
    assert_eq!(bmt.run("stats", &["--prometheus", "--watch"]).status, 2);
}
