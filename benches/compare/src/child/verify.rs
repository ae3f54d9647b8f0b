//! Looks whether a database holds what it must.

use super::commits::generator;
use super::setup;
use crate::engine::{self, Engine, Outcome};
use crate::job::{Job, Stream, Violation};
use crate::workload::{Dataset, expect};

/// About how many of the loaded keys are looked up; those of the last batch come on top.
const SAMPLE: u64 = 20_000;

/// Opens the database again and compares a sample of keys, and all that the last of
/// `commit_count` commits wrote, with what the workload says.
pub(super) fn reopened(job: &Job, stream: &Stream, commit_count: u64) -> Outcome<Vec<Violation>> {
    let mut engine = engine::open(job.engine, &setup(job))?;
    let violations = opened(engine.as_mut(), job, stream, commit_count)?;
    engine.close()?;
    Ok(violations)
}

/// The same in an engine that is open.
pub(super) fn opened(
    engine: &mut dyn Engine,
    job: &Job,
    stream: &Stream,
    commit_count: u64,
) -> Outcome<Vec<Violation>> {
    let stride = (job.dataset.key_count / SAMPLE).max(1);
    let expected = expect::after(generator(job, stream), &job.dataset, commit_count, stride);
    matches(engine, &job.dataset, &expected)
}

/// Compares the database with the expected keys and values.
pub(super) fn matches(
    engine: &mut dyn Engine,
    dataset: &Dataset,
    expected: &expect::Expected,
) -> Outcome<Vec<Violation>> {
    let (mut missing, mut undeleted, mut wrong) = (0, 0, 0);
    for (&number, &version) in expected {
        let found = engine.get(&dataset.keys.key(number))?;
        match (found, version) {
            (None, None) => {}
            (None, Some(_)) => missing += 1,
            (Some(_), None) => undeleted += 1,
            (Some(found), Some(version)) => {
                wrong += u64::from(found != dataset.values.value(number, version));
            }
        }
    }
    let mut violations = Vec::new();
    if missing > 0 {
        violations.push(Violation::MissingKeys { count: missing, of: expected.len() as u64 });
    }
    if undeleted > 0 {
        violations.push(Violation::DeletedKeysPresent { count: undeleted });
    }
    if wrong > 0 {
        violations.push(Violation::WrongValues { count: wrong });
    }
    Ok(violations)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
