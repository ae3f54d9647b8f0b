//! `stats`, and `stats --watch` beside a program that has the database open.

use crate::program::{Bmt, json, key};
use bmt::{Db, StateKey};

#[test]
fn every_figure_has_a_name() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02"]);
    let printed = bmt.ok::<&str>("stats", &[]);
    let figure = |name: &str| {
        let line = printed.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!((figure("sequence"), figure("key_count")), ("1".to_owned(), "2".to_owned()));
    assert_eq!((figure("table_page_count"), figure("undoable_commits")), ("1".into(), "1".into()));
    let stats = json(&bmt.ok("stats", &["--json"]));
    assert_eq!(stats.as_object().unwrap().len(), printed.lines().count());
    assert_eq!(stats["checkpoint_sequence"], 1);
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
}
