//! Rule: the first line of a source file is `//!` and says what the file is about.

use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let first = file.text.lines().next().unwrap_or_default();
        let about = first.strip_prefix("//!").map(str::trim);
        if about.is_none_or(str::is_empty) {
            findings.add(&file.path, 1, "the first line must be `//!` and say what it is about");
        }
    }
}

#[cfg(test)]
mod tests;
