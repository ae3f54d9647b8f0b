//! The campaign can fail: each deliberate fault of the engine, and of the layers below it, is caught.

use crate::kinds::Tally;
use crate::profile::Broken;
use crate::random::from_environment;
use crate::trial::Trial;
use bmt_io::Fault;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Workloads that a fault is given to show itself.
const SEEDS_MAX: u64 = 24;

/// How a fault was caught, if it was: by some crash of some workload.
fn caught(broken: Broken) -> Option<String> {
    found(broken, |trial, number| trial.crash_at(number, &mut Tally::default()))
}

/// The same, with operations that fail.
fn caught_by_failures(broken: Broken) -> Option<String> {
    found(broken, |trial, number| trial.fail_at(number, Fault::Error).map(drop))
}

/// The same, with operations that find no space.
fn caught_by_full_disks(broken: Broken) -> Option<String> {
    found(broken, |trial, number| trial.fail_at(number, Fault::NoSpace).map(drop))
}

fn found(broken: Broken, judge: impl Fn(&Trial, u64) -> Result<(), String>) -> Option<String> {
    for seed in 0..from_environment("BMT_SEEDS", SEEDS_MAX) {
        // A fault may break the workload itself, by an error or by an assertion.
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let trial = Trial::new(seed, broken);
            let points = trial.crash_points().map_err(|what| format!("seed {seed}: {what}"))?;
            for number in points.into_iter().skip(usize::try_from(seed % 5).unwrap()).step_by(5) {
                let judged = judge(&trial, number);
                judged.map_err(|what| format!("seed {seed}, operation {number}: {what}"))?;
            }
            Ok::<(), String>(())
        }));
        match ran {
            Ok(Ok(())) => {}
            Ok(Err(what)) => return Some(what),
            Err(_) => return Some(format!("seed {seed}: an assertion")),
        }
    }
    None
}

macro_rules! caught {
    ($by:ident: $($layer:ident { $($name:ident),* $(,)? })*) => {
        $(
            mod $layer {
                use super::*;
                $(
                    #[test]
                    fn $name() {
                        let mut broken = Broken::default();
                        broken.$layer.$name = true;
                        let how = $by(broken);
                        eprintln!("{}: {how:?}", stringify!($name));
                        assert!(how.is_some(), "the fault goes unnoticed");
                    }
                )*
            }
        )*
    };
}

caught! { caught:
    engine {
        checkpoint_overtakes_log,
        moves_replay_early,
        switches_before_manifest,
        stale_switch,
        skips_slice_manifests,
        reuses_step_ids,
        prunes_too_far,
        prunes_early,
        commit_without_sync,
        forgets_window,
        leaks_pages,
    }
    log {
        no_commit_sync,
        no_recovery_sync,
        no_preparation_sync,
        no_directory_sync,
        no_checksum,
    }
    tree {
        no_page_sync,
        early_reuse,
        no_pins,
    }
    table {
        no_switch_sync,
        no_creation_sync,
        early_map,
        no_settling_after_recovery,
        early_reuse,
        stale_record,
        one_area,
    }
}

mod failures {
    use super::*;

    fn with(set: impl FnOnce(&mut bmt_store::Faults)) -> Broken {
        let mut broken = Broken::default();
        set(&mut broken.engine);
        broken
    }

    #[test]
    fn ignores_poison() {
        let how = caught_by_failures(with(|faults| faults.ignores_poison = true));
        assert!(how.is_some(), "the fault goes unnoticed");
    }

    #[test]
    fn publishes_early() {
        let how = caught_by_failures(with(|faults| faults.publishes_early = true));
        assert!(how.is_some(), "the fault goes unnoticed");
    }

    #[test]
    fn drops_runs_early() {
        let how = caught_by_full_disks(with(|faults| faults.drops_runs_early = true));
        assert!(how.is_some(), "the fault goes unnoticed");
    }

    /// Only the name of a table that a growing one makes: the first one's is synced with the log's.
    #[test]
    fn no_directory_sync_of_a_table() {
        let mut broken = Broken::default();
        broken.table.no_directory_sync = true;
        let is_noticed = |seed| {
            let trial = Trial::new(seed, broken);
            let Ok(points) = trial.growth_points() else { return true };
            points.into_iter().any(|number| trial.lose_all_at(number).is_err())
        };
        assert!((0..10).map(|at| 6 * at + 2).any(is_noticed), "the fault goes unnoticed");
    }

    /// Workloads of commits that nobody waits for: a power loss keeps later ones without earlier ones.
    fn rewritten(broken: Broken) -> Result<(), String> {
        for seed in (0..10).map(|at| 6 * at + 3) {
            let trial = Trial::new(seed, broken);
            for number in trial.crash_points()?.into_iter().step_by(9) {
                for outcome in 0..4 {
                    trial.rewrite_at(number, outcome)?;
                }
            }
        }
        Ok(())
    }

    #[test]
    fn no_tail_zeroing() {
        rewritten(Broken::default()).unwrap();
        let mut broken = Broken::default();
        broken.log.no_tail_zeroing = true;
        assert!(rewritten(broken).is_err(), "the fault goes unnoticed");
    }

    #[test]
    fn a_disk_that_lies_about_syncs() {
        let how = caught(Broken { disk_lies: true, ..Broken::default() });
        assert!(how.is_some(), "the fault goes unnoticed");
    }
}
