//! Names that say something, and names that do not.

use super::check;
use crate::tidy::{Tree, places};

fn found(path: &str, text: &str) -> Vec<String> {
    places(check, &Tree::sample(&[(path, text)]))
}

#[test]
fn empty_file_names_are_found() {
    assert_eq!(found("src/utils.rs", ""), ["src/utils.rs:1"]);
    assert_eq!(found("tests/common/mod.rs", ""), ["tests/common/mod.rs:1"]);
    assert!(found("src/leaf/split.rs", "").is_empty());
}

#[test]
fn empty_type_names_are_found() {
    assert_eq!(found("src/a.rs", "\npub(crate) struct Shared<T> {"), ["src/a.rs:2"]);
    assert_eq!(found("src/a.rs", "enum PageManager {}"), ["src/a.rs:1"]);
    assert_eq!(found("src/a.rs", "type DbInner = u8;"), ["src/a.rs:1"]);
}

#[test]
fn other_words_are_fine() {
    assert!(found("src/a.rs", "struct Winner; // struct Shared").is_empty());
    assert!(found("src/a.rs", "let a = Shared::new();").is_empty());
}
