//! Rule: the licence texts in the crates are the ones of the root.

use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for name in ["LICENSE-MIT", "LICENSE-APACHE"] {
        let Some(original) = tree.file(name) else {
            findings.add(name, 1, "the root has no such licence");
            continue;
        };
        let copies = tree.files.iter().filter(|file| file.name() == name);
        copies.filter(|copy| copy.text != original.text).for_each(|copy| {
            findings.add(&copy.path, 1, "differs from the licence in the root");
        });
    }
}

#[cfg(test)]
mod tests;
