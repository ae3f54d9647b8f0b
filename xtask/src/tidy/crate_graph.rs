//! Rule: the crates depend on each other only along the edges that the design allows.

use super::{Findings, Tree};
use crate::workspace::{Dependency, DependencyKind};

/// A crate and the crates of ours it may depend on.
struct Edges {
    from: &'static str,
    always: &'static [&'static str],
    /// Allowed only as an optional dependency, behind a feature.
    optional: &'static [&'static str],
}

/// Every crate of the workspace. A new edge is a written decision in `docs/adr/`.
const GRAPH: &[Edges] = &[
    Edges { from: "bmt-core", always: &[], optional: &[] },
    Edges { from: "bmt-io", always: &[], optional: &[] },
    Edges { from: "bmt-seglog", always: &["bmt-io"], optional: &[] },
    Edges { from: "bmt-bitbox", always: &["bmt-io"], optional: &[] },
    Edges { from: "bmt-beatree", always: &["bmt-io"], optional: &["bmt-seglog"] },
    Edges { from: "bmt-overlay", always: &["bmt-core"], optional: &[] },
    Edges { from: "bmt-rollback", always: &["bmt-core", "bmt-seglog"], optional: &[] },
    Edges { from: "bmt-merkle", always: &["bmt-core"], optional: &[] },
    Edges { from: "bmt-store", always: BELOW_STORE, optional: &[] },
    Edges { from: "bmt", always: BELOW_FACADE, optional: &[] },
    Edges { from: "bmt-conformance", always: &["bmt-core"], optional: &["bmt-store", "bmt"] },
    Edges { from: "bmt-cli", always: &["bmt", "bmt-conformance"], optional: &[] },
    Edges { from: "xtask", always: ALL, optional: &[] },
];

const BELOW_STORE: &[&str] = &[
    "bmt-core",
    "bmt-io",
    "bmt-seglog",
    "bmt-bitbox",
    "bmt-beatree",
    "bmt-overlay",
    "bmt-rollback",
    "bmt-merkle",
];

/// The facade re-exports from any of them.
const BELOW_FACADE: &[&str] = &[
    "bmt-core",
    "bmt-io",
    "bmt-seglog",
    "bmt-bitbox",
    "bmt-beatree",
    "bmt-overlay",
    "bmt-rollback",
    "bmt-merkle",
    "bmt-store",
];

/// xtask runs the conformance cases and measures every layer; nothing depends on it.
const ALL: &[&str] = &[
    "bmt-core",
    "bmt-io",
    "bmt-seglog",
    "bmt-bitbox",
    "bmt-beatree",
    "bmt-overlay",
    "bmt-rollback",
    "bmt-merkle",
    "bmt-store",
    "bmt",
    "bmt-conformance",
];

/// The crates in an order in which each one comes after all it may depend on.
pub(crate) fn publishing_order() -> impl Iterator<Item = &'static str> {
    GRAPH.iter().map(|edges| edges.from)
}

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for package in &tree.packages {
        let manifest = format!("{}/Cargo.toml", package.folder);
        let Some(edges) = GRAPH.iter().find(|edges| edges.from == package.name) else {
            let text = format!("`{}` is not in the table of allowed edges", package.name);
            findings.add(&manifest, 1, text);
            continue;
        };
        let normal = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Dev);
        let ours = normal.filter(|it| GRAPH.iter().any(|edges| edges.from == it.name));
        ours.filter_map(|it| complaint(edges, it))
            .for_each(|text| findings.add(&manifest, 1, text));
    }
}

fn complaint(edges: &Edges, dependency: &Dependency) -> Option<String> {
    let (from, to) = (edges.from, dependency.name.as_str());
    if edges.always.contains(&to) {
        return None;
    }
    match (edges.optional.contains(&to), dependency.optional) {
        (true, true) => None,
        (true, false) => Some(format!("{from} may depend on {to} only behind a feature")),
        (false, _) => Some(format!("{from} may not depend on {to}")),
    }
}

#[cfg(test)]
mod tests;
