//! Suite `open`: replaying the log of 10,000 commits of 10 changes.

use super::Plan;
use super::report::Report;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt::Db;
use std::time::Instant;

const CHANGES: usize = 10;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let commits = plan.size(10_000, 200);
    let directory = tempfile::tempdir().map_err(|error| Failure::of("open", error))?;
    let failed = |error: bmt::Error| Failure::of("open", error);
    let db = Db::open(directory.path()).map_err(|error| failed(error.into()))?;
    let mut numbers = Numbers::new(4);
    let mut commit_ms = Vec::with_capacity(commits);
    for _ in 0..commits {
        for _ in 0..CHANGES {
            let value = numbers.next().to_le_bytes().repeat(4);
            db.insert(numbers.key(), value).map_err(|error| failed(error.into()))?;
        }
        let begin = Instant::now();
        db.commit().map_err(|error| failed(error.into()))?;
        commit_ms.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    let root = db.root();
    drop(db);
    let mut open_ms = Vec::new();
    for _ in 0..plan.rounds() {
        let begin = Instant::now();
        let db = Db::open(directory.path()).map_err(|error| failed(error.into()))?;
        open_ms.push(begin.elapsed().as_secs_f64() * 1e3);
        if db.root() != root {
            return Err(Failure::Failed("the reopened database has another root".to_owned()));
        }
    }
    let series = |values| Series::new(values).ok_or_else(|| Failure::of("open", "no measurement"));
    report.figure("commit_of_10", &series(commit_ms)?, "ms");
    report.figure("open_10000_commits_of_10", &series(open_ms)?, "ms");
    Ok(())
}
