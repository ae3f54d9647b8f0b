//! A line that is wrong is not committed; the lines before it stay.

use crate::chain_file::{ChainFile, State};
use crate::program::{Bmt, Run, key, text};
use bmt_core::StateKey;

fn state(entries: &[(u8, &str)]) -> State {
    let entry =
        |(byte, value): &(u8, &str)| (StateKey::new([*byte; 31]), value.as_bytes().to_vec());
    entries.iter().map(entry).collect()
}

/// Two lines that are right.
fn two_lines() -> ChainFile {
    let mut chain = ChainFile::new();
    chain.whole_state(state(&[(1, "one"), (2, "two")]));
    chain.change(0, state(&[(3, "three")]), &[]);
    chain
}

/// Applies two right lines and then `line`, which must stop it with `status`; gives the message.
#[track_caller]
fn stopped(status: i32, line: &str, options: &[&str]) -> String {
    let (bmt, chain) = (Bmt::new(), two_lines());
    let right = "{\"at\":\"never reached\",\"root\":\"00\"}";
    let file = bmt.file("chain.jsonl", format!("{}{line}\n{right}\n", chain.text));
    let run = bmt.run("apply", &[&[text(&file)], options].concat());
    assert_eq!((run.status, run.stdout), (status, chain.acknowledgements()), "{}", run.stderr);
    assert!(run.stderr.contains("chain.jsonl:4: "), "{}", run.stderr);
    assert_eq!((bmt.root(), bmt.sequence()), (chain.root(1), 2));
    assert_eq!(bmt.ok::<&str>("scan", &[]).lines().count(), 3);
    run.stderr
}

/// A line on the second one, with this `set` and `del`, and a root that does not matter.
fn line_with(set: &str, del: &str) -> String {
    let (parent, root) = (two_lines().root(1), "11".repeat(32));
    format!(
        "{{\"at\":\"x\",\"parent\":\"{parent}\",\"root\":\"{root}\",\"set\":{{{set}}},\"del\":[{del}]}}"
    )
}

#[test]
fn a_wrong_root_exits_with_1_and_is_told_with_the_right_one() {
    let mut chain = two_lines();
    chain.change(1, state(&[(4, "four")]), &[]);
    let right = chain.root(2);
    let wrong = "ab".repeat(32);
    let line = chain.text.lines().last().unwrap().replace(&right, &wrong);
    let message = stopped(1, &line, &[]);
    assert!(message.contains(&format!("root is {right}, expected {wrong}")), "{message}");
}

#[test]
fn a_wrong_root_of_a_fork_or_a_whole_state_changes_nothing_either() {
    let wrong = "ab".repeat(32);
    let mut chain = two_lines();
    chain.change(0, state(&[(4, "four")]), &[]);
    let fork = chain.text.lines().last().unwrap().replace(&chain.root(2), &wrong);
    stopped(1, &fork, &[]);
    stopped(1, &format!("{{\"at\":\"x\",\"root\":\"{wrong}\",\"set\":{{}}}}"), &[]);
}

#[test]
fn an_unknown_parent_exits_with_1() {
    let parent = "cd".repeat(32);
    let line = format!("{{\"at\":\"x\",\"parent\":\"{parent}\",\"root\":\"{parent}\"}}");
    let message = stopped(1, &line, &[]);
    assert!(message.contains(&format!("parent {parent}")), "{message}");
}

#[test]
fn keys_given_twice_exit_with_2() {
    let pair = format!("\"{}\":\"01\"", key(5));
    let name = format!("\"{}\"", key(5));
    assert!(stopped(2, &line_with(&format!("{pair},{pair}"), ""), &[]).contains("given twice"));
    assert!(stopped(2, &line_with("", &format!("{name},{name}")), &[]).contains("given twice"));
    assert!(stopped(2, &line_with(&pair, &name), &[]).contains("both set and deleted"));
    let (first, second) = (key(5) + "01", key(5) + "02");
    let cut = format!("\"{first}\":\"01\",\"{second}\":\"01\"");
    assert!(stopped(2, &line_with(&cut, ""), &["--truncate-keys"]).contains("equal when cut"));
}

#[test]
fn what_is_not_hexadecimal_exits_with_2() {
    stopped(2, &line_with(&format!("\"{}\":\"abc\"", key(5)), ""), &[]);
    stopped(2, &line_with(&format!("\"{}\":\"zz\"", key(5)), ""), &[]);
    stopped(2, &line_with(&format!("\"{}\":\"0xab\"", key(5)), ""), &[]);
    stopped(2, &line_with(&format!("\"{}\":\"ab\"", &key(5)[1..]), ""), &[]);
    stopped(2, &line_with("", &format!("\"{}\"", &key(5)[1..])), &[]);
}

#[test]
fn wrong_lengths_exit_with_2() {
    stopped(2, &line_with(&format!("\"{}\":\"ab\"", &key(5)[2..]), ""), &[]);
    stopped(2, &line_with(&format!("\"{}\":\"ab\"", key(5) + "01"), ""), &[]);
    stopped(2, &line_with("", &format!("\"{}\"", key(5) + "0102")), &["--truncate-keys"]);
    stopped(2, &line_with("", "").replace(&"11".repeat(32), &"11".repeat(31)), &[]);
}

#[test]
fn what_is_no_line_exits_with_2() {
    for line in ["", "{", "[]", "{}", "null", "{\"at\":\"x\"}", "{\"at\":\"x\",\"root\":1}"] {
        stopped(2, line, &[]);
    }
    stopped(2, &line_with("", "").replace("\"at\"", "\"unknown\":1,\"at\""), &[]);
    stopped(2, &line_with("", "").replace("\"at\"", "\"at\":\"y\",\"at\""), &[]);
    stopped(2, &format!("{}{}", line_with("", ""), line_with("", "")), &[]);
}

#[test]
fn a_file_that_is_wrong_from_the_start_makes_no_database() {
    let header = ChainFile::new().text;
    let files = [
        ("", 1),
        ("nonsense\n", 1),
        ("{\"source\":\"test\"}\n", 1),
        (&format!("{header}nonsense\n"), 2),
    ];
    for (contents, line_number) in files {
        let bmt = Bmt::new();
        let Run { status, stdout, stderr } = bmt.run("apply", &[bmt.file("chain.jsonl", contents)]);
        assert_eq!((status, stdout.as_str()), (2, ""), "{contents:?}: {stderr}");
        assert!(stderr.contains(&format!("chain.jsonl:{line_number}: ")), "{stderr}");
        assert!(!bmt.database().exists());
    }
}

#[test]
fn a_file_that_cannot_be_read_exits_with_5() {
    let bmt = Bmt::new();
    let missing = bmt.database().join("missing.jsonl");
    let run = bmt.run("apply", &[&missing]);
    assert_eq!((run.status, run.stdout.as_str()), (5, ""));
    assert!(run.stderr.contains("missing.jsonl"), "{run:?}");
    assert!(!bmt.database().exists());
}
