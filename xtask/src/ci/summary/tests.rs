//! The last page of a run, for a good and a bad one.

use super::super::totals::Totals;
use super::{Ending, Summary};

fn summary(second: Ending) -> Summary {
    let mut summary = Summary::default();
    summary.add("fmt", Ending::Passed { seconds: 1.25 });
    summary.add("test", second);
    summary
}

#[test]
fn the_last_line_is_the_totals_alone() {
    let summary = summary(Ending::NotRun);
    assert!(!summary.has_failures());
    let text = summary.text(&[], Totals { passed: 7, failed: 0 });
    assert_eq!(text.lines().last(), Some("7 passed, 0 failed"));
    assert!(text.contains("ci: ok\n"));
    assert!(text.contains("test                 -  not run\n"));
}

#[test]
fn a_failure_and_what_was_not_checked_are_loud() {
    let summary = summary(Ending::Failed { seconds: 3.0, why: "two tests".to_owned() });
    assert!(summary.has_failures());
    let unchecked = ["target t: not there".to_owned()];
    let text = summary.text(&unchecked, Totals { passed: 0, failed: 2 });
    let end = "FAILED\nNOT CHECKED: target t: not there\n\
               ci: step `test` failed: two tests\n0 passed, 2 failed\n";
    assert!(text.ends_with(end), "{text}");
}
