//! Locked, damaged, not a database, not readable: 4, 3, 2, 5.

use crate::program::{Bmt, key, text, without_database};
use bmt::{Db, StateKey};
use std::fs;

/// Commands that open the database, with arguments that are right.
fn commands() -> Vec<(&'static str, Vec<String>)> {
    vec![
        ("init", vec![]),
        ("put", vec![key(2), "02".to_owned()]),
        ("get", vec![key(1)]),
        ("del", vec![key(1)]),
        ("root", vec![]),
        ("apply", vec!["-".to_owned()]),
        ("prove", vec![key(1)]),
        ("scan", vec![]),
        ("info", vec![]),
        ("stats", vec![]),
        ("rollback", vec!["1".to_owned()]),
        ("export", vec!["-".to_owned()]),
        ("checkpoint", vec!["never".to_owned()]),
    ]
}

#[track_caller]
fn all_exit_with(bmt: &Bmt, status: i32, message: &str) {
    let file = b"{\"source\":\"test\",\"gp\":\"0.7.2\"}\n";
    for (command, arguments) in commands() {
        let run = bmt.run_with_input(command, &arguments, file);
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{command}: {run:?}");
        assert!(run.stderr.starts_with("bmt: ") && run.stderr.contains(message), "{run:?}");
    }
}

#[test]
fn a_database_that_is_open_elsewhere_exits_with_4() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let root = bmt.root();
    let db = Db::open(bmt.database()).unwrap();
    all_exit_with(&bmt, 4, "open");
    drop(db);
    assert_eq!((bmt.root(), bmt.sequence()), (root, 1));
}

#[test]
fn a_damaged_manifest_exits_with_3() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let manifest = bmt.database().join("MANIFEST");
    let good = fs::read(&manifest).unwrap();
    let damaged: Vec<u8> = good.iter().map(|byte| byte ^ 0x10).collect();
    for bytes in [damaged.as_slice(), &[0; 8192], b"short", b""] {
        fs::write(&manifest, bytes).unwrap();
        all_exit_with(&bmt, 3, "MANIFEST");
        assert_eq!(fs::read(&manifest).unwrap(), bytes, "damage is left as it is");
    }
    fs::write(&manifest, good).unwrap();
    assert_eq!(bmt.ok("get", &[key(1)]), "01\n");
}

#[test]
fn a_damaged_log_exits_with_3() {
    let bmt = Bmt::new();
    // Dropped and not closed, so that the commits are in the log alone.
    let db = Db::open(bmt.database()).unwrap();
    for value in [1, 2, 3] {
        db.insert(StateKey::component(1), [value]).unwrap();
        db.commit().unwrap();
    }
    drop(db);
    let logs = fs::read_dir(bmt.database()).unwrap().map(|entry| entry.unwrap().path());
    let with_record = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("seglog-") && fs::read(path).unwrap()[4096..].iter().any(|b| *b != 0)
    };
    let logs: Vec<_> = logs.filter(with_record).collect();
    assert_eq!(logs.len(), 1, "{logs:?}");
    let good = fs::read(&logs[0]).unwrap();
    let mut bytes = good.clone();
    // In the first of three records, so that it is no torn tail.
    let at = bytes[4096..].iter().position(|byte| *byte != 0).unwrap() + 4096 + 40;
    bytes[at] ^= 0x10;
    fs::write(&logs[0], &bytes).unwrap();
    all_exit_with(&bmt, 3, "");
    fs::write(&logs[0], &good).unwrap();
    let component = hex::encode(StateKey::component(1).to_bytes());
    assert_eq!(bmt.ok("get", &[component]), "03\n");
}

#[test]
fn a_directory_of_something_else_exits_with_2() {
    let bmt = Bmt::new();
    fs::create_dir(bmt.database()).unwrap();
    fs::write(bmt.database().join("letter.txt"), "dear reader").unwrap();
    all_exit_with(&bmt, 2, "letter.txt");
    assert_eq!(fs::read_dir(bmt.database()).unwrap().count(), 1);
}

#[test]
fn a_file_exits_with_2() {
    let bmt = Bmt::new();
    fs::write(bmt.database(), "a file").unwrap();
    all_exit_with(&bmt, 2, "state: not a database");
    assert_eq!(fs::read(bmt.database()).unwrap(), b"a file");
}

#[test]
fn a_directory_that_cannot_be_made_exits_with_5() {
    let bmt = Bmt::new();
    fs::write(bmt.database(), "a file").unwrap();
    let below = bmt.database().join("below");
    let run = without_database(&["init", "--db", text(&below)]);
    assert_eq!((run.status, run.stdout.as_str()), (5, ""), "{run:?}");
    assert!(run.stderr.contains(text(&below)), "{run:?}");
}
