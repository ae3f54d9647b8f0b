//! `cargo xtask conformance`: the corpus of test vectors, run against the implementations.

use crate::arguments::Arguments;
use crate::ci::{Totals, closing_line};
use crate::failure::Failure;
use crate::workspace;
use bmt_conformance::backend::all_layers;
use bmt_conformance::command::{self, CommandError, Options, VECTORS_VARIABLE};
use bmt_conformance::report::Report;

/// The project's own vectors.
const CORPUS: &str = "test-vectors";

/// Runs the corpus against every implementation: the reference, the trie, and the database by its simple API,
/// by sessions, by overlays and at old roots.
///
/// # Errors
/// [`Failure::Told`] when a case fails, which the report says; [`Failure::Failed`] when a folder of
/// vectors can't be read.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let corpus = workspace::root()?.join(CORPUS);
    let variable = std::env::var_os(VECTORS_VARIABLE);
    let options = Options::parse(arguments.into_words(), &corpus, variable.as_deref())?;
    let report = command::run(&options, &all_layers(), &mut std::io::stdout().lock())?;
    if !options.json {
        println!("{}", closing_line(totals(&report)));
    }
    if report.passed { Ok(()) } else { Err(Failure::Told { exit_code: 1 }) }
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
