//! `cargo xtask tidy`: the house style, as far as a machine can check it. One file per rule.

mod adr;
mod crate_files;
mod crate_graph;
mod dependencies;
mod doc_hidden;
mod file_length;
mod first_line;
mod format_docs;
mod invariants;
mod licences;
mod links;
mod machine_paths;
mod metric_names;
mod names;
mod panicking;
mod rust_text;
mod tree;
mod unsafe_code;

pub(crate) use crate_graph::publishing_order;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::workspace;
use std::fmt;
use tree::Tree;

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    /// Counted from one; one when the whole file is meant.
    line: usize,
    rule: &'static str,
    text: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.text)
    }
}

/// What one rule has found so far.
struct Findings {
    rule: &'static str,
    violations: Vec<Violation>,
}

impl Findings {
    fn add(&mut self, path: &str, line: usize, text: impl Into<String>) {
        let (path, text) = (path.to_owned(), text.into());
        self.violations.push(Violation { path, line, rule: self.rule, text });
    }
}

/// A rule looks at the whole tree and adds what it finds.
type Check = fn(&Tree, &mut Findings);

const RULES: &[(&str, Check)] = &[
    ("crate-graph", crate_graph::check),
    ("dependencies", dependencies::check),
    ("crate-files", crate_files::check),
    ("licences", licences::check),
    ("file-length", file_length::check),
    ("first-line", first_line::check),
    ("names", names::check),
    ("panicking", panicking::check),
    ("unsafe-code", unsafe_code::check),
    ("doc-hidden", doc_hidden::check),
    ("machine-paths", machine_paths::check),
    ("links", links::check),
    ("adr", adr::check),
    ("format-docs", format_docs::check),
    ("invariants", invariants::check),
    ("metric-names", metric_names::check),
];

/// Checks every rule and prints each violation as `file:line: rule: text`.
///
/// # Errors
/// [`Failure::Failed`] when a rule is broken or the tree can't be read.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    arguments.finish()?;
    let root = workspace::root()?;
    let tree = Tree::read(&root)?;
    let mut violations: Vec<_> =
        RULES.iter().flat_map(|&(name, check)| violations(name, check, &tree)).collect();
    violations.sort();
    violations.iter().for_each(|violation| println!("{violation}"));
    match violations.len() {
        0 => {
            println!("tidy: {} files, {} rules, nothing found", tree.files.len(), RULES.len());
            Ok(())
        }
        count => Err(Failure::Failed(format!("tidy: {count} violations"))),
    }
}

fn violations(rule: &'static str, check: Check, tree: &Tree) -> Vec<Violation> {
    let mut findings = Findings { rule, violations: Vec::new() };
    check(tree, &mut findings);
    findings.violations
}

/// For the rules' tests: what `check` finds, as `path:line`.
#[cfg(test)]
fn places(check: Check, tree: &Tree) -> Vec<String> {
    let found = violations("rule", check, tree);
    found.iter().map(|violation| format!("{}:{}", violation.path, violation.line)).collect()
}
