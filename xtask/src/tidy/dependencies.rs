//! Rule: no library takes a forbidden crate, and versions stand in the workspace's table alone.

use super::tree::File;
use super::{Findings, Tree};
use crate::workspace::DependencyKind;

/// Not in a library crate, whatever the feature.
const FORBIDDEN: &[&str] = &["tokio", "anyhow", "bitvec", "dashmap"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for package in tree.libraries() {
        let manifest = format!("{}/Cargo.toml", package.folder);
        let built = package.dependencies.iter().filter(|it| it.kind != DependencyKind::Dev);
        built.filter(|it| FORBIDDEN.contains(&it.name.as_str())).for_each(|it| {
            findings.add(&manifest, 1, format!("`{}` is not for a library crate", it.name));
        });
    }
    for package in &tree.packages {
        if let Some(manifest) = tree.file(&format!("{}/Cargo.toml", package.folder)) {
            check_inherited(manifest, findings);
        }
    }
}

fn check_inherited(manifest: &File, findings: &mut Findings) {
    let mut in_dependencies = false;
    for (number, line) in manifest.lines() {
        if line.starts_with('[') {
            let section = line.trim_matches(['[', ']', ' ']);
            in_dependencies = section.ends_with("dependencies");
        } else if in_dependencies && names_a_version(line) {
            findings.add(&manifest.path, number, "the version belongs in [workspace.dependencies]");
        }
    }
}

fn names_a_version(line: &str) -> bool {
    let line = line.split('#').next().unwrap_or_default();
    let Some((_, value)) = line.split_once('=') else { return false };
    let value = value.trim_start();
    value.starts_with('"') || value.contains("version")
}

#[cfg(test)]
mod tests;
