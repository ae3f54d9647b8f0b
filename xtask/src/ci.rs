//! `cargo xtask ci`: everything that must hold before a change is merged, step by step.

mod no_std;
mod steps;
mod summary;
mod targets;
mod totals;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::workspace;
use std::path::PathBuf;
use std::time::Instant;
use steps::STEPS;
use summary::{Ending, Summary};
pub(crate) use totals::Totals;

/// What the steps share: where they run, and what they add up.
struct Run {
    root: PathBuf,
    totals: Totals,
    /// What could not be checked on this machine, and why; shown again at the end.
    unchecked: Vec<String>,
}

impl Run {
    fn not_checked(&mut self, what: String) {
        println!("NOT CHECKED: {what}");
        self.unchecked.push(what);
    }
}

/// Runs the steps in order and stops at the first that fails. The last line of the output is
/// `N passed, N failed`: tests, documentation tests and conformance cases.
///
/// # Errors
/// [`Failure::Told`] when a step failed, [`Failure::Usage`] for an unknown step.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), Failure> {
    let only = arguments.options("--only")?;
    let no_conformance = arguments.flag("--no-conformance");
    arguments.finish()?;
    if let Some(unknown) = only.iter().find(|name| !STEPS.iter().any(|step| step.name == **name)) {
        let names: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        let text = format!("there is no step `{unknown}`; the steps are {}", names.join(", "));
        return Err(Failure::Usage(text));
    }
    let chosen = |name: &str| only.is_empty() || only.iter().any(|it| it == name);
    let mut run = Run { root: workspace::root()?, totals: Totals::default(), unchecked: vec![] };
    let mut summary = Summary::default();
    let mut result = Ok(());
    for step in STEPS {
        let left_out = no_conformance && step.name == "conformance";
        if result.is_err() || left_out || !chosen(step.name) {
            summary.add(step.name, Ending::NotRun);
            continue;
        }
        println!("\n==> {}: {}", step.name, step.about);
        let began = Instant::now();
        let failed_before = run.totals.failed;
        result = (step.run)(&mut run);
        let seconds = began.elapsed().as_secs_f64();
        match &result {
            Ok(()) => summary.add(step.name, Ending::Passed { seconds }),
            Err(_) => summary.add(step.name, Ending::Failed { seconds }),
        }
        if result.is_err() && run.totals.failed == failed_before {
            // A step that failed without a failing test still makes the total a failure.
            run.totals.failed += 1;
        }
        if let Err(failure) = result {
            result = Err(Failure::Failed(format!("step `{}` failed: {failure}", step.name)));
        }
    }
    print!("\n{}", summary.text(&run.unchecked, &result, run.totals));
    // The summary has said what went wrong, and its last line is to stay the last one.
    result.map_err(|_| Failure::Told)
}
