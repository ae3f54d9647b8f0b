//! Rule: the metrics and events that the code names are those that docs/metrics.md lists.
//!
//! In code a name is a string literal `"bmt_…"` of a library; in the document it is the first cell of a row.

use super::tree::File;
use super::{Findings, Tree};

const DOCUMENT: &str = "docs/metrics.md";

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let listed = tree.file(DOCUMENT).map(listed).unwrap_or_default();
    let mut named: Vec<&str> = Vec::new();
    for file in tree.rust_files().filter(|file| is_library(file)) {
        for (number, line) in file.lines() {
            for name in literals(line) {
                if !listed.iter().any(|(_, known)| *known == name) {
                    findings.add(&file.path, number, format!("`{name}` is not in {DOCUMENT}"));
                }
                named.push(name);
            }
        }
    }
    for (index, (number, name)) in listed.iter().enumerate() {
        if !named.contains(name) {
            findings.add(DOCUMENT, *number, format!("no library names `{name}`"));
        }
        if listed[..index].iter().any(|(_, earlier)| earlier == name) {
            findings.add(DOCUMENT, *number, format!("`{name}` is listed twice"));
        }
    }
}

/// Code that other people link: of the crates, and no test.
fn is_library(file: &File) -> bool {
    let in_source = file.path.starts_with("crates/") && file.path.contains("/src/");
    in_source && !file.path.starts_with("crates/bmt-cli/") && !file.is_test_or_bench()
}

/// The names that a line of code has as literals; comments, with their examples, do not count.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    let code = if line.trim_start().starts_with("//") { "" } else { line };
    code.split('"').skip(1).step_by(2).filter(|literal| is_name(literal))
}

/// Of each row whose first cell is a name: its line, and the name.
fn listed(document: &File) -> Vec<(usize, &str)> {
    let rows = document.lines().filter_map(|(number, line)| {
        let (name, rest) = line.strip_prefix("| `")?.split_once('`')?;
        (rest.starts_with(" |") && is_name(name)).then_some((number, name))
    });
    // A row about what to do names a metric again, and says more in its first cell.
    rows.collect()
}

fn is_name(word: &str) -> bool {
    let rest = word.strip_prefix("bmt_").unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    !rest.is_empty() && rest.chars().all(is_plain)
}

#[cfg(test)]
mod tests;
