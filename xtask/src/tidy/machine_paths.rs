//! Rule: no tracked file names a path of somebody's machine.

use super::{Findings, Tree};

/// First parts of absolute paths; written without the slash, so that this file is clean itself.
const FOLDERS: &[&str] = &["work", "root", "home", "Users"];

/// The same, for a name that is also an ordinary word: only with a slash after it.
const FOLDERS_WITH_SLASH: &[&str] = &["tmp"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in &tree.files {
        for (number, line) in file.lines() {
            if let Some(folder) = machine_path(line) {
                findings.add(&file.path, number, format!("a path of one machine: {folder}"));
            }
        }
    }
}

fn machine_path(line: &str) -> Option<String> {
    let whole = FOLDERS.iter().map(|name| format!("/{name}"));
    let slashed = FOLDERS_WITH_SLASH.iter().map(|name| format!("/{name}/"));
    whole.chain(slashed).find(|path| {
        line.match_indices(path.as_str()).any(|(at, found)| {
            let before = line[..at].chars().next_back();
            let after = line[at + found.len()..].chars().next();
            begins_a_path(before) && (found.ends_with('/') || ends_a_part(after))
        })
    })
}

/// Whether an absolute path can begin after this character.
fn begins_a_path(before: Option<char>) -> bool {
    before.is_none_or(|c| !c.is_alphanumeric() && !"_-./\\}])>~*$".contains(c))
}

fn ends_a_part(after: Option<char>) -> bool {
    after.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '-')
}

#[cfg(test)]
mod tests;
