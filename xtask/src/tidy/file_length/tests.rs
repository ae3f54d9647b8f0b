//! Files at the limit, and files one line over it.

use super::check;
use crate::tidy::{Tree, places};

fn found(path: &str, lines: usize) -> Vec<String> {
    places(check, &Tree::sample(&[(path, &"\n".repeat(lines))]))
}

#[test]
fn a_source_file_ends_at_500_lines() {
    assert!(found("src/page.rs", 500).is_empty());
    assert_eq!(found("src/page.rs", 501), ["src/page.rs:501"]);
}

#[test]
fn a_file_of_tests_ends_at_1000_lines() {
    assert!(found("src/page/tests.rs", 1000).is_empty());
    assert!(found("tests/reopening.rs", 1000).is_empty());
    assert_eq!(found("tests/reopening.rs", 1001), ["tests/reopening.rs:1001"]);
}

#[test]
fn the_example_of_a_scheme_stays_short() {
    let path = "crates/bmt-core/examples/custom_scheme.rs";
    assert!(found(path, 59).is_empty());
    assert_eq!(found(path, 60), [format!("{path}:60")]);
}

#[test]
fn other_files_have_no_limit() {
    assert!(found("vectors.json", 5000).is_empty());
}
