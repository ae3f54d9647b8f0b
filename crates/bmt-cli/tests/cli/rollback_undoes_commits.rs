//! `rollback`.

use crate::program::{Bmt, EMPTY_ROOT, key};

/// A database of three commits, and the root after each.
fn three_commits() -> (Bmt, Vec<String>) {
    let bmt = Bmt::new();
    let put = |byte| bmt.ok("put", &[key(byte).as_str(), "ab"]).trim().to_owned();
    let roots = (1..=3).map(put).collect();
    (bmt, roots)
}

#[test]
fn it_prints_the_root_it_returns_to() {
    let (bmt, roots) = three_commits();
    assert_eq!(bmt.ok("rollback", &["2"]), format!("{}\n", roots[0]));
    assert_eq!((&bmt.root(), bmt.sequence()), (&roots[0], 4));
    assert_eq!(bmt.run("get", &[key(2)]).status, 1);
    assert_eq!(bmt.ok("get", &[key(1)]), "ab\n");
}

#[test]
fn the_next_one_goes_further_back() {
    let (bmt, roots) = three_commits();
    assert_eq!(bmt.ok("rollback", &["1"]).trim(), roots[1]);
    assert_eq!(bmt.ok("rollback", &["1"]).trim(), roots[0]);
    assert_eq!(bmt.ok("rollback", &["1"]).trim(), EMPTY_ROOT);
    assert_eq!(bmt.run("rollback", &["1"]).status, 1);
}

#[test]
fn more_than_can_be_undone_exits_with_1_and_changes_nothing() {
    let (bmt, roots) = three_commits();
    let run = bmt.run("rollback", &["4"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains('4') && run.stderr.contains('3'), "{run:?}");
    assert_eq!((&bmt.root(), bmt.sequence()), (&roots[2], 3));
}
