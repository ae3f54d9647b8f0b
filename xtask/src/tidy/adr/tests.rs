//! Decision records that are complete, and records that are not.

use super::check;
use crate::tidy::{Tree, places};

const COMPLETE: &str = "# 1. A\n## Context\n## Decision\n## Consequences\n";

#[test]
fn a_complete_record_is_fine() {
    assert!(places(check, &Tree::sample(&[("docs/adr/0001-a.md", COMPLETE)])).is_empty());
}

#[test]
fn a_missing_section_is_found() {
    let record = ("docs/adr/0001-a.md", "## Context\n## Decision\nConsequences: none\n");
    assert_eq!(places(check, &Tree::sample(&[record])), ["docs/adr/0001-a.md:1"]);
}

#[test]
fn a_wrong_name_and_a_taken_number_are_found() {
    let records = [
        ("docs/adr/0001-a.md", COMPLETE),
        ("docs/adr/0001-b.md", COMPLETE),
        ("docs/adr/2-c.md", COMPLETE),
    ];
    let expected = ["docs/adr/0001-b.md:1", "docs/adr/2-c.md:1"];
    assert_eq!(places(check, &Tree::sample(&records)), expected);
}
