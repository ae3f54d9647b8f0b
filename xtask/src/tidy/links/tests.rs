//! Links that lead somewhere, and links that do not.

use super::check;
use crate::tidy::{Tree, places};

fn found(text: &str) -> Vec<String> {
    places(check, &Tree::sample(&[("docs/a.md", text), ("docs/adr/0001-a.md", ""), ("b.rs", "")]))
}

#[test]
fn links_to_tracked_files_and_folders_are_fine() {
    assert!(found("[a](adr/0001-a.md#decision) [b](../b.rs) [c](adr/) [d](#here)").is_empty());
    assert!(found("[a]: adr/0001-a.md").is_empty());
    assert!(found("[a](https://example.org/x) [m](mailto:a@example.org)").is_empty());
}

#[test]
fn links_to_nothing_are_found() {
    assert_eq!(found("\n[a](c.md)"), ["docs/a.md:2"]);
    assert_eq!(found("[a](../../b.rs)"), ["docs/a.md:1"]);
    assert_eq!(found("[a]: c.md"), ["docs/a.md:1"]);
}

#[test]
fn code_has_no_links() {
    assert!(found("`[a](c.md)`\n```\n[a](c.md)\n```").is_empty());
}
