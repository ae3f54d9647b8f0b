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
    /// A batch goes without its `fdatasync`.
    no_switch_sync, skips_switch_sync;
    /// A new table's file goes without its `fdatasync`.
    no_creation_sync, skips_creation_sync;
    /// A new table's name goes without a sync of the directory.
    no_directory_sync, skips_directory_sync;
    /// The meta map is written before the manifest.
    early_map, writes_map_early;
    /// Recovery does not write the record's pages to the map again.
    no_settling_after_recovery, skips_settling_after_recovery;
    /// An image goes to the live bucket of the page that it replaces.
    live_bucket, overwrites_live_buckets;
    /// The buckets that a batch replaces are free for the same batch.
    early_reuse, reuses_buckets_early;
    /// Replaced buckets are free although a pin needs them.
    no_pins, ignores_pins;
    /// Checksums and digests are not compared.
    no_checksum, ignores_checksums;
    /// Recovery applies the newest whole record, whatever the name says.
    stale_record, applies_any_record;
    /// Both records go to the same area.
    one_area, uses_one_area;
    /// A copied page goes live although it was replaced in the meantime.
    stale_copies, keeps_stale_copies;
}
