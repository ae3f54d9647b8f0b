//! Absolute paths, and text that only looks like one.

use super::{FOLDERS, check};
use crate::tidy::{Tree, places};

fn found(text: &str) -> usize {
    places(check, &Tree::sample(&[("docs/a.md", text)])).len()
}

#[test]
fn absolute_paths_are_found() {
    for folder in FOLDERS {
        assert_eq!(found(&format!("see `/{folder}/bmt` there")), 1);
        assert_eq!(found(&format!("path = \"/{folder}\"")), 1);
    }
    assert_eq!(found(&format!("/{}/db", "tmp")), 1);
}

#[test]
fn relative_paths_and_words_are_fine() {
    for folder in FOLDERS {
        assert_eq!(
            found(&format!("target/{folder}/db, ../{folder}/x and ${{base}}/{folder}/x")),
            0
        );
    }
    assert_eq!(found("left/right/root, key/value, /workspace, a /tmp"), 0);
}
