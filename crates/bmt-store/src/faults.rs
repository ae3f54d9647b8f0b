//! Deliberate faults in commit, checkpoint and recovery, for tests that must notice them.

/// Which rules are broken; none by default.
#[cfg(feature = "faults")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Faults {
    /// A checkpoint does not sync the log before its manifests.
    pub checkpoint_overtakes_log: bool,
    /// The replay position moves with the first slice instead of the last.
    pub moves_replay_early: bool,
    /// The frozen changes are dropped with the first slice instead of the last.
    pub drops_runs_early: bool,
    /// Slices do not say how new their pages may be.
    pub forgets_pages_through: bool,
    /// The table's batch takes effect before the manifest that names it.
    pub switches_before_manifest: bool,
    /// The last manifest names the table's batch before.
    pub stale_switch: bool,
    /// Merkle pages count as stored before the manifest.
    pub sets_location_early: bool,
    /// Only the last slice has a manifest: the others' replaced pages are reused before one.
    pub skips_slice_manifests: bool,
    /// Step ids begin anew with each opening.
    pub reuses_step_ids: bool,
    /// The log is pruned past the replay position.
    pub prunes_too_far: bool,
    /// The log is pruned before the manifest is stored.
    pub prunes_early: bool,
    /// Recovery does not make the manifest that it loaded durable.
    pub does_not_settle: bool,
    /// Recovery compares no root.
    pub ignores_roots: bool,
    /// A commit is published before it is durable.
    pub publishes_early: bool,
    /// A commit is not synced.
    pub commit_without_sync: bool,
    /// Recovery forgets the undoable commits of the manifest.
    pub forgets_window: bool,
    /// A failed commit is tried again.
    pub ignores_poison: bool,
    /// Deleted merkle pages are not deleted from the table.
    pub leaks_pages: bool,
}

/// No fault, in builds without them: constants that the compiler removes.
#[cfg(not(feature = "faults"))]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faults;

macro_rules! faults {
    ($($name:ident),* $(,)?) => {
        impl Faults {
            $(
                #[cfg(feature = "faults")]
                pub(crate) fn $name(self) -> bool {
                    self.$name
                }

                #[cfg(not(feature = "faults"))]
                pub(crate) fn $name(self) -> bool {
                    false
                }
            )*
        }
    };
}

faults!(
    checkpoint_overtakes_log,
    moves_replay_early,
    drops_runs_early,
    forgets_pages_through,
    switches_before_manifest,
    stale_switch,
    sets_location_early,
    skips_slice_manifests,
    reuses_step_ids,
    prunes_too_far,
    prunes_early,
    does_not_settle,
    ignores_roots,
    publishes_early,
    commit_without_sync,
    forgets_window,
    ignores_poison,
    leaks_pages,
);
