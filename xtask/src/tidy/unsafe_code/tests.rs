//! Crates that forbid `unsafe`, crates that may hold it, and crates that do neither.

use super::check;
use crate::tidy::{Tree, places};
use crate::workspace::Package;

fn found(name: &str, text: &str) -> Vec<String> {
    let folder = format!("crates/{name}");
    let path = format!("{folder}/src/lib.rs");
    let package = Package { name: name.into(), folder, ..<_>::default() };
    places(check, &Tree::sample(&[(&path, text)]).with_package(package))
}

#[test]
fn a_library_that_does_not_forbid_it_is_found() {
    assert!(found("bmt-store", "//! x\n#![forbid(unsafe_code)]").is_empty());
    assert_eq!(found("bmt-store", "// #![forbid(unsafe_code)]").len(), 1);
}

#[test]
fn its_use_is_found_elsewhere() {
    let text = "#![forbid(unsafe_code)]\nunsafe { f() }";
    assert_eq!(found("bmt-store", text), ["crates/bmt-store/src/lib.rs:2"]);
}

#[test]
fn two_crates_may_hold_it() {
    assert!(found("bmt-io", "unsafe { f() }").is_empty());
    assert!(found("bmt-core", "unsafe { f() }").is_empty());
}
