//! `cargo xtask conformance`: the corpus of test vectors, run against the implementations.

use crate::arguments::Arguments;
use crate::ci::Totals;
use crate::failure::Failure;
use crate::{process, release, workspace};
use bmt_conformance::backend::all_layers;
use bmt_conformance::command::{self, CommandError, Options, VECTORS_VARIABLE};
use bmt_conformance::report::Report;
use std::path::Path;

/// The project's own vectors.
const CORPUS: &str = "test-vectors";

/// How the last line of a run begins; the totals follow.
const CLOSING: &str = "conformance: ";

/// Runs the corpus against every implementation, in a release build.
///
/// # Errors
/// [`Failure::Told`] when a case fails, which the report says; [`Failure::Failed`] when a folder of
/// vectors can't be read.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let words = arguments.words().to_vec();
    let root = workspace::root()?;
    let variable = std::env::var_os(VECTORS_VARIABLE);
    let options = Options::parse(&words, &root.join(CORPUS), variable.as_deref())?;
    if !release::IS_RELEASE {
        let words: Vec<_> = std::iter::once("conformance".to_owned()).chain(words).collect();
        return release::run(&root, &words);
    }
    let report = command::run(&options, &all_layers(), &mut std::io::stdout().lock())?;
    if !options.json {
        println!("{CLOSING}{}", totals(&report));
    }
    if report.passed { Ok(()) } else { Err(Failure::Told) }
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::Usage { .. } => Self::Usage(error.to_string()),
            _ => Self::of("conformance", error),
        }
    }
}

fn totals(report: &Report) -> Totals {
    let count = |cases: usize| u64::try_from(cases).unwrap_or(u64::MAX);
    Totals { passed: count(report.cases_passed()), failed: count(report.cases_failed()) }
}

/// Runs `cargo xtask conformance` in a release build: the totals, and whether it succeeded.
///
/// # Errors
/// When cargo can't be started.
pub(crate) fn in_release(root: &Path) -> Result<(Totals, Result<(), Failure>), Failure> {
    let mut command = release::command(root, &["conformance"]);
    let (status, lines) = process::tee(&mut command)?;
    let totals = lines.iter().rev().find_map(|line| closing_line(line)).unwrap_or_default();
    if status.success() && totals.failed == 0 && totals.passed > 0 {
        return Ok((totals, Ok(())));
    }
    let text = format!("`{}` ended with {status}: {totals}", process::shown(&command));
    Ok((totals, Err(Failure::Failed(text))))
}

fn closing_line(line: &str) -> Option<Totals> {
    let (passed, failed) = line.strip_prefix(CLOSING)?.split_once(" passed, ")?;
    let failed = failed.strip_suffix(" failed")?;
    Some(Totals { passed: passed.parse().ok()?, failed: failed.parse().ok()? })
}

#[cfg(test)]
mod tests;
