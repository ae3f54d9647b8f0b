//! Rule: a module that documents bytes under `# Format` names the page in `docs/format/`.

use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files().filter(|file| file.path.starts_with("crates/")) {
        let documents = |line: &str| line.trim_start() == "//! # Format";
        let Some((number, _)) = file.lines().find(|(_, line)| documents(line)) else { continue };
        let pages: Vec<&str> = file
            .text
            .match_indices("docs/format/")
            .map(|(at, _)| {
                let name = |c: char| !c.is_alphanumeric() && !"/-_.".contains(c);
                let rest = &file.text[at..];
                rest[..rest.find(name).unwrap_or(rest.len())].trim_end_matches('.')
            })
            .collect();
        if pages.is_empty() {
            findings.add(&file.path, number, "does not name its page in docs/format/");
        }
        for page in pages.into_iter().filter(|page| !tree.has(page)) {
            findings.add(&file.path, number, format!("there is no {page}"));
        }
    }
}

#[cfg(test)]
mod tests;
