//! Deliberate faults, with which tests show that the crash tests can fail.
//!
//! The struct exists in every build, so that the code under test reads the same; only tests and the
//! feature `faults` can set a field.

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident, $set:ident;)*) => {
        /// Deliberate faults, all off by default; for tests of this crate's tests.
        #[cfg(any(test, feature = "faults"))]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Faults {
            $($(#[$doc])* pub $name: bool,)*
        }

        /// No faults: every question is answered with no at compile time.
        #[cfg(not(any(test, feature = "faults")))]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub(crate) struct Faults;

        #[cfg_attr(
            not(feature = "standalone"),
            expect(dead_code, reason = "some of the faults are the store's")
        )]
        impl Faults {
            $(
                #[cfg(any(test, feature = "faults"))]
                pub(crate) const fn $set(&self) -> bool {
                    self.$name
                }

                #[cfg(not(any(test, feature = "faults")))]
                pub(crate) const fn $set(&self) -> bool {
                    false
                }
            )*
        }
    };
}

faults! {
    /// A slice ends without an `fdatasync` of its pages.
    no_page_sync, skips_page_sync;
    /// A page that a slice replaces is free at once, not when the slice is stored.
    early_reuse, reuses_early;
    /// The pages of a slice are free when it is stored, whoever still reads them.
    no_pins, ignores_pins;
    /// Checksums of pages are not compared.
    no_checksum, ignores_checksum;
    /// The first slice of a checkpoint moves the replay position, not the last.
    early_replay_position, moves_replay_early;
    /// A checkpoint does not say how far the pages go.
    no_pages_through, forgets_pages_through;
    /// The frozen runs are dropped with the first slice.
    early_drop, drops_runs_early;
    /// The thread that writes checkpoints panics.
    checkpoint_panic, panics_in_checkpoint;
}
