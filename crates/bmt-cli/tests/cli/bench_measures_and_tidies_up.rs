//! `bench`.

use crate::program::{Bmt, json, key};
use std::fs;

#[test]
fn it_prints_rates_and_latencies_and_leaves_nothing() {
    let bmt = Bmt::new();
    let arguments = ["--keys", "500", "--batch", "20", "--seconds", "0.05"];
    let printed = bmt.ok("bench", &arguments);
    let starts: Vec<_> = printed.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(starts, ["load", "commit", "read"], "{printed}");
    assert!(printed.contains("p50") && printed.contains("p99"), "{printed}");
    assert!(!bmt.database().exists());
    let report =
        json(&bmt.ok("bench", &[arguments.as_slice(), &["--json", "--eventual"]].concat()));
    for name in
        ["load_keys_per_second", "commits_per_second", "changes_per_second", "reads_per_second"]
    {
        assert!(report[name].as_f64().unwrap() > 0.0, "{name} in {report}");
    }
    assert!(report["commit_ms_p99"].as_f64() >= report["commit_ms_p50"].as_f64(), "{report}");
    assert!(!bmt.database().exists());
}

#[test]
fn the_database_stays_on_request() {
    let bmt = Bmt::new();
    bmt.ok("bench", &["--keys", "300", "--batch", "10", "--seconds", "0", "--keep"]);
    assert_eq!(bmt.ok("scan", &["--keys-only"]).lines().count(), 300);
    assert_eq!(bmt.sequence(), 1);
}

#[test]
fn it_takes_nothing_that_is_there() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let run = bmt.run("bench", &["--seconds", "0.01"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    assert_eq!(bmt.ok("get", &[key(1)]), "01\n");
    let other = Bmt::new();
    fs::create_dir(other.database()).unwrap();
    fs::write(other.database().join("letter.txt"), "dear reader").unwrap();
    assert_eq!(other.run::<&str>("bench", &[]).status, 2);
    assert!(other.database().join("letter.txt").exists());
    for bad in [["--seconds", "-1"], ["--keys", "0"], ["--batch", "0"], ["--memory", "0"]] {
        assert_eq!(Bmt::new().run("bench", &bad).status, 2, "{bad:?}");
    }
}
