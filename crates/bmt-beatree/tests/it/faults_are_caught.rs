//! The crash tests can fail: each deliberate fault is caught by them.

use crate::judge::Trial;
use bmt_beatree::Faults;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Whether some crash of some workload shows the fault.
fn is_caught(faults: Faults, lies: bool) -> bool {
    (0..12).any(|seed| {
        let trial = Trial { seed, faults, lies };
        // A fault may break the workload itself, by an error or by an assertion.
        let found = catch_unwind(AssertUnwindSafe(|| {
            let Ok(count) = trial.operation_count() else { return true };
            (seed..count).step_by(7).any(|number| trial.crash_at(number).is_err())
        }));
        found.unwrap_or(true)
    })
}

macro_rules! caught {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                assert!(is_caught(Faults { $name: true, ..Faults::default() }, false));
            }
        )*
    };
}

caught![no_page_sync, early_reuse, no_pins, early_replay_position, no_pages_through,];

#[test]
fn a_disk_that_lies_about_syncs() {
    assert!(is_caught(Faults::default(), true));
}
