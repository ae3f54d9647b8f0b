//! Rule: a source file has at most 500 lines, a file of tests or benchmarks at most 1000.

use super::{Findings, Tree};

const SOURCE_LINES_MAX: usize = 500;
const TEST_LINES_MAX: usize = 1000;

pub(super) fn check(tree: &Tree, findings: &mut Findings) {
    for file in tree.rust_files() {
        let max = if file.is_test_or_bench() { TEST_LINES_MAX } else { SOURCE_LINES_MAX };
        let count = file.lines().count();
        if count > max {
            findings.add(&file.path, max + 1, format!("{count} lines, at most {max}"));
        }
    }
}

#[cfg(test)]
mod tests;
