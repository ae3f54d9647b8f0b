//! `apply --fork rollback` and `--fork overlay` come to the same states as one commit a line does.

use crate::chain_file::{ChainFile, State, generate};
use crate::program::{Bmt, json, key, text};
use bmt_core::StateKey;
use std::path::Path;

const MODES: [&str; 3] = ["difference", "rollback", "overlay"];

fn state(entries: &[(u8, &str)]) -> State {
    let entry =
        |(byte, value): &(u8, &str)| (StateKey::new([*byte; 31]), value.as_bytes().to_vec());
    entries.iter().map(entry).collect()
}

fn apply(bmt: &Bmt, mode: &str, file: &Path) -> String {
    bmt.ok("apply", &["--fork", mode, text(file)])
}

#[track_caller]
fn holds(bmt: &Bmt, state: &State) {
    let line = |(key, value): (&StateKey, &Vec<u8>)| format!("{key} {}\n", hex::encode(value));
    assert_eq!(bmt.ok::<&str>("scan", &[]), state.iter().map(line).collect::<String>());
}

/// A line, a line on it, and two siblings of that one; then a line on the first of the three.
fn siblings() -> ChainFile {
    let mut chain = ChainFile::new();
    chain.whole_state(state(&[(1, "one"), (2, "two")]));
    chain.change(0, state(&[(3, "three")]), &[StateKey::new([1; 31])]);
    chain.change(0, state(&[(2, "zwei")]), &[]);
    chain.change(0, state(&[(2, "deux")]), &[]);
    chain.change(1, state(&[(4, "four")]), &[]);
    chain
}

#[test]
fn every_line_has_its_root_in_every_mode() {
    for seed in 0..3 {
        let chain = generate(40, seed);
        for mode in MODES {
            let bmt = Bmt::new();
            let file = bmt.file("chain.jsonl", &chain.text);
            assert_eq!(apply(&bmt, mode, &file), chain.acknowledgements(), "{mode}");
            assert_eq!(bmt.root(), chain.root(chain.states.len() - 1));
            holds(&bmt, chain.states.last().unwrap());
            assert_eq!(bmt.run::<&str>("check", &[]).status, 0, "{mode}");
        }
    }
}

#[test]
fn an_overlay_that_nothing_stands_on_is_never_committed() {
    let bmt = Bmt::new();
    let chain = siblings();
    apply(&bmt, "overlay", &bmt.file("chain.jsonl", &chain.text));
    // Lines 1, 2 and 5: two of the three siblings are dropped.
    assert_eq!((bmt.root(), bmt.sequence()), (chain.root(4), 3));
    assert_eq!(bmt.ok("rollback", &["1"]).trim(), chain.root(1));
    assert_eq!(bmt.ok("rollback", &["1"]).trim(), chain.root(0));
}

#[test]
fn a_rollback_goes_back_and_commits_again() {
    let bmt = Bmt::new();
    let chain = siblings();
    apply(&bmt, "rollback", &bmt.file("chain.jsonl", &chain.text));
    // Two commits; rollback, commit; rollback, commit; rollback, the second commit again, commit.
    assert_eq!((bmt.root(), bmt.sequence()), (chain.root(4), 9));
    // What is undone is the way to the line, not all that came before it.
    assert_eq!(bmt.ok("rollback", &["2"]).trim(), chain.root(0));
}

#[test]
fn json_says_what_is_committed() {
    let bmt = Bmt::new();
    let chain = siblings();
    let file = bmt.file("chain.jsonl", &chain.text);
    let lines = bmt.ok("apply", &["--json", "--fork", "overlay", text(&file)]);
    let lines: Vec<_> = lines.lines().map(json).collect();
    assert!(lines.iter().all(|line| line["sequence"].is_null()), "{lines:?}");
    let forks: Vec<_> = lines.iter().map(|line| line["fork"].as_bool().unwrap()).collect();
    assert_eq!(forks, [false, false, true, true, true]);
}

#[test]
fn a_wrong_line_leaves_the_acknowledged_one() {
    let mut chain = siblings();
    let newest = chain.root(4);
    chain.change(0, state(&[(9, "nine")]), &[]);
    let wrong = chain.text.replace(&chain.root(5), &"ab".repeat(32));
    for mode in MODES {
        let bmt = Bmt::new();
        let file = bmt.file("chain.jsonl", &wrong);
        let run = bmt.run("apply", &["--fork", mode, text(&file)]);
        assert_eq!((run.status, run.stdout.lines().count()), (1, 5), "{mode}: {}", run.stderr);
        assert!(run.stderr.contains("chain.jsonl:7: "), "{}", run.stderr);
        assert_eq!(bmt.root(), newest, "{mode}");
        holds(&bmt, &chain.states[4]);
    }
}

#[test]
fn what_the_database_holds_may_be_a_parent() {
    for mode in MODES {
        let bmt = Bmt::new();
        bmt.ok("put", &[key(1).as_str(), "11", key(2).as_str(), "22"]);
        let mut chain = ChainFile::new();
        chain
            .states
            .push([(1, 0x11), (2, 0x22)].map(|(k, v)| (StateKey::new([k; 31]), vec![v])).into());
        chain.change(0, state(&[(3, "three")]), &[]);
        chain.change(0, state(&[(3, "drei")]), &[StateKey::new([1; 31])]);
        let printed = apply(&bmt, mode, &bmt.file("chain.jsonl", &chain.text));
        assert_eq!(printed, format!("2 {}\n3 {}\n", chain.root(1), chain.root(2)), "{mode}");
        holds(&bmt, &chain.states[2]);
    }
}

#[test]
fn going_on_after_a_line_is_for_one_commit_a_line() {
    let bmt = Bmt::new();
    let file = bmt.file("chain.jsonl", siblings().text);
    for mode in ["rollback", "overlay"] {
        let run = bmt.run("apply", &["--fork", mode, "--after", "2", text(&file)]);
        assert_eq!(run.status, 2, "{run:?}");
    }
    assert!(!bmt.database().exists());
}
