//! The line that ends a run of the corpus.

use super::{closing_line, totals};
use crate::ci::Totals;

#[test]
fn the_closing_line_is_read_back_as_it_is_written() {
    let both = Totals { passed: 12, failed: 3 };
    assert_eq!(totals(&closing_line(both)), Some(both));
}

#[test]
fn other_lines_are_not_the_closing_line() {
    assert_eq!(totals("12 passed, 3 failed"), None);
    assert_eq!(totals("conformance: all passed, 0 failed"), None);
}
