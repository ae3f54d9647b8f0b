//! The mark of a failure: a file that tells the next process not to trust what it reads.
//!
//! After a failed sync the page cache may show bytes as clean that the device never got. They stay
//! until the system restarts, so a process that reopens the log would judge by them, and not write
//! again what reads as it should. The mark has to outlive the process and no more: it is not synced,
//! and a loss of power, which empties the page cache too, may take it.

use bmt_io::{Directory, IoError};

/// The mark's name. It is no segment's.
const MARK: &str = "seglog-distrust";

/// Leaves the mark, if the directory can still take it.
pub(crate) fn leave_mark(directory: &dyn Directory) {
    // It may be there already; and on a failing device this is the best that can be done.
    drop(directory.create(MARK));
}

/// Whether one of these names is the mark.
pub(crate) fn is_marked(names: &[String]) -> bool {
    names.iter().any(|name| name == MARK)
}

/// Takes the mark away, once everything was written again.
pub(crate) fn remove_mark(directory: &dyn Directory) -> Result<(), IoError> {
    directory.remove(MARK)
}
