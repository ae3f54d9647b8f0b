//! The last page of a run: each step with its time, what was not checked, and the totals.

use super::totals::Totals;
use crate::failure::Failure;

/// How a step ended.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ending {
    Passed { seconds: f64 },
    Failed { seconds: f64 },
    NotRun,
}

/// The steps in order, with their endings.
#[derive(Debug, Default)]
pub(super) struct Summary(Vec<(&'static str, Ending)>);

impl Summary {
    pub(super) fn add(&mut self, step: &'static str, ending: Ending) {
        self.0.push((step, ending));
    }

    pub(super) fn text(
        &self,
        unchecked: &[String],
        result: &Result<(), Failure>,
        totals: Totals,
    ) -> String {
        let mut lines: Vec<String> = self.0.iter().map(step_line).collect();
        lines.extend(unchecked.iter().map(|what| format!("NOT CHECKED: {what}")));
        lines.push(match result {
            Ok(()) => "ci: ok".to_owned(),
            Err(failure) => format!("ci: {failure}"),
        });
        lines.push(totals.to_string());
        lines.join("\n") + "\n"
    }
}

fn step_line((name, ending): &(&'static str, Ending)) -> String {
    match ending {
        Ending::Passed { seconds } => format!("{name:<12} {seconds:>7.1} s  ok"),
        Ending::Failed { seconds } => format!("{name:<12} {seconds:>7.1} s  FAILED"),
        Ending::NotRun => format!("{name:<12}         -  not run"),
    }
}

#[cfg(test)]
mod tests;
