//! What a check can find: [`Finding`].

use super::CheckPart;
use crate::error::Corruption;
use std::fmt;

/// What is wrong, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// One of the manifest's slots is damaged. The other one is in force.
    ManifestSlot,
    /// The newest manifest on disk is not the one that was stored last.
    Manifest,
    /// A segment or record of the log is damaged, missing, or contradicts the rest of the log.
    LogDamage,
    /// A record of the log is whole and is not one that could follow the one before.
    LogRecord,
    /// A page of the ordered store is damaged, lost, or out of place.
    StorePage,
    /// A page of the table is damaged, or out of place; or so is its map or its record in force.
    TablePage,
    /// A page that the stored trie names is missing, or is another one.
    TriePage,
    /// A page of the table that nothing names: it takes space and does no harm.
    LeakedPage,
    /// The stored trie and the table have not the same number of pages.
    PageCount,
    /// The trie has another hash, or another shape, than the entries give.
    Trie,
    /// The root is not the one that the commit recorded.
    Root,
    /// The entries are more, or fewer, than the commit recorded.
    KeyCount,
    /// The hash beside a value is not the value's.
    ValueHash,
}

impl FindingKind {
    /// The kind in words, for people and programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ManifestSlot => "manifest slot",
            Self::Manifest => "manifest",
            Self::LogDamage => "log damage",
            Self::LogRecord => "log record",
            Self::StorePage => "store page",
            Self::TablePage => "table page",
            Self::TriePage => "trie page",
            Self::LeakedPage => "leaked page",
            Self::PageCount => "page count",
            Self::Trie => "trie",
            Self::Root => "root",
            Self::KeyCount => "key count",
            Self::ValueHash => "value hash",
        }
    }

    /// The part of the check that finds it.
    #[must_use]
    pub fn part(self) -> CheckPart {
        match self {
            Self::ManifestSlot | Self::Manifest => CheckPart::Manifest,
            Self::LogDamage | Self::LogRecord => CheckPart::Log,
            Self::StorePage => CheckPart::OrderedStore,
            Self::TablePage | Self::TriePage | Self::LeakedPage | Self::PageCount => {
                CheckPart::Table
            }
            Self::Trie | Self::Root | Self::KeyCount | Self::ValueHash => CheckPart::Trie,
        }
    }
}

/// Something that is wrong: where, what, and what should be there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// The file's name in the database directory; of the log, "log" where no one file is to blame.
    pub file: String,
    /// Where in the file, if it is one place.
    pub offset_bytes: Option<u64>,
    /// What is wrong, in words.
    pub reason: String,
    /// What should be there, where that can be said.
    pub expected: Option<String>,
    /// What is there instead.
    pub found: Option<String>,
}

impl Finding {
    pub(super) fn new(kind: FindingKind, file: &str, reason: impl Into<String>) -> Self {
        let (file, reason) = (file.to_owned(), reason.into());
        Self { kind, file, offset_bytes: None, reason, expected: None, found: None }
    }

    pub(super) fn of_corruption(kind: FindingKind, corruption: &Corruption) -> Self {
        Self::new(kind, &corruption.file, &corruption.reason).at(corruption.offset_bytes)
    }

    pub(super) fn at(mut self, offset_bytes: u64) -> Self {
        self.offset_bytes = Some(offset_bytes);
        self
    }

    pub(super) fn instead(mut self, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        self.expected = Some(expected.to_string());
        self.found = Some(found.to_string());
        self
    }

    /// Whether another part has met the same damage.
    pub(super) fn is_of_same_damage(&self, other: &Self) -> bool {
        self.offset_bytes.is_some()
            && (&self.file, self.offset_bytes, &self.reason)
                == (&other.file, other.offset_bytes, &other.reason)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.name(), self.file)?;
        if let Some(offset_bytes) = self.offset_bytes {
            write!(f, " at byte {offset_bytes}")?;
        }
        write!(f, ": {}", self.reason)?;
        let is_said = |text: &str| self.reason.contains(text);
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) if is_said(expected) && is_said(found) => Ok(()),
            (Some(expected), Some(found)) => write!(f, " (expected {expected}, found {found})"),
            _ => Ok(()),
        }
    }
}

/// Bytes in hexadecimal.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
