//! Results are kept and compared.

use super::*;

fn record(engine: EngineKind, root: &str) -> Record {
    let report = Report { roots: vec![(10, root.into())], ..Report::default() };
    Record {
        cell: "mixed_1e6".into(),
        engine,
        round: 0,
        memory_bytes: 1,
        enforcement: Enforcement::Options,
        report,
    }
}

#[test]
fn results_are_taken_up_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = Results::open(dir.path().into(), false).unwrap();
    results.add(record(EngineKind::Redb, "aa")).unwrap();
    let again = Results::open(dir.path().into(), true).unwrap();
    assert!(again.has("mixed_1e6", EngineKind::Redb, 0));
    assert!(!again.has("mixed_1e6", EngineKind::Redb, 1));
    let anew = Results::open(dir.path().into(), false).unwrap();
    assert!(!anew.has("mixed_1e6", EngineKind::Redb, 0));
}

#[test]
fn forgotten_turns_are_measured_again_and_others_kept() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = Results::open(dir.path().into(), false).unwrap();
    results.add(record(EngineKind::Redb, "aa")).unwrap();
    results.add(record(EngineKind::Lmdb, "aa")).unwrap();
    results.forget(&["mixed_1e6".into()], &[EngineKind::Redb]).unwrap();
    for results in [results, Results::open(dir.path().into(), true).unwrap()] {
        assert!(!results.has("mixed_1e6", EngineKind::Redb, 0));
        assert!(results.has("mixed_1e6", EngineKind::Lmdb, 0));
    }
}

#[test]
fn roots_that_differ_within_a_scheme_are_a_violation() {
    let dir = tempfile::tempdir().unwrap();
    let mut results = Results::open(dir.path().into(), false).unwrap();
    results.add(record(EngineKind::Nomt, "aa")).unwrap();
    results.add(record(EngineKind::Bmt, "bb")).unwrap();
    assert_eq!(results.violations(), [], "two schemes may differ");
    results.add(record(EngineKind::NomtWarm, "ab")).unwrap();
    let found = results.violations();
    assert!(
        matches!(found.as_slice(), [(_, Violation::WrongRoot { commit: 10, .. })]),
        "{found:?}"
    );
}
