//! The kinds of storage operation: what errors name, statistics count and the simulated disk traces.

use core::fmt;

/// A kind of storage operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Opening or making the directory itself.
    OpenDirectory,
    /// Making a file.
    Create,
    /// Opening a file that exists.
    Open,
    /// Removing a file.
    Remove,
    /// Renaming a file.
    Rename,
    /// Listing the directory.
    List,
    /// Making the directory's entries durable.
    SyncDirectory,
    /// Taking the directory's lock.
    Lock,
    /// Asking for a file's length.
    Length,
    /// Reading bytes.
    Read,
    /// Writing bytes.
    Write,
    /// Growing or cutting a file.
    SetLen,
    /// Writing zeros.
    ZeroFill,
    /// Making a file's bytes durable (`fdatasync`).
    SyncData,
    /// Setting up or running a queue.
    Queue,
}

impl Operation {
    /// Every kind, in order of declaration.
    pub const ALL: [Self; 15] = [
        Self::OpenDirectory,
        Self::Create,
        Self::Open,
        Self::Remove,
        Self::Rename,
        Self::List,
        Self::SyncDirectory,
        Self::Lock,
        Self::Length,
        Self::Read,
        Self::Write,
        Self::SetLen,
        Self::ZeroFill,
        Self::SyncData,
        Self::Queue,
    ];

    /// The kind's name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenDirectory => "open directory",
            Self::Create => "create",
            Self::Open => "open",
            Self::Remove => "remove",
            Self::Rename => "rename",
            Self::List => "list",
            Self::SyncDirectory => "sync directory",
            Self::Lock => "lock",
            Self::Length => "length",
            Self::Read => "read",
            Self::Write => "write",
            Self::SetLen => "set length",
            Self::ZeroFill => "zero fill",
            Self::SyncData => "sync data",
            Self::Queue => "queue",
        }
    }

    /// The kind's place in [`Operation::ALL`].
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::OpenDirectory => 0,
            Self::Create => 1,
            Self::Open => 2,
            Self::Remove => 3,
            Self::Rename => 4,
            Self::List => 5,
            Self::SyncDirectory => 6,
            Self::Lock => 7,
            Self::Length => 8,
            Self::Read => 9,
            Self::Write => 10,
            Self::SetLen => 11,
            Self::ZeroFill => 12,
            Self::SyncData => 13,
            Self::Queue => 14,
        }
    }

    /// Whether offset and length mean something for this kind.
    pub(crate) const fn has_range(self) -> bool {
        matches!(self, Self::Read | Self::Write | Self::SetLen | Self::ZeroFill)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
