//! Rule: nothing public is hidden from the documentation; what a sibling crate needs is API.

use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let hidden = file.code_lines().filter(|(_, line)| line.contains("doc(hidden)"));
        hidden.for_each(|(number, _)| {
            findings.add(&file.path, number, "make it API and document it, or make it private");
        });
    }
}

#[cfg(test)]
mod tests;
