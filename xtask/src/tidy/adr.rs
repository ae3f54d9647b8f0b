//! Rule: a decision record has its own number, and says context, decision and consequences.

use super::{Findings, Tree};

const SECTIONS: &[&str] = &["Context", "Decision", "Consequences"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    let mut seen: Vec<&str> = Vec::new();
    let records = tree.files.iter().filter(|file| file.path.starts_with("docs/adr/"));
    for file in records.filter(|file| file.name() != "README.md") {
        let Some(number) = number(file.name()) else {
            findings.add(&file.path, 1, "a decision record is called NNNN-title.md");
            continue;
        };
        if seen.contains(&number) {
            findings.add(&file.path, 1, format!("the number {number} is taken"));
        }
        seen.push(number);
        for section in SECTIONS {
            let heading = |line: &str| line.starts_with('#') && line.contains(section);
            if !file.text.lines().any(heading) {
                findings.add(&file.path, 1, format!("no heading \"{section}\""));
            }
        }
    }
}

/// The four digits of `NNNN-title.md`.
fn number(name: &str) -> Option<&str> {
    let (number, title) = name.strip_suffix(".md")?.split_once('-')?;
    let digits = number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !title.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests;
