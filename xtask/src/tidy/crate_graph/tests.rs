//! Edges that are allowed, and edges that are not.

use super::{GRAPH, check};
use crate::tidy::{Tree, places};
use crate::workspace::{Dependency, DependencyKind, Package};

fn found(from: &str, to: &str, kind: DependencyKind, optional: bool) -> usize {
    let dependencies = vec![Dependency { name: to.into(), kind, optional }];
    let package = Package { name: from.into(), folder: "c".into(), dependencies, ..<_>::default() };
    places(check, &Tree::default().with_package(package)).len()
}

#[test]
fn an_edge_of_the_table_is_allowed() {
    assert_eq!(found("bmt-seglog", "bmt-io", DependencyKind::Normal, false), 0);
    assert_eq!(found("bmt-store", "bmt-merkle", DependencyKind::Normal, false), 0);
}

#[test]
fn any_other_edge_is_found() {
    assert_eq!(found("bmt-core", "bmt-io", DependencyKind::Normal, false), 1);
    assert_eq!(found("bmt-merkle", "bmt-bitbox", DependencyKind::Build, true), 1);
}

#[test]
fn an_edge_behind_a_feature_must_be_optional() {
    assert_eq!(found("bmt-beatree", "bmt-seglog", DependencyKind::Normal, true), 0);
    assert_eq!(found("bmt-beatree", "bmt-seglog", DependencyKind::Normal, false), 1);
}

#[test]
fn foreign_crates_and_test_dependencies_are_not_edges() {
    assert_eq!(found("bmt-core", "blake2", DependencyKind::Normal, false), 0);
    assert_eq!(found("bmt-core", "bmt-io", DependencyKind::Dev, false), 0);
}

#[test]
fn a_crate_that_the_table_does_not_know_is_found() {
    assert_eq!(found("bmt-extra", "blake2", DependencyKind::Normal, false), 1);
}

#[test]
fn the_table_has_no_cycle() {
    for (at, edges) in GRAPH.iter().enumerate() {
        for to in edges.always.iter().chain(edges.optional) {
            let earlier = GRAPH[..at].iter().any(|known| known.from == *to);
            assert!(earlier, "{to} must stand before {}", edges.from);
        }
    }
}
