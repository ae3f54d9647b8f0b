//! A forbidden dependency, and a version outside the workspace's table.

use super::check;
use crate::tidy::{Tree, places};
use crate::workspace::{Dependency, DependencyKind, Package};

fn tree(dependency: &str, kind: DependencyKind, manifest: &str) -> Tree {
    let dependencies = vec![Dependency { name: dependency.into(), kind, optional: true }];
    Tree::sample(&[("c/Cargo.toml", manifest)]).with_package(Package {
        folder: "c".into(),
        has_library: true,
        publishable: true,
        dependencies,
        ..<_>::default()
    })
}

#[test]
fn a_forbidden_dependency_is_found_but_for_tests() {
    assert_eq!(places(check, &tree("tokio", DependencyKind::Normal, "")), ["c/Cargo.toml:1"]);
    assert!(places(check, &tree("tokio", DependencyKind::Dev, "")).is_empty());
    assert!(places(check, &tree("rayon", DependencyKind::Normal, "")).is_empty());
}

#[test]
fn a_version_in_a_crate_is_found() {
    let bad = "[package]\nversion = \"1\"\n[dependencies]\nrayon = \"1\"\n\
               [target.'cfg(unix)'.dependencies]\nlibc = { version = \"0.2\" }\n";
    let bad = tree("rayon", DependencyKind::Normal, bad);
    assert_eq!(places(check, &bad), ["c/Cargo.toml:4", "c/Cargo.toml:6"]);
}

#[test]
fn an_inherited_version_is_fine() {
    let good = "[dependencies]\nrayon.workspace = true\nlibc = { workspace = true }\n";
    assert!(places(check, &tree("rayon", DependencyKind::Normal, good)).is_empty());
}
