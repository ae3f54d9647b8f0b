//! Running every case against every layer.
//!
//! A case's steps go to all layers side by side, so that each step is made once. After each commit
//! its root is compared, the store is reopened, and keys are read and proven; see [`Effort`]. A
//! layer that fails is taken out of the case.

mod expected;
mod proofs;
mod sample;

use crate::backend::{Backend, BackendError, BackendFactory};
use crate::chain::{Op, Value};
use crate::corpus::{Case, Corpus, CorpusError, Step};
use crate::report::{Failure, Report, Tally};
use bmt_core::{Hash, StateKey};
use expected::Expected;
use std::time::Instant;

/// How much is proven at each root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// States of up to this many keys have every key read and proven, and all entries compared.
    pub keys_proven_max: usize,
    /// Larger states have this many keys, chosen by the seed, read and proven at each root, and
    /// their entries compared after the last step alone.
    pub keys_sampled: usize,
    /// Chooses keys and flipped bits.
    pub seed: u64,
    /// Failures that the report keeps in full.
    pub failures_kept: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self { keys_proven_max: 10_000, keys_sampled: 1_000, seed: 0x626d_7400, failures_kept: 20 }
    }
}

/// Runs the corpus against the layers, and tells of each case to `progress` before it runs.
///
/// It never fails as a whole: what goes wrong is in the report.
pub fn run(
    corpus: &Corpus,
    layers: &[Box<dyn BackendFactory>],
    effort: Effort,
    progress: &mut dyn FnMut(&Case),
) -> Report {
    let names = layers.iter().map(|layer| layer.name().to_owned()).collect();
    let mut report = Report::new(names, corpus.skipped.clone(), effort.failures_kept);
    for case in &corpus.cases {
        progress(case);
        let failures_before = report.failure_count;
        run_case(case, layers, effort, &mut report);
        if report.failure_count > failures_before {
            report.count_failed_case(&case.folder);
        }
    }
    report.finish();
    report
}

/// A layer's store in a case that is running.
struct Running {
    /// The layer's place in the report.
    layer: usize,
    store: Box<dyn Backend>,
}

fn run_case(case: &Case, layers: &[Box<dyn BackendFactory>], effort: Effort, report: &mut Report) {
    report.begin_case(&case.folder);
    let mut running = open_layers(case, layers, report);
    let mut expected = Expected::default();
    let mut steps = match case.steps() {
        Ok(steps) => steps.peekable(),
        Err(error) => return report.fail(case_failure(case, &error)),
    };
    let mut step_count = 0;
    while let Some(step) = steps.next() {
        let step = match step {
            Ok(step) => step,
            Err(error) => return report.fail(case_failure(case, &error)),
        };
        step_count += 1;
        report.count_root(&case.folder);
        expected.apply(&step.ops);
        if let Some(stated) = step.key_count.filter(|count| *count != expected.entries().len()) {
            let found = expected.entries().len();
            let what = format!("{found} keys after the changes, the source says {stated}");
            report.fail(Failure::of_step(case, &step.at, None, what));
        }
        let seed = effort.seed ^ u64::from_be_bytes(first_eight(&step.root));
        let questions = expected.questions(effort, seed, steps.peek().is_none());
        running.retain_mut(|running| {
            let mut tally = Tally::default();
            let verdict = run_step(running, &step, &expected, &questions, &mut tally);
            report.count(&case.folder, running.layer, &tally);
            if let Err(what) = &verdict {
                let name = layers.get(running.layer).map(|layer| layer.name().to_owned());
                report.fail(Failure::of_step(case, &step.at, name, what.clone()));
            }
            verdict.is_ok()
        });
    }
    if step_count == 0 {
        report.fail(Failure::of_step(case, "", None, "the case has no step".to_owned()));
    }
}

fn case_failure(case: &Case, error: &CorpusError) -> Failure {
    Failure::of_step(case, "", None, error.to_string())
}

fn first_eight(root: &Hash) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = *root;
    [a, b, c, d, e, f, g, h]
}

fn open_layers(
    case: &Case,
    layers: &[Box<dyn BackendFactory>],
    report: &mut Report,
) -> Vec<Running> {
    let mut running = Vec::new();
    for (layer, factory) in layers.iter().enumerate() {
        if !factory.takes(case) {
            report.count(&case.folder, layer, &Tally { cases_not_taken: 1, ..Tally::default() });
            continue;
        }
        match factory.open() {
            Ok(store) => running.push(Running { layer, store }),
            Err(error) => {
                let name = Some(factory.name().to_owned());
                let what = format!("cannot be opened: {error}");
                report.fail(Failure::of_step(case, "", name, what));
            }
        }
    }
    running
}

/// The keys to ask for at one root.
struct Questions {
    present: Vec<(StateKey, Value)>,
    absent: Vec<StateKey>,
    /// Whether all entries are compared.
    all_entries: bool,
}

/// One commit on one layer and everything asked of it after.
fn run_step(
    running: &mut Running,
    step: &Step,
    expected: &Expected,
    questions: &Questions,
    tally: &mut Tally,
) -> Result<(), String> {
    let store = running.store.as_mut();
    let begin = Instant::now();
    let found = commit(store, &step.ops);
    tally.commit_time += begin.elapsed();
    same_root("after the commit", found?, step)?;
    tally.roots += 1;
    let begin = Instant::now();
    let found = store.reopen().map_err(said("reopening"));
    tally.commit_time += begin.elapsed();
    same_root("after reopening", found?, step)?;
    let begin = Instant::now();
    let verdict = ask(store, step, expected, questions, tally);
    tally.proof_time += begin.elapsed();
    verdict
}

fn commit(store: &mut dyn Backend, ops: &[Op]) -> Result<Hash, String> {
    store.apply(ops).map_err(said("the commit"))
}

fn said(what: &'static str) -> impl Fn(BackendError) -> String {
    move |error| format!("{what} failed: {error}")
}

fn same_root(when: &str, found: Hash, step: &Step) -> Result<(), String> {
    if found == step.root {
        return Ok(());
    }
    let (found, root) = (hex::encode(found), hex::encode(step.root));
    Err(format!("root {when} is {found}, expected {root}"))
}

fn ask(
    store: &mut dyn Backend,
    step: &Step,
    expected: &Expected,
    questions: &Questions,
    tally: &mut Tally,
) -> Result<(), String> {
    for (key, value) in &questions.present {
        proofs::present(store, &step.root, key, value, tally)?;
    }
    for key in &questions.absent {
        proofs::absent(store, &step.root, key, tally)?;
    }
    for known in &step.proofs {
        proofs::known(store, &step.root, known, tally)?;
    }
    if questions.all_entries {
        let entries = store.entries().map_err(said("listing the entries"))?;
        expected.compare(&entries)?;
        tally.listings += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
