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
    /// A commit returns without its `fdatasync`.
    no_commit_sync, skips_commit_sync;
    /// Recovery publishes what it read without an `fdatasync`.
    no_recovery_sync, skips_recovery_sync;
    /// A prepared segment is used without an `fdatasync` of its zeros.
    no_preparation_sync, skips_preparation_sync;
    /// Directory changes are not synced.
    no_directory_sync, skips_directory_sync;
    /// Checksums are not compared.
    no_checksum, ignores_checksum;
    /// Checksums are seeded with zero whatever the salt.
    no_salt, ignores_salt;
    /// Recovery leaves what lies past the tail.
    no_tail_zeroing, skips_tail_zeroing;
    /// A cut goes without its record.
    no_cut_record, skips_cut_record;
    /// The chain value of the predecessor is not compared.
    no_chain, ignores_chain;
    /// What later headers say of the durable point is ignored.
    no_evidence, ignores_evidence;
}

impl Faults {
    /// The seed of every checksum.
    pub(crate) const fn seed(&self, salt: u64) -> u64 {
        if self.ignores_salt() { 0 } else { salt }
    }
}
