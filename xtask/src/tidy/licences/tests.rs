//! Copies that are equal, and copies that are not.

use super::check;
use crate::tidy::{Tree, places};

#[test]
fn equal_copies_are_fine() {
    let files = [("LICENSE-MIT", "m"), ("LICENSE-APACHE", "a"), ("c/LICENSE-MIT", "m")];
    assert!(places(check, &Tree::sample(&files)).is_empty());
}

#[test]
fn a_changed_copy_and_a_missing_original_are_found() {
    let files = [("LICENSE-MIT", "m"), ("c/LICENSE-MIT", "n")];
    assert_eq!(places(check, &Tree::sample(&files)), ["c/LICENSE-MIT:1", "LICENSE-APACHE:1"]);
}
