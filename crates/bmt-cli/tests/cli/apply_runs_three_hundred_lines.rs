//! A long chain file: forks to old branches, whole states, empty lines, values of 150 KB.

use crate::chain_file::generate;
use crate::program::{Bmt, json};

#[test]
fn every_root_is_the_reference_root_and_every_line_one_commit() {
    let chain = generate(300, 5);
    assert!(chain.states.iter().any(|state| state.values().any(|value| value.len() == 150_000)));
    let bmt = Bmt::new();
    let file = bmt.file("chain.jsonl", &chain.text);
    let printed = bmt.ok("apply", &[file]);
    for (line, expected) in printed.lines().zip(chain.acknowledgements().lines()) {
        assert_eq!(line, expected);
    }
    assert_eq!(printed.lines().count(), 300);
    let newest = chain.states.last().unwrap();
    let info = json(&bmt.ok("info", &["--json"]));
    assert_eq!((&info["sequence"], &info["keys"]), (&300.into(), &newest.len().into()));
    let scanned = bmt.ok::<&str>("scan", &[]);
    let entries = newest.iter().map(|(key, value)| format!("{key} {}", hex::encode(value)));
    assert!(scanned.lines().eq(entries));
}
