//! Every check of a turn bites: an honest toy passes, each cheat fails with its own violation.

use bmt_compare::children::Children;
use bmt_compare::engine::EngineKind;
use bmt_compare::job::{Job, Report, Stream, Task, Violation};
use bmt_compare::limit::{Enforcement, Limit};
use bmt_compare::workload::{Dataset, Mix, Pick};

const MEMORY_BYTES: u64 = 128 << 20;

/// Loads and commits a little, in child processes as in a real run.
fn turn(engine: EngineKind, task: Task, by_options: bool) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let database = dir.path().join("database");
    std::fs::create_dir(&database).unwrap();
    let program = env!("CARGO_BIN_EXE_compare").into();
    let children = Children { program, scratch: dir.path().join("scratch"), by_options };
    let dataset = Dataset::plain(5_000);
    let job = |engine, task| Job {
        engine,
        dir: database.clone(),
        dataset,
        memory_bytes: MEMORY_BYTES,
        cgroup: None,
        seed: 1,
        task,
    };
    if task != Task::Check {
        let load = job(EngineKind::Honest, Task::Load { batch_ops: 1_000 });
        assert_eq!(children.run(load).unwrap().0.violations, []);
    }
    if let Task::Recover(stream) = task {
        assert_eq!(children.run(job(engine, Task::Die(stream))).unwrap().0.violations, []);
    }
    children.run(job(engine, task)).unwrap().0
}

fn stream() -> Stream {
    Stream {
        mix: Mix::Mixed,
        pick: Pick::Uniform,
        batch_ops: 500,
        witness: false,
        reader_count: 0,
        warm_commits: 1,
        commits_max: 4,
        seconds_max: 60.0,
        checkpoints_min: 0,
    }
}

fn commits(engine: EngineKind) -> Vec<Violation> {
    turn(engine, Task::Commits(stream()), false).violations
}

#[test]
fn an_honest_engine_passes() {
    let report = turn(EngineKind::Honest, Task::Commits(stream()), false);
    assert_eq!(report.violations, []);
    assert_eq!((report.costs.commit_count, report.costs.op_count), (4, 2_000));
    assert_eq!(report.costs.syncs.total(), 4);
    assert_eq!(turn(EngineKind::Honest, Task::Check, false).violations, []);
    assert_eq!(turn(EngineKind::Honest, Task::Recover(stream()), false).violations, []);
}

#[test]
fn commits_without_a_sync_fail() {
    let found = commits(EngineKind::CheatNoSync);
    assert_eq!(found, [Violation::NotDurable { commit_count: 4, of: 4 }]);
}

#[test]
fn missing_keys_fail() {
    let found = commits(EngineKind::CheatLosesKeys);
    assert!(matches!(found.as_slice(), [Violation::MissingKeys { count: 1.., .. }]), "{found:?}");
}

#[test]
fn stale_values_fail() {
    let found = commits(EngineKind::CheatStaleValues);
    assert!(matches!(found.as_slice(), [Violation::WrongValues { count: 1.. }]), "{found:?}");
}

#[test]
fn a_wrong_root_fails() {
    let found = turn(EngineKind::CheatRoot, Task::Check, false).violations;
    assert!(matches!(found.as_slice(), [Violation::WrongRoot { commit: 1, .. }, ..]), "{found:?}");
}

#[test]
fn memory_over_the_limit_fails_when_sampled() {
    let found = turn(EngineKind::CheatMemory, Task::Commits(stream()), true).violations;
    let over = matches!(found.as_slice(), [Violation::OverMemory { seen_bytes: Some(_), .. }]);
    assert!(over, "{found:?}");
}

#[test]
fn memory_over_the_limit_fails_in_a_cgroup() {
    if Limit::new(MEMORY_BYTES, false).enforcement() == Enforcement::Options {
        eprintln!("not tested: no memory cgroup can be made here");
        return;
    }
    let found = commits(EngineKind::CheatMemory);
    let killed = [Violation::OverMemory { limit_bytes: MEMORY_BYTES, seen_bytes: None }];
    assert_eq!(found, killed);
}

#[test]
fn a_crash_fails() {
    let dir = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_compare").into();
    let scratch = dir.path().join("scratch");
    let children = Children { program, scratch, by_options: true };
    let job = Job {
        engine: EngineKind::Redb,
        dir: dir.path().join("missing"),
        dataset: Dataset::plain(5_000),
        memory_bytes: MEMORY_BYTES,
        cgroup: None,
        seed: 1,
        task: Task::Open { times: 1 },
    };
    let found = children.run(job).unwrap().0.violations;
    assert!(matches!(found.as_slice(), [Violation::Crashed { .. }]), "{found:?}");
}
