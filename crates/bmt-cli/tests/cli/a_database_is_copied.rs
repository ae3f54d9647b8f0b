//! `checkpoint`.

use crate::program::{Bmt, json, key, text, without_database};
use bmt::Db;
use serde_json::json as value;
use std::fs;

#[test]
fn the_copy_has_state_and_history() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let first = bmt.root();
    bmt.ok("put", &[key(1).as_str(), "02"]);
    let copy = bmt.database().with_file_name("copy");
    assert_eq!(bmt.ok("checkpoint", &[text(&copy)]), format!("{}\n", bmt.root()));
    let run = without_database(&["rollback", "--db", text(&copy), "1"]);
    assert_eq!((run.status, run.stdout), (0, format!("{first}\n")));
    assert_ne!(bmt.root(), first, "the database itself is another");
    let other = bmt.database().with_file_name("other");
    let copied = json(&bmt.ok("checkpoint", &["--json", text(&other)]));
    assert_eq!((&copied["sequence"], &copied["root"]), (&value!(2), &value!(bmt.root())));
    let run = without_database(&["check", "--db", text(&other)]);
    assert_eq!(run.status, 0, "{run:?}");
}

#[test]
fn a_place_that_is_taken_exits_with_2() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let file = bmt.file("letter.txt", "dear reader");
    assert_eq!(bmt.run("checkpoint", &[text(&file)]).status, 2);
    assert_eq!(fs::read(&file).unwrap(), b"dear reader");
    assert_eq!(bmt.run("checkpoint", &[text(&bmt.database())]).status, 2);
    assert_eq!(bmt.sequence(), 1);
}

#[test]
fn one_that_is_open_for_writing_exits_with_4_and_one_that_is_missing_with_2() {
    let bmt = Bmt::new();
    let copy = bmt.database().with_file_name("copy");
    assert_eq!(bmt.run("checkpoint", &[text(&copy)]).status, 2);
    let db = Db::open(bmt.database()).unwrap();
    assert_eq!(bmt.run("checkpoint", &[text(&copy)]).status, 4);
    drop(db);
    assert!(!copy.exists() && !copy.with_extension("unfinished").exists());
}
