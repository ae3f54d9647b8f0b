//! What can be made to go wrong on a simulated disk, and when; and the trace of what went on.

use crate::operation::Operation;

/// Which operation a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The operation with this number, counted over all kinds from zero
    /// ([`crate::SimDisk::operation_count`] is the next one's).
    Number(u64),
    /// The operation of this kind with this number, counted over its kind from zero.
    Kind(Operation, u64),
}

/// What goes wrong with an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An input/output error. A write may have been done in part. After a failed sync each sector
    /// of an un-synced write is durable or will never be, though reads go on showing it.
    Error,
    /// [`crate::IoError::NoSpace`]; a write may have been done in part.
    NoSpace,
    /// A read finds the file ended ([`crate::IoError::UnexpectedEnd`]).
    ShortRead,
    /// One bit of what is read is wrong, and the read succeeds.
    CorruptRead,
    /// A write succeeds and changes nothing; a sync succeeds and makes nothing durable.
    Ignored,
    /// The disk crashes in the middle: the operation may take effect, in part, or not at all.
    Crash,
}

/// How an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It succeeded.
    Done,
    /// It failed, by a fault or for a reason of its own.
    Failed,
    /// The disk crashed in it.
    Crashed,
}

/// One operation in the trace of a simulated disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceEntry {
    /// The operation's number over all kinds, from zero.
    pub number: u64,
    /// What was done.
    pub operation: Operation,
    /// The file's name, or the directory's.
    pub file: String,
    /// First byte of the range; the new length for [`Operation::SetLen`].
    pub offset_bytes: u64,
    /// Length of the range.
    pub len_bytes: u64,
    /// How it ended.
    pub outcome: Outcome,
}

/// How an operation is to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Normal,
    Crash,
    Fault(Fault),
}
