//! Calls that may panic, in places where that matters and where it does not.

use super::check;
use crate::tidy::{Tree, places};

fn found(path: &str, text: &str) -> Vec<String> {
    places(check, &Tree::sample(&[(path, text)]))
}

#[test]
fn each_call_is_found() {
    for call in ["a.unwrap();", "a.expect(\"why\");", "todo!()", "unimplemented!()"] {
        let text = format!("fn f() {{\n {call}\n}}");
        assert_eq!(found("crates/bmt/src/a.rs", &text), ["crates/bmt/src/a.rs:2"]);
    }
}

#[test]
fn comments_literals_and_near_names_are_fine() {
    let text = "/// a.unwrap()\nfn f() { g(\"todo!\"); a.unwrap_or(1); }";
    assert!(found("crates/bmt/src/a.rs", text).is_empty());
}

#[test]
fn tests_and_other_programs_are_fine() {
    assert!(found("crates/bmt/src/a/tests.rs", "a.unwrap()").is_empty());
    assert!(found("crates/bmt/tests/a.rs", "a.unwrap()").is_empty());
    assert!(found("crates/bmt/examples/a.rs", "a.unwrap()").is_empty());
    let module = "#[cfg(test)]\nmod tests { fn f() { a.unwrap() } }";
    assert!(found("crates/bmt/src/a.rs", module).is_empty());
}

#[test]
fn an_explained_exception_is_left_to_clippy() {
    let text = "#[expect(clippy::expect_used, reason = \"r\")]\nfn f() { a.expect(\"why\") }";
    assert!(found("crates/bmt/src/a.rs", text).is_empty());
    assert_eq!(found("crates/bmt/src/a.rs", &format!("{text}\na.unwrap()")).len(), 1);
}
