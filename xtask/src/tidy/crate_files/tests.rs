//! A crate that has everything, and crates that lack something.

use super::{QUESTION, check};
use crate::tidy::{Tree, places};
use crate::workspace::Package;

const MANIFEST: &str = "[package]\n\n[lints]\nworkspace = true\n";

fn package() -> Package {
    Package {
        folder: "c".into(),
        description: Some("pages".into()),
        readme: Some("README.md".into()),
        publishable: true,
        ..<_>::default()
    }
}

fn files<'a>(manifest: &'a str, readme: &'a str) -> Tree {
    Tree::sample(&[
        ("c/Cargo.toml", manifest),
        ("c/README.md", readme),
        ("c/CHANGELOG.md", ""),
        ("c/LICENSE-MIT", ""),
        ("c/LICENSE-APACHE", ""),
    ])
}

#[test]
fn a_complete_crate_is_fine() {
    assert!(places(check, &files(MANIFEST, QUESTION).with_package(package())).is_empty());
}

#[test]
fn missing_files_are_found() {
    let bare = Tree::sample(&[("c/Cargo.toml", MANIFEST)]).with_package(package());
    assert_eq!(places(check, &bare).len(), 4);
}

#[test]
fn a_readme_without_the_question_is_found() {
    let tree = files(MANIFEST, "# c").with_package(package());
    assert_eq!(places(check, &tree), ["c/README.md:1"]);
}

#[test]
fn a_manifest_without_lints_readme_or_description_is_found() {
    let bare = Package { description: None, readme: None, ..package() };
    let tree = files("[lints.rust]\nworkspace = true", QUESTION).with_package(bare);
    assert_eq!(places(check, &tree).len(), 3);
}

#[test]
fn an_unpublished_crate_needs_only_its_manifest() {
    let tool = Package { publishable: false, readme: None, ..package() };
    let tree = Tree::sample(&[("c/Cargo.toml", MANIFEST)]).with_package(tool);
    assert!(places(check, &tree).is_empty());
}
