//! Rule: every published crate has a README that helps to choose, a changelog, its licences, a
//! description, and the workspace's lints.

use super::{Findings, Tree};
use crate::workspace::Package;

const QUESTION: &str = "Should I be using this crate?";

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for package in &tree.packages {
        check_manifest(tree, package, findings);
        if package.publishable {
            check_published(tree, package, findings);
        }
    }
}

fn check_manifest(tree: &Tree, package: &Package, findings: &mut Findings) {
    let path = format!("{}/Cargo.toml", package.folder);
    if package.description.as_deref().is_none_or(str::is_empty) {
        findings.add(&path, 1, "no `description`");
    }
    let lints = tree.file(&path).is_some_and(|manifest| inherits_lints(&manifest.text));
    if !lints {
        findings.add(&path, 1, "no `[lints]` with `workspace = true`");
    }
}

fn inherits_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.find(|line| !line.is_empty()) == Some("workspace = true")
}

fn check_published(tree: &Tree, package: &Package, findings: &mut Findings) {
    let folder = &package.folder;
    let manifest = format!("{folder}/Cargo.toml");
    if package.readme.as_deref() != Some("README.md") {
        findings.add(&manifest, 1, "no `readme = \"README.md\"`");
    }
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        if tree.file(&format!("{folder}/{name}")).is_none() {
            findings.add(&manifest, 1, format!("the crate has no {name}"));
        }
    }
    for path in [format!("{folder}/README.md"), format!("{folder}/src/lib.rs")] {
        if tree.file(&path).is_some_and(|file| !file.text.contains(QUESTION)) {
            findings.add(&path, 1, format!("does not answer \"{QUESTION}\""));
        }
    }
}

#[cfg(test)]
mod tests;
