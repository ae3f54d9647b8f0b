//! Rule: a crate that documents bytes under `# Format` names their page in `docs/format/`, and
//! every page that it names is there.

use super::tree::File;
use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut without_page: Vec<(&str, &File, usize)> = Vec::new();
    let mut with_page: Vec<&str> = Vec::new();
    for file in tree.rust_files() {
        let Some(name) = crate_name(&file.path) else { continue };
        for (number, line) in file.lines() {
            if line.trim_start() == "//! # Format" {
                without_page.push((name, file, number));
            }
            for page in pages(line) {
                with_page.push(name);
                if !tree.has(page) {
                    findings.add(&file.path, number, format!("there is no {page}"));
                }
            }
        }
    }
    without_page.retain(|(name, ..)| !with_page.contains(name));
    for (name, file, number) in without_page {
        let text = format!("{name} names no page in docs/format/ for its formats");
        findings.add(&file.path, number, text);
    }
}

fn crate_name(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.split('/').next()
}

/// The pages of `docs/format/` that a line names.
fn pages(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("docs/format/").map(|(at, _)| {
        let ends = |c: char| !c.is_alphanumeric() && !"/-_.".contains(c);
        let path = &line[at..];
        path[..path.find(ends).unwrap_or(path.len())].trim_end_matches(['.', '/'])
    })
}

#[cfg(test)]
mod tests;
