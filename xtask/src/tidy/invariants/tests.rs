//! Invariants that are stated once and cited, and those that are not.

use super::{check, numbers};
use crate::tidy::{Tree, places};

/// A number of the form that the rule looks for; put together, so that this file cites none.
fn invariant(number: u32) -> String {
    format!("INV-{}-{number:02}", "ZZ")
}

fn found(page: &str, source: &str) -> Vec<String> {
    places(check, &Tree::sample(&[("docs/format/z.md", page), ("crates/c/src/a.rs", source)]))
}

#[test]
fn numbers_are_recognised() {
    let one = invariant(1);
    assert_eq!(numbers(&format!("a ({one}, {one}): INV-Z-01 INV-ZZ-x")), [one.clone(), one]);
}

#[test]
fn a_stated_and_cited_invariant_is_fine() {
    let (one, two) = (invariant(1), invariant(2));
    let page = format!("- **{one}** holds.\n| {two} | follows from {one} |\n");
    assert!(found(&page, &format!("// {one} and {two}")).is_empty());
}

#[test]
fn an_invariant_stated_twice_is_found() {
    let one = invariant(1);
    assert_eq!(found(&format!("* {one}: a\n### {one}\n"), ""), ["docs/format/z.md:2"]);
}

#[test]
fn a_citation_of_nothing_is_found() {
    let (one, two) = (invariant(1), invariant(2));
    let page = format!("- {one} holds, see {two}.\n");
    let expected = ["docs/format/z.md:1", "crates/c/src/a.rs:2"];
    assert_eq!(found(&page, &format!("\n// {two}")), expected);
}
