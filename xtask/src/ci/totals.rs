//! How many tests passed and failed, read from what the test runners print.

use std::fmt;
use std::ops::AddAssign;

/// Tests that ran to their end, by outcome. Skipped ones are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

impl Totals {
    /// Adds up every closing line, of nextest and of the standard test runner.
    pub(super) fn read(lines: &[String]) -> Self {
        let mut totals = Self::default();
        lines.iter().filter_map(|line| closing_line(&without_colours(line))).for_each(|counts| {
            totals += counts;
        });
        totals
    }
}

/// `Summary [ 1.2s] 3 tests run: 2 passed (1 slow), 1 failed, 4 skipped`, or
/// `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn closing_line(line: &str) -> Option<Totals> {
    let line = line.trim_start();
    let counts = if line.starts_with("Summary [") {
        line.split_once(" run: ")?.1
    } else {
        line.strip_prefix("test result: ")?.split_once(". ")?.1
    };
    let mut totals = Totals::default();
    for part in counts.split([',', ';']) {
        let mut words = part.split_whitespace();
        let Some(count) = words.next().and_then(|word| word.parse::<u64>().ok()) else { continue };
        match words.next() {
            Some("passed") => totals.passed += count,
            Some("failed" | "timed" | "exec") => totals.failed += count,
            _ => {}
        }
    }
    Some(totals)
}

/// The line without terminal escape sequences (`ESC [ … letter`).
fn without_colours(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| c.is_ascii_alphabetic()).map_or(part.len(), |at| at + 1);
        plain.push_str(&part[end..]);
    }
    plain
}

#[cfg(test)]
mod tests;
