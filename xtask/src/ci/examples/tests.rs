//! What an example says of itself, and how its output is compared.

use super::{Expected, difference, example, expected, is_like};

#[test]
fn the_block_after_prints_is_what_is_expected() {
    let source =
        "//! About.\n//!\n//! Prints:\n//! ```text\n//! one\n//!  two …\n//! ```\nfn main() {}\n";
    assert_eq!(expected(source), Expected::Lines(vec!["one".to_owned(), " two …".to_owned()]));
    assert_eq!(expected("//! About.\nfn main() {}\n"), Expected::Anything);
    let long = "//! About.\n//! Not run by CI: it takes an hour.\n";
    assert_eq!(expected(long), Expected::NotRun("it takes an hour.".to_owned()));
}

#[test]
fn dots_stand_for_anything() {
    assert!(is_like("a … b … c", "a 1 b 2 c"));
    assert!(is_like("root …", "root abc"));
    assert!(is_like("…", ""));
    assert!(!is_like("a … b", "a 1 b 2"));
    assert!(!is_like("a", "ab"));
    assert!(!is_like("a … b … c", "a 1 c"));
}

#[test]
fn a_line_too_many_or_another_one_is_a_difference() {
    let expected = Expected::Lines(vec!["one …".to_owned()]);
    assert_eq!(difference(&expected, "one 1\n"), None);
    assert!(difference(&expected, "one 1\ntwo\n").is_some());
    assert!(difference(&expected, "two\n").is_some());
    assert_eq!(difference(&Expected::Anything, "two\n"), None);
}

#[test]
fn examples_are_files_of_a_crate() {
    let found = example("crates/bmt/examples/basic.rs");
    assert_eq!(found, Some(("bmt".to_owned(), "basic".to_owned())));
    assert_eq!(example("crates/bmt/examples/notes.md"), None);
    assert_eq!(example("crates/bmt/src/lib.rs"), None);
}
