//! The line that ends a run of the corpus.

use super::{CLOSING, closing_line};
use crate::ci::Totals;

#[test]
fn the_closing_line_is_read_back_as_it_is_written() {
    let totals = Totals { passed: 12, failed: 3 };
    assert_eq!(closing_line(&format!("{CLOSING}{totals}")), Some(totals));
}

#[test]
fn other_lines_are_not_the_closing_line() {
    assert_eq!(closing_line("12 passed, 3 failed"), None);
    assert_eq!(closing_line("conformance: all passed, 0 failed"), None);
}
