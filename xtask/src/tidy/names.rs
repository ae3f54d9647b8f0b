//! Rule: no file and no type has a name that could be any file's or any type's.

use super::{Findings, Tree};

/// Names of files and folders that say nothing about what is inside.
const FILES: &[&str] =
    &["util", "utils", "helper", "helpers", "common", "misc", "shared", "inner", "manager"];

/// Types may not be called so, nor end in such a word.
const TYPES: &[&str] =
    &["Util", "Utils", "Helper", "Helpers", "Common", "Shared", "Inner", "Manager"];

const TYPE_KEYWORDS: &[&str] = &["struct", "enum", "trait", "type", "union"];

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let stems = file.path.split('/').map(|part| part.trim_end_matches(".rs"));
        if let Some(stem) = stems.into_iter().find(|stem| FILES.contains(stem)) {
            findings.add(&file.path, 1, format!("`{stem}` says nothing about what is inside"));
        }
        for (number, line) in file.code_lines() {
            if let Some(name) = defined_type(line).filter(|name| is_forbidden(name)) {
                findings.add(&file.path, number, format!("`{name}` says nothing about the type"));
            }
        }
    }
}

/// The type that a line of code defines: the identifier after `struct`, `enum` and the like.
fn defined_type(line: &str) -> Option<&str> {
    let identifiers = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let mut words = identifiers.filter(|word| !word.is_empty());
    words.find(|word| TYPE_KEYWORDS.contains(word))?;
    words.next()
}

/// Whether the last word of a name in camel case is one of [`TYPES`].
fn is_forbidden(name: &str) -> bool {
    let last_word = name.rfind(char::is_uppercase).map_or(name, |at| &name[at..]);
    TYPES.contains(&last_word)
}

#[cfg(test)]
mod tests;
