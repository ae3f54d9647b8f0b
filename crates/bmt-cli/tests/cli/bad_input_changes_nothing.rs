//! Wrong usage exits with 2 and leaves the database as it was.

use crate::program::{Bmt, Run, key, text, without_database};

/// A database with one key.
fn with_one_key() -> Bmt {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    bmt
}

/// Runs a command that must be refused, and returns its message.
#[track_caller]
fn refused(bmt: &Bmt, command: &str, arguments: &[&str]) -> String {
    let before = (bmt.root(), bmt.sequence());
    let Run { status, stdout, stderr } = bmt.run(command, arguments);
    assert_eq!((status, stdout.as_str()), (2, ""), "{command} {arguments:?}: {stderr}");
    assert_eq!((bmt.root(), bmt.sequence()), before, "{command} {arguments:?}");
    stderr
}

#[test]
fn a_bad_key_is_refused_by_every_command_that_takes_one() {
    let bmt = with_one_key();
    let (short, long) = ("01".repeat(30), "01".repeat(33));
    let bad = [
        ("", "0 digits, expected 62"),
        (short.as_str(), "60 digits, expected 62"),
        (long.as_str(), "66 digits, expected 62"),
        (&key(1)[1..], "odd number of digits, 61"),
        (&format!("0x{}", key(1)), "without 0x"),
        (&key(1).replace("01", "0g"), "no hexadecimal digit at position 1"),
        (&format!("{}01", key(1)), "last byte of a 64-digit key must be zero"),
    ];
    for (bad, message) in bad {
        for (command, arguments) in [
            ("put", vec![bad, "02"]),
            ("put", vec![&key(2), "02", bad, "02"]),
            ("get", vec![bad]),
            ("del", vec![bad]),
            ("del", vec![&key(1), bad]),
            ("prove", vec![bad]),
            ("scan", vec!["--from", bad]),
            ("scan", vec!["--to", bad]),
        ] {
            let stderr = refused(&bmt, command, &arguments);
            assert!(stderr.contains(message), "{command} {arguments:?}: {stderr}");
        }
    }
}

#[test]
fn a_bad_value_is_refused() {
    let bmt = with_one_key();
    let key = key(2);
    assert!(refused(&bmt, "put", &[&key, "abc"]).contains("odd number of digits, 3"));
    assert!(refused(&bmt, "put", &[&key, "0xab"]).contains("without 0x"));
    assert!(refused(&bmt, "put", &[&key, "zz"]).contains("value `zz`"));
}

#[test]
fn a_key_given_twice_is_refused() {
    let bmt = with_one_key();
    assert!(refused(&bmt, "put", &[&key(2), "01", &key(2), "01"]).contains("given twice"));
    assert!(refused(&bmt, "del", &[&key(1), &key(1)]).contains("given twice"));
    let (first, second) = (key(3) + "01", key(3) + "02");
    let arguments = ["--truncate-keys", &first, "01", &second, "02"];
    assert!(refused(&bmt, "put", &arguments).contains("given twice"));
}

#[test]
fn a_key_without_a_value_is_refused() {
    let bmt = with_one_key();
    assert!(refused(&bmt, "put", &[&key(2)]).contains("has no value"));
    assert!(refused(&bmt, "put", &[&key(2), "02", &key(3)]).contains("has no value"));
    let blob = bmt.file("blob", "bytes");
    assert!(
        refused(&bmt, "put", &[&key(2), "02", "--value-file", text(&blob)]).contains("one KEY")
    );
}

#[test]
fn what_clap_refuses_exits_with_2_too() {
    let bmt = with_one_key();
    refused(&bmt, "put", &[]);
    refused(&bmt, "get", &[]);
    refused(&bmt, "get", &[&key(1), "--raw", "--json"]);
    refused(&bmt, "rollback", &["0"]);
    refused(&bmt, "rollback", &["-1"]);
    refused(&bmt, "rollback", &["one"]);
    refused(&bmt, "scan", &["--limit", "-1"]);
    refused(&bmt, "scan", &["--prefix", "abc"]);
    refused(&bmt, "scan", &["--prefix", &(key(1) + "00")]);
    refused(&bmt, "apply", &[]);
    refused(&bmt, "root", &["surplus"]);
    assert_eq!(without_database(&["root"]).status, 2);
    assert_eq!(without_database(&["frobnicate"]).status, 2);
    assert_eq!(without_database(&[]).status, 2);
}

#[test]
fn help_and_version_exit_with_0() {
    for arguments in [["--help"].as_slice(), &["--version"], &["apply", "--help"], &["help", "put"]]
    {
        let run = without_database(arguments);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments:?}");
        assert!(!run.stdout.is_empty());
    }
    let help = without_database(&["--help"]).stdout;
    assert!(help.contains("EXIT STATUS") && help.contains("EXAMPLES"));
}

#[test]
fn a_file_that_cannot_be_read_exits_with_5() {
    let bmt = with_one_key();
    let root = bmt.root();
    let missing = bmt.database().join("missing");
    let run = bmt.run("put", &[key(2).as_str(), "--value-file", text(&missing)]);
    assert_eq!(run.status, 5, "{run:?}");
    assert!(run.stderr.contains("missing"), "{run:?}");
    assert_eq!(bmt.root(), root);
}
