//! `cargo xtask conformance`: the corpus of test vectors, run against the implementations.

use crate::arguments::Arguments;
use crate::ci::Totals;
use crate::failure::Failure;
use crate::{process, release};
use std::path::Path;

/// How the last line of a run begins; the totals follow.
const CLOSING: &str = "conformance: ";

/// Runs the corpus against every implementation.
///
/// # Errors
/// [`Failure::Failed`] when a case fails or a folder of vectors can't be read.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), Failure> {
    arguments.flag("--json");
    drop(arguments.options("--vectors")?);
    arguments.finish()?;
    Err(Failure::Failed("the corpus runner is not here yet".to_owned()))
}

/// Runs `cargo xtask conformance` in a release build and reads its totals.
///
/// # Errors
/// When it does not succeed, or does not say how many cases it ran.
pub(crate) fn in_release(root: &Path) -> Result<Totals, Failure> {
    let mut command = release::command(root, &["conformance"]);
    let (status, lines) = process::tee(&mut command)?;
    let totals = lines.iter().rev().find_map(|line| closing_line(line)).unwrap_or_default();
    if status.success() && totals.failed == 0 && totals.passed > 0 {
        return Ok(totals);
    }
    Err(Failure::Failed(format!("`{}` ended with {status}: {totals}", process::shown(&command))))
}

fn closing_line(line: &str) -> Option<Totals> {
    let (passed, failed) = line.strip_prefix(CLOSING)?.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Totals { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

#[cfg(test)]
mod tests;
