//! Random calls of the whole API against bmt-core's tries: readers, competing writers, trees of overlays,
//! rollbacks, reading at old roots, checkpoints, evictions, reopening, power losses.
//!
//! As a test it takes a sample. The long run, and one round again (`BMT_SEED` is what a failure prints):
//!
//! ```text
//! BMT_STEPS=5000000 cargo test --release -p bmt --test the_whole_api_against_reference_tries -- --nocapture
//! BMT_SEED=17 BMT_STEPS=1 cargo test -p bmt --test the_whole_api_against_reference_tries
//! ```
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod branches;
mod check;
mod ends;
mod history;
mod known;
mod races;
mod random;
mod sessions;
mod settings;
mod store;
mod world;

use random::Random;
use world::World;

/// Steps of the sample.
const SAMPLE_STEPS: u64 = 6_000;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn random_calls() {
    let steps_max = variable("BMT_STEPS").unwrap_or(SAMPLE_STEPS);
    let first = variable("BMT_SEED").unwrap_or(1);
    let (mut steps, mut round) = (0, 0);
    while steps < steps_max {
        let seed = first + round;
        // Shown when the test fails.
        println!("round BMT_SEED={seed} after {steps} steps");
        let mut world = World::new(Random::new(seed));
        steps += world.run();
        round += 1;
    }
    println!("{steps} steps in {round} rounds from BMT_SEED={first}");
}
