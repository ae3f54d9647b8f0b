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
fn no_page_and_a_page_that_is_not_there_are_found() {
    assert_eq!(found("//! Slots.\n//! # Format\n"), ["crates/c/src/a.rs:2"]);
    assert_eq!(found("//! # Format\n//! See docs/format/pages.md."), ["crates/c/src/a.rs:1"]);
}
