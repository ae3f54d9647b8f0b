//! Names on one side only are found.

use super::check;
use crate::tidy::places;
use crate::tidy::tree::Tree;

const CODE: &str = "let a = [counter(\"bmt_a_total\"), gauge(\"bmt_b\")]; // and \"bmt\"\n";
const ROWS: &str = "| `bmt_a_total` | counter |\n| `bmt_b` | gauge |\n| `bmt_b` grows | why |\n";

fn found(code: &str, document: &str) -> Vec<String> {
    let files = [("crates/bmt-store/src/a.rs", code), ("docs/metrics.md", document)];
    places(check, &Tree::sample(&files))
}

#[test]
fn the_same_names_are_in_order() {
    assert_eq!(found(CODE, ROWS), [""; 0]);
}

#[test]
fn a_name_that_is_not_listed_is_found() {
    let more = format!("{CODE}let c = \"bmt_c\";\n");
    assert_eq!(found(&more, ROWS), ["crates/bmt-store/src/a.rs:2"]);
}

#[test]
fn a_listed_name_without_code_is_found() {
    assert_eq!(found(CODE, &format!("{ROWS}| `bmt_c` | gauge |\n")), ["docs/metrics.md:4"]);
}

#[test]
fn a_name_listed_twice_is_found() {
    assert_eq!(found(CODE, &format!("{ROWS}| `bmt_b` | gauge |\n")), ["docs/metrics.md:4"]);
}

#[test]
fn comments_and_tests_name_nothing() {
    let comment = format!("/// \"bmt_c\" in an example\n{CODE}");
    assert_eq!(found(&comment, ROWS), [""; 0]);
    let tests = [("crates/bmt-store/src/a/tests.rs", "\"bmt_c\""), ("docs/metrics.md", "")];
    assert_eq!(places(check, &Tree::sample(&tests)), [""; 0]);
}
