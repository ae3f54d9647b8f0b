//! Commands that only read, on a database that needs recovery, and beside one another.

use crate::program::{Bmt, key, text};
use bmt::{Db, StateKey};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn files(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(path).unwrap().map(Result::unwrap);
    entries
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// A database whose newest commit is in the log alone, and behind it a record that is torn.
fn needing_recovery() -> Bmt {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let db = Db::open(bmt.database()).unwrap();
    db.insert(StateKey::component(1), b"value").unwrap();
    db.commit().unwrap();
    let before = files(&bmt.database());
    db.insert(StateKey::component(2), [7; 100]).unwrap();
    db.commit().unwrap();
    drop(db);
    // The log as it was, but for one byte of the last record.
    let after = files(&bmt.database());
    let changed =
        |name: &&String| name.starts_with("seglog-") && before.get(*name) != after.get(*name);
    let name = after.keys().find(changed).unwrap();
    let mut bytes = after[name].clone();
    let last = bytes.iter().rposition(|byte| *byte != 0).unwrap();
    bytes[last] ^= 1;
    fs::write(bmt.database().join(name), bytes).unwrap();
    bmt
}

#[test]
fn whatever_recovery_it_needs() {
    let bmt = needing_recovery();
    let before = files(&bmt.database());
    let file = bmt.database().with_file_name("state.bmtexport");
    let copy = bmt.database().with_file_name("copy");
    for (command, arguments) in [
        ("get", vec![key(1)]),
        ("scan", vec![]),
        ("prove", vec![key(2)]),
        ("root", vec![]),
        ("info", vec![]),
        ("stats", vec![]),
        ("check", vec![]),
        ("inspect", vec![]),
        ("export", vec![text(&file).to_owned()]),
        ("checkpoint", vec![text(&copy).to_owned()]),
    ] {
        let run = bmt.run(command, &arguments);
        assert_eq!(run.status, 0, "{command}: {run:?}");
        assert!(files(&bmt.database()) == before, "{command} changed the directory");
    }
    let check = bmt.ok::<&str>("check", &[]);
    assert!(check.starts_with("left out ") && check.contains("sound: commit 2"), "{check}");
    assert!(bmt.ok::<&str>("info", &[]).contains("1 records left out"));
    // A command that writes cuts the torn record off.
    bmt.ok("put", &[key(3).as_str(), "03"]);
    assert!(bmt.ok::<&str>("check", &[]).starts_with("sound: commit 3"));
}

#[test]
fn beside_another_reader_but_no_writer() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let reader = Db::open_read_only(bmt.database()).unwrap();
    assert_eq!(bmt.ok("get", &[key(1)]), "01\n");
    let run = bmt.run("put", &[key(2).as_str(), "02"]);
    assert_eq!(run.status, 4, "{run:?}");
    drop(reader);
    bmt.ok("put", &[key(2).as_str(), "02"]);
}
