//! The corpus of test vectors, run in a release build; its cases count in the totals.

use super::{Run, Totals};
use crate::failure::Failure;
use crate::{layers, process};

/// How the last line of `cargo xtask conformance` begins; the totals follow.
const CLOSING: &str = "conformance: ";

/// Runs the corpus and fails when a case fails, or none was run.
pub(super) fn check(run: &mut Run) -> Result<(), Failure> {
    let mut command = layers::command("conformance")?;
    command.current_dir(&run.root);
    let (status, lines) = process::tee(&mut command)?;
    let totals = lines.iter().rev().find_map(|line| totals(line)).unwrap_or_default();
    run.totals += totals;
    if status.success() && totals.failed == 0 && totals.passed > 0 {
        return Ok(());
    }
    Err(Failure::Failed(format!("`{}` ended with {status}: {totals}", process::shown(&command))))
}

/// The last line of `cargo xtask conformance`.
#[cfg(any(test, feature = "layers"))]
pub(crate) fn closing_line(totals: Totals) -> String {
    format!("{CLOSING}{totals}")
}

fn totals(line: &str) -> Option<Totals> {
    let (passed, failed) = line.strip_prefix(CLOSING)?.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Totals { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

#[cfg(test)]
mod tests;
