//! A hidden item, and text that only speaks of one.

use super::check;
use crate::tidy::{Tree, places};

#[test]
fn a_hidden_item_is_found() {
    let text = "// #[doc(hidden)]\n#[doc(hidden)]\npub fn f() {}";
    assert_eq!(places(check, &Tree::sample(&[("src/a.rs", text)])), ["src/a.rs:2"]);
}
