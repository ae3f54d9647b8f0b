//! Rule: a source file has at most 500 lines, a file of tests or benchmarks at most 1000, and the
//! example of a scheme of one's own less than 60: that is the promise it shows.

use super::{Findings, Tree};

const SOURCE_LINES_MAX: usize = 500;
const TEST_LINES_MAX: usize = 1000;
const SCHEME_EXAMPLE: &str = "crates/bmt-core/examples/custom_scheme.rs";
const SCHEME_EXAMPLE_LINES_MAX: usize = 59;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let max = match file.path.as_str() {
            SCHEME_EXAMPLE => SCHEME_EXAMPLE_LINES_MAX,
            _ if file.is_test_or_bench() => TEST_LINES_MAX,
            _ => SOURCE_LINES_MAX,
        };
        let count = file.lines().count();
        if count > max {
            findings.add(&file.path, max + 1, format!("{count} lines, at most {max}"));
        }
    }
}

#[cfg(test)]
mod tests;
