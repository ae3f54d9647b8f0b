//! Rule: every local link in a Markdown file leads to a tracked file or folder.

use super::tree::File;
use super::{Findings, Tree};

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        for (number, target) in local_links(file) {
            let path = resolve(&file.path, &target);
            if !path.is_some_and(|path| tree.has(&path)) {
                findings.add(&file.path, number, format!("`{target}` leads nowhere"));
            }
        }
    }
}

/// The targets of links to files of the repository, without their `#anchor`.
fn local_links(file: &File) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    let mut fenced = false;
    for (number, line) in file.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced {
            let targets = targets(&without_code(line)).into_iter();
            links.extend(targets.filter(|it| is_local(it)).map(|it| (number, it)));
        }
    }
    links
}

/// The line without what stands between backticks.
fn without_code(line: &str) -> String {
    let kept = line.split('`').enumerate().filter(|(index, _)| index % 2 == 0);
    kept.map(|(_, part)| part).collect::<Vec<_>>().join("``")
}

/// What stands in the round brackets of `[text](target "title")`, and after `[name]:`.
fn targets(line: &str) -> Vec<String> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let reference = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    let first_word = |text: &str| text.split_whitespace().next().map(str::to_owned);
    inline.chain(reference.map(|(_, target)| target)).filter_map(first_word).collect()
}

fn is_local(target: &str) -> bool {
    !target.contains("://") && !target.starts_with('#') && !target.starts_with("mailto:")
}

/// The path, from the root, of a link in the file `from`; `None` when it leaves the repository.
fn resolve(from: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap_or_default();
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests;
