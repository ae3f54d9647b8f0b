//! Modules that name their format's page, and modules that do not.

use super::check;
use crate::tidy::{Tree, places};

fn found(text: &str) -> Vec<String> {
    places(check, &Tree::sample(&[("crates/c/src/a.rs", text), ("docs/format/slots.md", "")]))
}

#[test]
fn a_named_page_is_fine() {
    assert!(found("//! Slots.\n//! # Format\n//! See `docs/format/slots.md`.").is_empty());
    assert!(found("//! No bytes here.").is_empty());
}

#[test]
fn one_page_named_anywhere_is_enough_for_a_crate() {
    let other = ("crates/c/src/lib.rs", "//! All of it is in docs/format/.");
    let file = ("crates/c/src/a.rs", "//! # Format\n");
    let page = ("docs/format/slots.md", "");
    assert!(places(check, &Tree::sample(&[file, other, page])).is_empty());
    assert_eq!(places(check, &Tree::sample(&[file, page])), ["crates/c/src/a.rs:1"]);
}

#[test]
fn a_page_that_is_not_there_is_found() {
    assert_eq!(found("//! # Format\n//! See docs/format/pages.md."), ["crates/c/src/a.rs:2"]);
}
