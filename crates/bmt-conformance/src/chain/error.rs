//! What can be wrong with a chain file: every error names the file and the line.

use bmt_core::{Hash, StateKey};
use std::fmt;
use std::sync::Arc;

/// A fault of a chain file, or of what runs it, at one line.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line_number}: {fault}")]
pub struct ChainError {
    /// The file, as it was named to the reader.
    pub file: Arc<str>,
    /// The line, the first being 1.
    pub line_number: usize,
    /// What is wrong there.
    #[source]
    pub fault: ChainFault,
}

/// What is wrong at a line.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// The line could not be read.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The line is longer than any that is accepted.
    #[error("the line is longer than {limit_bytes} bytes")]
    LineTooLong {
        /// Bytes a line may have.
        limit_bytes: usize,
    },
    /// There is no first line.
    #[error("the file is empty; its first line names `source` and `gp`")]
    Empty,
    /// The line is not the JSON object that is expected there; a field given twice is this too.
    #[error("not the expected object: {message}")]
    Json {
        /// What the parser says, with the column.
        message: String,
    },
    /// Some text is not hexadecimal.
    #[error("{field} `{text}` is not hexadecimal")]
    NotHex {
        /// The field it stands in.
        field: &'static str,
        /// The text, or its beginning.
        text: String,
    },
    /// A root does not have 32 bytes.
    #[error("{field} has {found} bytes, a root has 32")]
    RootLength {
        /// The field it stands in.
        field: &'static str,
        /// Bytes it has.
        found: usize,
    },
    /// A key has a wrong number of bytes.
    #[error(
        "key `{key}` has {found} bytes, a key has 31{}",
        if *.found == 32 { "; 32-byte keys are read with --truncate-keys" } else { "" }
    )]
    KeyLength {
        /// The key, in hexadecimal, or its beginning.
        key: String,
        /// Bytes it has.
        found: usize,
    },
    /// A key stands twice in the line: twice in `set`, or twice in `del`.
    #[error("key {key} is given twice in `{field}`")]
    DuplicateKey {
        /// The key.
        key: StateKey,
        /// `set` or `del`.
        field: &'static str,
    },
    /// Two keys of 32 bytes are equal once their last byte is cut off.
    #[error("keys {first} and {second} are equal when cut to 31 bytes")]
    EqualWhenCut {
        /// One of them, in hexadecimal.
        first: String,
        /// The other, in hexadecimal.
        second: String,
    },
    /// A key stands in `set` and in `del`.
    #[error("key {key} is both set and deleted")]
    SetAndDeleted {
        /// The key.
        key: StateKey,
    },
    /// A line without `parent` has no `set`, so it says nothing.
    #[error("neither `parent` nor `set` is given")]
    NoChange,
    /// A line without `parent` deletes keys.
    #[error("`del` is given without `parent`: a whole state has nothing to delete from")]
    DeleteWithoutParent,
    /// No earlier line of the file has this root.
    #[error("parent {} is the root of no earlier line", Hex(.parent))]
    UnknownParent {
        /// The root that is asked for.
        parent: Hash,
    },
    /// The state has another root than the line says.
    #[error("root is {}, expected {}", Hex(.found), Hex(.expected))]
    WrongRoot {
        /// The line's root.
        expected: Hash,
        /// The computed root.
        found: Hash,
    },
}

/// Shows bytes in hexadecimal.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
