//! The last page of a run: each step with its time, what was not checked, and the totals.

use super::totals::Totals;

/// How a step ended.
#[derive(Debug)]
pub(super) enum Ending {
    Passed { seconds: f64 },
    Failed { seconds: f64, why: String },
    NotRun,
}

/// The steps in order, with their endings.
#[derive(Debug, Default)]
pub(super) struct Summary(Vec<(&'static str, Ending)>);

impl Summary {
    pub(super) fn add(&mut self, step: &'static str, ending: Ending) {
        self.0.push((step, ending));
    }

    pub(super) fn has_failures(&self) -> bool {
        self.0.iter().any(|(_, ending)| matches!(ending, Ending::Failed { .. }))
    }

    pub(super) fn text(&self, unchecked: &[String], totals: Totals) -> String {
        let mut lines: Vec<String> = self.0.iter().map(step_line).collect();
        lines.extend(unchecked.iter().map(|what| format!("NOT CHECKED: {what}")));
        for (name, ending) in &self.0 {
            if let Ending::Failed { why, .. } = ending {
                lines.push(format!("ci: step `{name}` failed: {why}"));
            }
        }
        if !self.has_failures() {
            lines.push("ci: ok".to_owned());
        }
        lines.push(totals.to_string());
        lines.join("\n") + "\n"
    }
}

fn step_line((name, ending): &(&'static str, Ending)) -> String {
    match ending {
        Ending::Passed { seconds } => format!("{name:<12} {seconds:>7.1} s  ok"),
        Ending::Failed { seconds, .. } => format!("{name:<12} {seconds:>7.1} s  FAILED"),
        Ending::NotRun => format!("{name:<12}         -  not run"),
    }
}

#[cfg(test)]
mod tests;
