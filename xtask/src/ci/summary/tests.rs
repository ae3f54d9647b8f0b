//! The last page of a run, for a good and a bad one.

use super::super::totals::Totals;
use super::{Ending, Summary};
use crate::failure::Failure;

fn summary(second: Ending) -> Summary {
    let mut summary = Summary::default();
    summary.add("fmt", Ending::Passed { seconds: 1.25 });
    summary.add("test", second);
    summary
}

#[test]
fn the_last_line_is_the_totals_alone() {
    let totals = Totals { passed: 7, failed: 0 };
    let text = summary(Ending::NotRun).text(&[], &Ok(()), totals);
    assert_eq!(text.lines().last(), Some("7 passed, 0 failed"));
    assert!(text.contains("ci: ok\n"));
    assert!(text.contains("test                 -  not run\n"));
}

#[test]
fn a_failure_and_what_was_not_checked_are_loud() {
    let failure = Err(Failure::Failed("step `test` failed: two tests".to_owned()));
    let unchecked = ["target t: not there".to_owned()];
    let ending = Ending::Failed { seconds: 3.0 };
    let text = summary(ending).text(&unchecked, &failure, Totals { passed: 0, failed: 2 });
    assert!(text.contains("FAILED\nNOT CHECKED: target t: not there\nci: step `test` failed"));
    assert!(text.ends_with("\n0 passed, 2 failed\n"));
}
