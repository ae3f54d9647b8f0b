//! What an inspection tells, piece by piece: [`Item`].

use std::fmt;

/// What a piece of a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemKind {
    /// One of the manifest's two slots.
    ManifestSlot,
    /// The manifest that is in force: the newest valid slot.
    Manifest,
    /// A segment file of the log.
    LogSegment,
    /// A record of the log, or a part of one.
    LogRecord,
    /// Whether an opening would accept the log.
    LogVerdict,
    /// The page file of the ordered store.
    TreeFile,
    /// A page of it.
    TreePage,
    /// How many pages of it are of which kind, in use or not.
    TreePages,
    /// Whether an opening would accept the ordered store.
    TreeVerdict,
    /// A file of the table of the trie's pages.
    TableFile,
    /// A switch record of it.
    TableRecord,
    /// A page of its map.
    TableMap,
    /// A page of the trie.
    TablePage,
    /// Whether an opening would accept the table.
    TableVerdict,
    /// A file that is none of a database.
    OtherFile,
}

impl ItemKind {
    /// The kind in words, for people and programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ManifestSlot => "manifest slot",
            Self::Manifest => "manifest",
            Self::LogSegment => "log segment",
            Self::LogRecord => "log record",
            Self::LogVerdict => "log verdict",
            Self::TreeFile => "store file",
            Self::TreePage => "store page",
            Self::TreePages => "store pages",
            Self::TreeVerdict => "store verdict",
            Self::TableFile => "table file",
            Self::TableRecord => "table record",
            Self::TableMap => "table map",
            Self::TablePage => "table page",
            Self::TableVerdict => "table verdict",
            Self::OtherFile => "other file",
        }
    }
}

/// How a piece of a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemState {
    /// As it should be.
    Valid,
    /// Nothing was written there, or nothing that counts.
    Unused(String),
    /// Not as it should be: why.
    Damaged(String),
    /// Of a format version, or with features, that this build does not know.
    Unsupported(String),
    /// The system would not read it: what it says.
    Unreadable(String),
}

impl ItemState {
    /// The state in a word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Unused(_) => "unused",
            Self::Damaged(_) => "damaged",
            Self::Unsupported(_) => "unsupported",
            Self::Unreadable(_) => "unreadable",
        }
    }

    /// More about it.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Valid => None,
            Self::Unused(reason)
            | Self::Damaged(reason)
            | Self::Unsupported(reason)
            | Self::Unreadable(reason) => Some(reason),
        }
    }
}

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Field {
    /// A number.
    Number(u64),
    /// A hash or the like.
    Hash([u8; 32]),
    /// A word.
    Text(String),
}

impl From<u64> for Field {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Field {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<[u8; 32]> for Field {
    fn from(hash: [u8; 32]) -> Self {
        Self::Hash(hash)
    }
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Hash(hash) => hash.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// One piece of a file: where it is, what it is, how it is, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// The file's name in the database directory.
    pub file: String,
    /// Where in the file.
    pub offset_bytes: u64,
    /// What it is.
    pub kind: ItemKind,
    /// How it is.
    pub state: ItemState,
    /// What it says.
    pub fields: Vec<(&'static str, Field)>,
}

impl Item {
    /// A valid item without fields.
    pub(super) fn new(file: &str, offset_bytes: u64, kind: ItemKind) -> Self {
        let state = ItemState::Valid;
        Self { file: file.to_owned(), offset_bytes, kind, state, fields: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, field: impl Into<Field>) -> Self {
        self.fields.push((name, field.into()));
        self
    }

    pub(super) fn in_state(mut self, state: ItemState) -> Self {
        self.state = state;
        self
    }

    pub(super) fn damaged(self, reason: impl Into<String>) -> Self {
        self.in_state(ItemState::Damaged(reason.into()))
    }

    pub(super) fn unused(self, reason: impl Into<String>) -> Self {
        self.in_state(ItemState::Unused(reason.into()))
    }

    pub(super) fn unreadable(self, error: &dyn std::error::Error) -> Self {
        self.in_state(ItemState::Unreadable(error.to_string()))
    }

    /// Whether it is neither as it should be nor unused.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        !matches!(self.state, ItemState::Valid | ItemState::Unused(_))
    }

    /// The number in the field of this name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        self.fields.iter().find_map(|(field, value)| match value {
            Field::Number(number) if *field == name => Some(*number),
            _ => None,
        })
    }
}

/// As a line: file, offset, kind, state, fields.
impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, state) = (self.kind.name(), self.state.name());
        write!(f, "{} {} {kind}: {state}", self.file, self.offset_bytes)?;
        if let Some(reason) = self.state.reason() {
            write!(f, " ({reason})")?;
        }
        self.fields.iter().try_for_each(|(name, field)| write!(f, ", {name} {field}"))
    }
}
