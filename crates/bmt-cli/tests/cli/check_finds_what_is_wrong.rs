//! `check` and `inspect`, on databases that are sound, damaged, and so damaged that they do not open.

use crate::program::{Bmt, json, key, text};
use bmt::Db;
use serde_json::json as value;
use std::fs;

/// A database with a long value, which lies in pages of its own.
fn with_long_value() -> Bmt {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02"]);
    let blob = bmt.file("blob", [7; 50_000]);
    bmt.ok("put", &[key(3).as_str(), "--value-file", text(&blob)]);
    bmt
}

/// Changes a byte of a file of the database.
fn flip(bmt: &Bmt, file: &str, offset: usize) {
    let path = bmt.database().join(file);
    let mut bytes = fs::read(&path).unwrap();
    bytes[offset] ^= 0x10;
    fs::write(path, bytes).unwrap();
}

/// Damages a page of the long value, which opening does not read; its offset.
fn damage_long_value(bmt: &Bmt) -> usize {
    let bytes = fs::read(bmt.database().join("beatree.pages")).unwrap();
    let head = bytes.chunks(4096).position(|page| page.starts_with(b"BTOV")).unwrap();
    flip(bmt, "beatree.pages", head * 4096 + 3000);
    head * 4096
}

#[test]
fn a_sound_database_exits_with_0() {
    let bmt = with_long_value();
    let printed = bmt.ok::<&str>("check", &[]);
    let expected = format!("sound: commit 2, root {}, 3 keys, 2 records, ", bmt.root());
    assert!(printed.starts_with(&expected) && printed.lines().count() == 1, "{printed}");
    let report = json(&bmt.ok("check", &["--json"]));
    assert_eq!((&report["sound"], &report["findings"]), (&value!(true), &value!([])));
    assert_eq!((&report["keys"], &report["root"]), (&value!(3), &value!(bmt.root())));
}

#[test]
fn a_finding_exits_with_3_and_names_file_and_offset() {
    let bmt = with_long_value();
    let offset = damage_long_value(&bmt);
    let run = bmt.run::<&str>("check", &[]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stdout.contains(&format!("beatree.pages at byte {offset}")), "{run:?}");
    assert!(run.stdout.contains("damaged: commit 2") && run.stderr.starts_with("bmt: found"));
    assert!(run.stdout.contains(" keys read, "), "{run:?}");
    assert_eq!(run.stdout.matches("expected").count(), 1, "{run:?}");
    let run = bmt.run("check", &["--json"]);
    let report = json(&run.stdout);
    let finding = &report["findings"][0];
    assert_eq!(
        (&finding["kind"], &finding["file"]),
        (&value!("store page"), &value!("beatree.pages"))
    );
    assert_eq!((&finding["offset"], &report["sound"]), (&value!(offset), &value!(false)));
    assert_eq!((run.status, &json(&run.stderr)["status"]), (3, &value!(3)));
}

#[test]
fn a_page_of_the_trie_that_keeps_a_database_from_opening_is_named() {
    let bmt = with_long_value();
    let pages = bmt.ok("inspect", &["--pages"]);
    let page = pages.lines().find(|line| line.contains(" table page: valid")).unwrap();
    let (file, rest) = page.split_once(' ').unwrap();
    let offset: usize = rest.split(' ').next().unwrap().parse().unwrap();
    flip(&bmt, file, offset + 100);
    let run = bmt.run::<&str>("check", &[]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stdout.contains(&format!("{file} {offset} table page: damaged")), "{run:?}");
}

#[test]
fn a_database_that_does_not_open_is_told_part_by_part() {
    let bmt = with_long_value();
    flip(&bmt, "beatree.pages", 20);
    let run = bmt.run::<&str>("check", &[]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stdout.starts_with("cannot be opened") && run.stdout.contains("store verdict"));
    assert!(!run.stdout.contains("log verdict") && run.stderr.contains("beatree.pages"), "{run:?}");
    let report = json(&bmt.run("check", &["--json"]).stdout);
    assert_eq!(
        (&report["opened"], &report["items"][0]["file"]),
        (&value!(false), &value!("beatree.pages"))
    );
}

#[test]
fn what_is_not_damage_has_its_own_status() {
    let bmt = Bmt::new();
    assert_eq!(bmt.run::<&str>("check", &[]).status, 2);
    assert_eq!(bmt.run::<&str>("inspect", &[]).status, 2);
    bmt.ok::<&str>("init", &[]);
    let db = Db::open(bmt.database()).unwrap();
    assert_eq!(bmt.run::<&str>("check", &[]).status, 4);
    assert_eq!(bmt.run::<&str>("inspect", &[]).status, 0, "it needs no lock");
    drop(db);
    let other = Bmt::new();
    fs::create_dir(other.database()).unwrap();
    fs::write(other.database().join("letter.txt"), "dear reader").unwrap();
    assert_eq!(other.run::<&str>("inspect", &[]).status, 2);
}

#[test]
fn inspect_tells_of_every_part() {
    let bmt = with_long_value();
    let printed = bmt.ok("inspect", &["--records", "--pages"]);
    for expected in [
        "MANIFEST 0 manifest slot: valid, generation ",
        "MANIFEST 4096 manifest slot: valid",
        "position 2",
        "log segment: valid",
        "log record: valid, sequence 1, ",
        "kind commit",
        "log verdict: valid",
        "store file: valid",
        "kind leaf, entries 3",
        "kind overflow, value bytes 50000",
        "store verdict: valid, leaf pages 1",
        "table file: valid",
        "role target",
        "table page: valid",
        "table verdict: valid, pages 1",
        &bmt.root(),
    ] {
        assert!(printed.contains(expected), "{expected:?} in {printed}");
    }
    let short = bmt.ok::<&str>("inspect", &["--no-verdicts"]);
    assert!(!short.contains("log record") && !short.contains("verdict"), "{short}");
    for line in bmt.ok("inspect", &["--json"]).lines() {
        assert_eq!(json(line)["state"].as_str().map(str::is_empty), Some(false));
    }
}

#[test]
fn inspect_reads_what_does_not_open_and_changes_nothing() {
    let bmt = with_long_value();
    flip(&bmt, "MANIFEST", 100);
    flip(&bmt, "MANIFEST", 4096 + 100);
    let before = fs::read(bmt.database().join("MANIFEST")).unwrap();
    assert_eq!(bmt.run::<&str>("root", &[]).status, 3);
    let run = bmt.run("inspect", &["--records"]);
    assert_eq!(run.status, 3);
    assert!(run.stdout.contains("manifest: damaged (neither slot is valid)"), "{}", run.stdout);
    assert!(run.stdout.contains("log record: valid, sequence 2"), "{}", run.stdout);
    assert_eq!(fs::read(bmt.database().join("MANIFEST")).unwrap(), before);
}
