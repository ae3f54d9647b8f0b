//! Rule: library code does not call `unwrap` or `expect` and leaves nothing undone.
//!
//! Clippy denies the same, and knows types; this rule also sees code that is not compiled here. A
//! file with an `#[expect(clippy::…)]` for the lint in question is left to clippy.

use super::tree::File;
use super::{Findings, Tree, rust_text};

/// What must not stand in library code, and the lint that allows an exception.
const FORBIDDEN: &[(&str, &str)] = &[
    (".unwrap()", "clippy::unwrap_used"),
    (".expect(", "clippy::expect_used"),
    ("todo!", "clippy::todo"),
    ("unimplemented!", "clippy::unimplemented"),
];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let sources = tree.rust_files().filter(|file| file.path.starts_with("crates/"));
    for file in sources.filter(|file| !file.is_test_or_bench() && !is_example(file)) {
        let code = rust_text::without_test_modules(file.code());
        for (index, line) in code.lines().enumerate() {
            let found = FORBIDDEN.iter().find(|(call, lint)| {
                line.contains(call) && !code.contains(&format!("expect({lint}"))
            });
            if let Some((call, _)) = found {
                findings.add(&file.path, index + 1, format!("`{call}` in library code"));
            }
        }
    }
}

fn is_example(file: &File) -> bool {
    file.path.split('/').any(|part| part == "examples")
}

#[cfg(test)]
mod tests;
