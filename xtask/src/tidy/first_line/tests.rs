//! First lines that say something, and first lines that do not.

use super::check;
use crate::tidy::{Tree, places};

#[test]
fn a_file_that_says_what_it_is_about_is_fine() {
    assert!(places(check, &Tree::sample(&[("src/page.rs", "//! Pages.\n")])).is_empty());
}

#[test]
fn a_file_that_begins_otherwise_is_found() {
    for text in ["", "\n//! Late.\n", "//!\n//! Late.\n", "use a;\n", "// Plain.\n"] {
        assert_eq!(places(check, &Tree::sample(&[("src/page.rs", text)])), ["src/page.rs:1"]);
    }
}
