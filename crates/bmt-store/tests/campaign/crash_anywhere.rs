//! The database crashes at every operation of many workloads, while it recovers too: what was
//! acknowledged is there, whole, and it goes on.

use crate::kinds::Tally;
use crate::profile::Broken;
use crate::random::from_environment;
use crate::trial::Trial;

/// Crashes at operations all over the workloads of as many seeds as it takes, and prints how many of
/// each kind there were. `BMT_CRASH_POINTS` says how many, `BMT_SEED` from which workload on.
#[test]
fn a_crash_at_any_operation_keeps_every_promise() {
    let wanted = from_environment("BMT_CRASH_POINTS", 2_000);
    let first_seed = from_environment("BMT_SEED", 0);
    let mut tally = Tally::default();
    // A sample goes through more workloads, a long run through every operation of each.
    let stride = from_environment("BMT_STRIDE", if wanted < 50_000 { 29 } else { 1 });
    for seed in first_seed.. {
        let trial = Trial::new(seed, Broken::default());
        let points = trial.crash_points();
        let points = points.unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        let skipped = usize::try_from(seed % stride).unwrap();
        for number in points.into_iter().skip(skipped).step_by(usize::try_from(stride).unwrap()) {
            if let Err(what) = trial.crash_at(number, &mut tally) {
                panic!("seed {seed} ({:?}), operation {number}: {what}", trial.profile.shape);
            }
        }
        if (seed + 1).is_multiple_of(10) {
            eprintln!("{} crash points, through seed {seed}", tally.crash_points);
        }
        if tally.crash_points >= wanted && seed >= first_seed + 11 {
            break;
        }
    }
    eprint!("{tally}");
    assert_eq!(tally.missing(), Vec::<&str>::new(), "kinds of operation that no crash met");
}
