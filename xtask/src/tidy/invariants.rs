//! Rule: a numbered invariant is stated once, in `docs/format/`, and every citation names one.
//!
//! A line of a format page that begins with the number, after list, table, heading or emphasis
//! marks, states the invariant; every other place cites it.

use super::tree::File;
use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut stated: Vec<String> = Vec::new();
    for page in tree.files.iter().filter(|file| is_format_page(file)) {
        for (number, line) in page.lines() {
            let Some(invariant) = statement(line) else { continue };
            if stated.contains(&invariant) {
                findings.add(&page.path, number, format!("{invariant} is already stated"));
            }
            stated.push(invariant);
        }
    }
    let citing = |file: &&File| is_format_page(file) || file.path.ends_with(".rs");
    for file in tree.files.iter().filter(citing) {
        for (number, line) in file.lines() {
            let unknown = numbers(line).into_iter().filter(|it| !stated.contains(it));
            unknown.for_each(|it| {
                findings.add(&file.path, number, format!("{it} is not stated in docs/format/"));
            });
        }
    }
}

fn is_format_page(file: &File) -> bool {
    file.path.starts_with("docs/format/") && file.path.ends_with(".md")
}

/// The invariant that a line of a format page states.
fn statement(line: &str) -> Option<String> {
    let text = line.trim_start_matches(|c: char| c.is_whitespace() || "|-*#`>[_".contains(c));
    numbers(text).into_iter().next().filter(|number| text.starts_with(number.as_str()))
}

/// Every number of the form `INV-XX-nn` in a line: two or more capitals, two or more digits.
fn numbers(line: &str) -> Vec<String> {
    let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let invariants = words.filter(|word| {
        let parts: Vec<&str> = word.split('-').collect();
        matches!(parts[..], ["INV", family, number]
            if family.len() >= 2 && family.bytes().all(|byte| byte.is_ascii_uppercase())
                && number.len() >= 2 && number.bytes().all(|byte| byte.is_ascii_digit()))
    });
    invariants.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
