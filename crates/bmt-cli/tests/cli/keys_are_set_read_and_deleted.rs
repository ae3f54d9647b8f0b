//! `init`, `put`, `get`, `del`, `root`.

use crate::chain_file::{State, root};
use crate::program::{Bmt, EMPTY_ROOT, key, text};
use bmt_core::StateKey;
use std::fs;

fn root_of(entries: &[(u8, &[u8])]) -> String {
    let entry = |(byte, value): &(u8, &[u8])| (StateKey::new([*byte; 31]), value.to_vec());
    hex::encode(root(&entries.iter().map(entry).collect::<State>()))
}

#[test]
fn init_makes_an_empty_database_and_leaves_one_alone() {
    let bmt = Bmt::new();
    assert_eq!(bmt.ok::<&str>("init", &[]), format!("{EMPTY_ROOT}\n"));
    assert_eq!(bmt.root(), EMPTY_ROOT);
    let put = bmt.ok("put", &[key(1).as_str(), "ab"]);
    assert_eq!(bmt.ok::<&str>("init", &[]), put);
    assert_eq!(bmt.root(), root_of(&[(1, &[0xab])]));
}

#[test]
fn put_prints_the_new_root_and_get_the_value() {
    let bmt = Bmt::new();
    let expected = root_of(&[(1, b"\xca\xfe")]);
    assert_eq!(bmt.ok("put", &[key(1).as_str(), "CAfe"]), format!("{expected}\n"));
    assert_eq!(bmt.root(), expected);
    assert_eq!(bmt.ok("get", &[key(1)]), "cafe\n");
}

#[test]
fn several_keys_are_put_in_one_commit() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "", key(3).as_str(), "0303"]);
    assert_eq!(bmt.sequence(), 1);
    assert_eq!(bmt.root(), root_of(&[(1, &[1]), (2, &[]), (3, &[3, 3])]));
    assert_eq!(bmt.ok("get", &[key(2)]), "\n");
}

#[test]
fn putting_what_is_there_is_a_commit() {
    let bmt = Bmt::new();
    let first = bmt.ok("put", &[key(1).as_str(), "01"]);
    assert_eq!(bmt.ok("put", &[key(1).as_str(), "01"]), first);
    assert_eq!(bmt.sequence(), 2);
}

#[test]
fn a_value_comes_from_a_file_or_from_standard_input() {
    let bmt = Bmt::new();
    let long: Vec<u8> = (0..200_000u32).map(|at| at.to_le_bytes()[0]).collect();
    let file = bmt.file("blob", &long);
    bmt.ok("put", &[key(1).as_str(), "--value-file", text(&file)]);
    let run = bmt.run_with_input("put", &[key(2).as_str(), "--value-file", "-"], b"from afar");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(bmt.root(), root_of(&[(1, &long), (2, b"from afar")]));
    let raw = bmt.command("get", &[key(1).as_str(), "--raw"]).output().unwrap();
    assert!(raw.status.success() && raw.stdout == long);
    assert_eq!(bmt.ok("get", &[key(2).as_str(), "--raw"]), "from afar");
}

#[test]
fn keys_of_64_digits_end_in_zeros_or_are_cut_on_request() {
    let bmt = Bmt::new();
    bmt.ok("put", &[(key(1) + "00").as_str(), "01"]);
    bmt.ok("put", &["--truncate-keys", (key(2) + "02").as_str(), "02"]);
    assert_eq!(bmt.root(), root_of(&[(1, &[1]), (2, &[2])]));
    assert_eq!(bmt.ok("get", &[key(2)]), "02\n");
    assert_eq!(bmt.ok("get", &["--truncate-keys", (key(2) + "ff").as_str()]), "02\n");
}

#[test]
fn get_of_an_absent_key_exits_with_1_and_prints_nothing() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let run = bmt.run("get", &[key(9)]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert_eq!(run.stderr, format!("bmt: key {} is absent\n", key(9)));
}

#[test]
fn del_deletes_keys_in_one_commit() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02", key(3).as_str(), "03"]);
    let expected = root_of(&[(2, &[2])]);
    assert_eq!(bmt.ok("del", &[key(1), key(3)]), format!("{expected}\n"));
    assert_eq!((bmt.root(), bmt.sequence()), (expected, 2));
    assert_eq!(bmt.run("get", &[key(1)]).status, 1);
}

#[test]
fn del_of_an_absent_key_changes_nothing_unless_told_so() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let run = bmt.run("del", &[key(1), key(9)]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains(&key(9)), "{run:?}");
    assert_eq!((bmt.root(), bmt.sequence()), (root_of(&[(1, &[1])]), 1));
    bmt.ok("del", &["--missing-ok", &key(1), &key(9)]);
    assert_eq!((bmt.root(), bmt.sequence()), (EMPTY_ROOT.to_owned(), 2));
}

#[test]
fn reading_commands_make_no_database() {
    let bmt = Bmt::new();
    for (command, arguments) in [
        ("root", vec![]),
        ("get", vec![key(1)]),
        ("del", vec![key(1)]),
        ("prove", vec![key(1)]),
        ("scan", vec![]),
        ("info", vec![]),
        ("rollback", vec!["1".to_owned()]),
    ] {
        let run = bmt.run(command, &arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{command}: {run:?}");
        assert!(!bmt.database().exists(), "{command}");
    }
    fs::create_dir(bmt.database()).unwrap();
    assert_eq!(bmt.run::<&str>("root", &[]).status, 2);
    assert_eq!(fs::read_dir(bmt.database()).unwrap().count(), 0);
}
