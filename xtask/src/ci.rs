//! `cargo xtask ci`: everything that must hold before a change is merged, step by step.

mod commands;
mod conformance;
mod examples;
mod no_std;
mod steps;
mod summary;
mod targets;
mod totals;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::workspace;
#[cfg(feature = "layers")]
pub(crate) use conformance::closing_line;
use std::path::PathBuf;
use std::time::Instant;
use steps::{STEPS, Step};
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

    fn step(&mut self, step: &Step) -> Ending {
        println!("\n==> {}: {}", step.name, step.about);
        let began = Instant::now();
        let failed_before = self.totals.failed;
        let result = (step.run)(self);
        let seconds = began.elapsed().as_secs_f64();
        let Err(failure) = result else { return Ending::Passed { seconds } };
        println!("==> {} FAILED: {failure}", step.name);
        // A step that failed without a failing test still makes the total a failure.
        self.totals.failed = self.totals.failed.max(failed_before + 1);
        Ending::Failed { seconds, why: failure.to_string() }
    }
}

/// Runs the steps in order and stops at the first that fails, unless told to keep going. The last
/// line of the output is `N passed, N failed`: tests, documentation tests and conformance cases.
///
/// # Errors
/// [`Failure::Told`] when a step failed, [`Failure::Usage`] for an unknown step.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), Failure> {
    let only = arguments.options("--only")?;
    let no_conformance = arguments.flag("--no-conformance");
    let keep_going = arguments.flag("--keep-going");
    arguments.finish()?;
    refuse_unknown_steps(&only)?;
    let is_chosen = |name: &str| {
        let left_out = no_conformance && name == "conformance";
        !left_out && (only.is_empty() || only.iter().any(|it| it == name))
    };
    let mut run = Run { root: workspace::root()?, totals: Totals::default(), unchecked: vec![] };
    let mut summary = Summary::default();
    for step in STEPS {
        let stopped = summary.has_failures() && !keep_going;
        if stopped || !is_chosen(step.name) {
            summary.add(step.name, Ending::NotRun);
        } else {
            summary.add(step.name, run.step(step));
        }
    }
    print!("\n{}", summary.text(&run.unchecked, run.totals));
    // The summary has said what went wrong, and its last line is to stay the last one.
    if summary.has_failures() { Err(Failure::Told { exit_code: 1 }) } else { Ok(()) }
}

fn refuse_unknown_steps(names: &[String]) -> Result<(), Failure> {
    let known = |name: &str| STEPS.iter().any(|step| step.name == name);
    let Some(unknown) = names.iter().find(|name| !known(name)) else { return Ok(()) };
    let steps: Vec<_> = STEPS.iter().map(|step| step.name).collect();
    let text = format!("there is no step `{unknown}`; the steps are {}", steps.join(", "));
    Err(Failure::Usage(text))
}
