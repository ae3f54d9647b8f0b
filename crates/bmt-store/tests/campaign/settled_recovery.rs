//! What recovery found in the system's cache alone is made durable before anything stands on it.

use crate::profile::{Broken, Profile};
use crate::random::from_environment;
use crate::trial::Trial;

/// Kills the process while it stores a manifest, and cuts the power while the next one works.
fn judge_pairs(seed: u64, broken: Broken) -> Result<u64, String> {
    let trial = Trial::new(seed, broken);
    let stride = usize::try_from(from_environment("BMT_STRIDE", 7)).unwrap();
    let mut pairs = 0;
    for first in trial.manifest_syncs()?.into_iter().skip(6).step_by(stride) {
        for second in (20..200).step_by(stride) {
            let judged = trial.crash_in_pair(first, second);
            let met = judged
                .map_err(|what| format!("seed {seed}, operations {first}, {second}: {what}"))?;
            pairs += u64::from(met);
        }
    }
    Ok(pairs)
}

/// Seeds whose workloads make many checkpoints.
fn seeds() -> impl Iterator<Item = u64> {
    let is_busy = |seed: &u64| Profile::new(*seed, Broken::default()).checkpoint_log_bytes < 90_000;
    (0..40).filter(is_busy).take(usize::try_from(from_environment("BMT_SEEDS", 5)).unwrap())
}

#[test]
fn a_process_crash_and_then_a_power_loss() {
    let pairs = seeds().map(|seed| judge_pairs(seed, Broken::default()).unwrap()).sum::<u64>();
    assert!(pairs > 100, "both crashes are met: {pairs}");
}

#[test]
fn a_manifest_that_is_not_settled_is_noticed() {
    let mut broken = Broken::default();
    broken.engine.does_not_settle = true;
    assert!(seeds().any(|seed| judge_pairs(seed, broken).is_err()), "the fault goes unnoticed");
}
