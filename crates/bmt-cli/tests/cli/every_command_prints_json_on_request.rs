//! `--json`, before or after the command, for results and for errors.

use crate::program::{Bmt, EMPTY_ROOT, json, key, text, without_database};
use serde_json::json as value;

#[test]
fn results_are_one_object_a_line() {
    let bmt = Bmt::new();
    let run = |command: &str, arguments: &[&str]| {
        json(&bmt.ok(command, &[arguments, &["--json"]].concat()))
    };
    assert_eq!(run("init", &[]), value!({ "created": true, "root": EMPTY_ROOT }));
    assert_eq!(run("init", &[]), value!({ "created": false, "root": EMPTY_ROOT }));
    let put = run("put", &[&key(1), "01"]);
    let root = bmt.root();
    assert_eq!(put, value!({ "sequence": 1, "previous_root": EMPTY_ROOT, "root": root }));
    assert_eq!(run("root", &[]), value!({ "sequence": 1, "root": root }));
    assert_eq!(run("get", &[&key(1)]), value!({ "key": key(1), "value": "01" }));
    assert_eq!(run("scan", &[]), value!({ "key": key(1), "value": "01" }));
    assert_eq!(run("scan", &["--keys-only"]), value!({ "key": key(1) }));
    let deleted = run("del", &[&key(1)]);
    assert_eq!(deleted, value!({ "sequence": 2, "previous_root": root, "root": EMPTY_ROOT }));
    let undone = run("rollback", &["1"]);
    assert_eq!(undone, value!({ "sequence": 3, "previous_root": EMPTY_ROOT, "root": root }));
}

#[test]
fn a_proof_comes_with_what_it_proves() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let proof = json(&bmt.ok("prove", &[key(1).as_str(), "--json"]));
    assert_eq!((&proof["root"], &proof["value"]), (&value!(bmt.root()), &value!("01")));
    let absent = json(&bmt.ok("prove", &[key(2).as_str(), "--json"]));
    assert_eq!((&absent["key"], &absent["value"]), (&value!(key(2)), &value!(null)));
    let bytes = absent["proof"].as_str().unwrap();
    let key = key(2);
    let root = bmt.root();
    let arguments = ["--json", "verify", "--root", &root, "--key", &key, "--absent", bytes];
    let run = without_database(&arguments);
    assert_eq!(json(&run.stdout), value!({ "verified": true }));
}

#[test]
fn an_applied_line_says_what_it_was() {
    let bmt = Bmt::new();
    let chain = format!(
        "{{\"source\":\"test\",\"gp\":\"0.7.2\"}}\n{{\"at\":\"here\",\"root\":\"{EMPTY_ROOT}\",\"set\":{{}}}}\n"
    );
    let file = bmt.file("chain.jsonl", chain);
    let expected = value!({
        "line": 2, "at": "here", "sequence": 1, "root": EMPTY_ROOT, "changes": 0, "fork": false
    });
    assert_eq!(json(&bmt.ok("apply", &[text(&file), "--json"])), expected);
}

#[test]
fn errors_are_an_object_on_standard_error() {
    let bmt = Bmt::new();
    bmt.ok::<&str>("init", &[]);
    let run = bmt.run("get", &[key(1).as_str(), "--json"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    let error = json(&run.stderr);
    assert_eq!(error, value!({ "error": format!("key {} is absent", key(1)), "status": 1 }));
    let run = bmt.run("put", &["--json", "zz", "01"]);
    assert_eq!(json(&run.stderr)["status"], 2);
}

#[test]
fn a_command_line_that_is_not_understood_is_an_object_too() {
    for arguments in
        [&["root", "--json"][..], &["--json", "fly"], &["--json"], &["--json", "get", "--bd", "x"]]
    {
        let run = without_database(arguments);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
        let error = json(&run.stderr);
        assert_eq!(error["status"], 2, "{error}");
        assert!(!error["error"].as_str().unwrap().is_empty(), "{error}");
    }
    let run = without_database(&["root"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--db <DIR>") && !run.stderr.starts_with('{'), "{run:?}");
}

#[test]
fn every_command_has_help_with_examples() {
    let help = without_database(&["--help"]);
    assert_eq!(help.status, 0, "{help:?}");
    let listed = help.stdout.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let commands: Vec<&str> =
        listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.len() >= 20, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        let help = without_database(&[command, "--help"]);
        assert_eq!((help.status, help.stderr.as_str()), (0, ""), "{command}");
        assert!(help.stdout.contains("EXAMPLES") && help.stdout.contains("--json"), "{command}");
    }
}
