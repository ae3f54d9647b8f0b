//! `apply --after LINE`.

use crate::chain_file::{ChainFile, State, generate};
use crate::program::{Bmt, text};
use bmt_core::StateKey;

/// A chain of which lines 2 to `applied` are in the database.
fn interrupted(chain: &ChainFile, applied: usize) -> (Bmt, String) {
    let bmt = Bmt::new();
    let beginning: Vec<_> = chain.text.lines().take(applied).collect();
    bmt.ok("apply", &[bmt.file("beginning.jsonl", beginning.join("\n"))]);
    let file = text(&bmt.file("chain.jsonl", &chain.text)).to_owned();
    (bmt, file)
}

#[test]
fn what_follows_the_line_is_committed_and_nothing_else() {
    let chain = generate(60, 2);
    for applied in [2, 17, 40, 60, 61] {
        let (bmt, file) = interrupted(&chain, applied);
        let printed = bmt.ok("apply", &[&file, "--after", &applied.to_string()]);
        let expected = chain.acknowledgements();
        let expected: Vec<_> = expected.lines().skip(applied - 1).collect();
        assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
        assert_eq!((bmt.root(), bmt.sequence()), (chain.root(59), 60));
    }
}

#[test]
fn the_line_must_be_the_newest_state() {
    let chain = generate(20, 3);
    let (bmt, file) = interrupted(&chain, 10);
    let before = (bmt.root(), bmt.sequence());
    let other = (2..20).find(|line| chain.root(line - 2) != before.0).unwrap();
    let run = bmt.run("apply", &[&file, "--after", &other.to_string()]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.contains(&before.0) && run.stderr.contains(&chain.root(other - 2)));
    assert_eq!((bmt.root(), bmt.sequence()), before);
}

#[test]
fn the_line_must_be_in_the_file() {
    let chain = generate(20, 3);
    let (bmt, file) = interrupted(&chain, 21);
    assert_eq!(bmt.ok("apply", &[&file, "--after", "21"]), "");
    for line in ["22", "0", "-1"] {
        let run = bmt.run("apply", &[file.as_str(), "--after", line]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

#[test]
fn after_the_first_line_everything_is_committed() {
    let chain = generate(5, 4);
    let bmt = Bmt::new();
    let file = bmt.file("chain.jsonl", &chain.text);
    assert_eq!(bmt.ok("apply", &[text(&file), "--after", "1"]), chain.acknowledgements());
}

#[test]
fn a_file_that_begins_with_a_change_goes_on_from_its_newest_line() {
    let entry = |byte: u8| State::from([(StateKey::new([byte; 31]), vec![byte])]);
    let mut chain = ChainFile::new();
    chain.whole_state(State::new());
    chain.change(0, entry(1), &[]);
    chain.change(1, entry(2), &[]);
    chain.change(1, entry(3), &[]);
    // Without the whole state: the first line stands on the empty database.
    let lines: Vec<_> = chain.text.lines().collect();
    let whole = [&lines[..1], &lines[2..]].concat().join("\n");
    let bmt = Bmt::new();
    let file = bmt.file("chain.jsonl", &whole);
    let beginning = bmt.file("beginning.jsonl", [&lines[..1], &lines[2..4]].concat().join("\n"));
    let expected = format!("2 {}\n3 {}\n", chain.root(1), chain.root(2));
    assert_eq!(bmt.ok("apply", &[&beginning]), expected);
    let printed = bmt.ok("apply", &[text(&file), "--after", "3"]);
    assert_eq!(printed, format!("4 {}\n", chain.root(3)));
}
