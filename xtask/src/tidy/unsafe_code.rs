//! Rule: `unsafe` stays in bmt-io and in the lane kernel of bmt-core.
//!
//! The packages below `benches/` are left out: they are programs of their own, outside the workspace,
//! which talk to the system and to other engines.

use super::{Findings, Tree};

/// The crates that may have modules with `#[expect(unsafe_code, …)]`; all others forbid it.
const MAY_HOLD_UNSAFE: &[&str] = &["bmt-core", "bmt-io"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let others = tree.packages.iter().filter(|it| !MAY_HOLD_UNSAFE.contains(&it.name.as_str()));
    for package in others {
        for name in ["src/lib.rs", "src/main.rs"] {
            let path = format!("{}/{name}", package.folder);
            let forbids = |code: &str| code.contains("#![forbid(unsafe_code)]");
            if tree.file(&path).is_some_and(|file| !forbids(file.code())) {
                findings.add(&path, 1, "no `#![forbid(unsafe_code)]`");
            }
        }
    }
    for file in tree.rust_files().filter(|file| !file.path.starts_with("benches/")) {
        let allowed =
            MAY_HOLD_UNSAFE.iter().any(|it| file.path.starts_with(&format!("crates/{it}/")));
        let used = file.code_lines().find(|(_, line)| has_word(line, "unsafe"));
        if let Some((number, _)) = used.filter(|_| !allowed) {
            findings.add(&file.path, number, "`unsafe` outside of bmt-io and bmt-core");
        }
    }
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

#[cfg(test)]
mod tests;
