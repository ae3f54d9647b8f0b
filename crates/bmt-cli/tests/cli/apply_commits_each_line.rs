//! `apply`: changes, forks, whole states and empty lines, each one commit.

use crate::chain_file::{ChainFile, State};
use crate::program::{Bmt, EMPTY_ROOT, key, text};
use bmt_core::StateKey;

fn state(entries: &[(u8, &str)]) -> State {
    let entry =
        |(byte, value): &(u8, &str)| (StateKey::new([*byte; 31]), value.as_bytes().to_vec());
    entries.iter().map(entry).collect()
}

/// A whole state, a change, a fork from the whole state, an empty change, a whole state, a fork
/// from the first branch.
fn branched() -> ChainFile {
    let mut chain = ChainFile::new();
    chain.whole_state(state(&[(1, "one"), (2, "two")]));
    chain.change(0, state(&[(3, "three")]), &[StateKey::new([1; 31])]);
    chain.change(0, state(&[(2, "zwei")]), &[]);
    chain.change(2, State::new(), &[]);
    chain.whole_state(state(&[(2, "two"), (7, "seven")]));
    chain.change(1, state(&[(4, "four")]), &[StateKey::new([9; 31])]);
    chain
}

#[track_caller]
fn holds(bmt: &Bmt, state: &State) {
    let line = |(key, value): (&StateKey, &Vec<u8>)| format!("{key} {}\n", hex::encode(value));
    assert_eq!(bmt.ok::<&str>("scan", &[]), state.iter().map(line).collect::<String>());
}

#[test]
fn line_number_and_root_are_printed_for_each() {
    let bmt = Bmt::new();
    let chain = branched();
    let file = bmt.file("chain.jsonl", &chain.text);
    assert_eq!(bmt.ok("apply", &[&file]), chain.acknowledgements());
    assert_eq!((bmt.root(), bmt.sequence()), (chain.root(5), 6));
    holds(&bmt, &chain.states[5]);
}

#[test]
fn every_line_is_one_step_to_undo() {
    let bmt = Bmt::new();
    let chain = branched();
    bmt.ok("apply", &[bmt.file("chain.jsonl", &chain.text)]);
    for at in (0..5).rev() {
        assert_eq!(bmt.ok("rollback", &["1"]).trim(), chain.root(at));
        holds(&bmt, &chain.states[at]);
    }
}

#[test]
fn standard_input_will_do() {
    let bmt = Bmt::new();
    let chain = branched();
    let run = bmt.run_with_input("apply", &["-"], chain.text.as_bytes());
    assert_eq!((run.status, run.stdout), (0, chain.acknowledgements()));
}

#[test]
fn a_file_without_lines_applies_nothing() {
    let bmt = Bmt::new();
    assert_eq!(bmt.ok("apply", &[bmt.file("chain.jsonl", ChainFile::new().text)]), "");
    assert_eq!((bmt.root(), bmt.sequence()), (EMPTY_ROOT.to_owned(), 0));
}

#[test]
fn the_last_line_may_lack_its_end() {
    let bmt = Bmt::new();
    let chain = branched();
    let file = bmt.file("chain.jsonl", chain.text.trim_end());
    assert_eq!(bmt.ok("apply", &[file]), chain.acknowledgements());
}

#[test]
fn a_whole_state_replaces_what_the_database_holds() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "ff", key(0xee).as_str(), "ee"]);
    let chain = branched();
    let file = bmt.file("chain.jsonl", &chain.text);
    assert_eq!(bmt.ok("apply", &[&file]), chain.acknowledgements());
    holds(&bmt, &chain.states[5]);
    assert_eq!(bmt.ok("apply", &[&file]), chain.acknowledgements());
    assert_eq!(bmt.sequence(), 13);
}

#[test]
fn a_line_may_stand_on_what_the_database_holds() {
    let bmt = Bmt::new();
    let mut chain = branched();
    bmt.ok("apply", &[bmt.file("chain.jsonl", &chain.text)]);
    let line_count = chain.text.lines().count();
    chain.change(5, state(&[(5, "five")]), &[]);
    chain.change(5, state(&[(6, "six")]), &[]);
    let first = chain.text.lines().next().unwrap();
    let added: Vec<_> = chain.text.lines().skip(line_count).collect();
    let file = bmt.file("more.jsonl", format!("{first}\n{}\n", added.join("\n")));
    let expected = format!("2 {}\n3 {}\n", chain.root(6), chain.root(7));
    assert_eq!(bmt.ok("apply", &[text(&file)]), expected);
    holds(&bmt, &chain.states[7]);
}

#[test]
fn long_keys_are_cut_on_request() {
    let bmt = Bmt::new();
    let mut chain = ChainFile::new();
    chain.whole_state(state(&[(0xa1, "one"), (0xa2, "two")]));
    let long = chain.text.replace(&key(0xa1), &(key(0xa1) + "07"));
    let file = bmt.file("long.jsonl", long);
    assert_eq!(bmt.run("apply", &[&file]).status, 2);
    assert!(!bmt.database().exists());
    let cut = bmt.ok("apply", &["--truncate-keys", text(&file)]);
    assert_eq!(cut, chain.acknowledgements());
}
