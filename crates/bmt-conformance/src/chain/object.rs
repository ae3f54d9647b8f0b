//! Reading one line's JSON object; what is wrong with it is told in a few words, however long it is.

use super::error::ChainFault;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};

/// Characters that a message repeats of what is in a file.
const SHOWN_CHARACTERS_MAX: usize = 160;

/// Reads a line that is one object, and nothing else: serde would take an array of its values too.
pub(super) fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, ChainFault> {
    let parsed = serde_json::from_slice(line).map_err(|error| fault(&error))?;
    match line.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(parsed),
        _ => Err(ChainFault::Json { message: "an array".to_owned() }),
    }
}

fn fault(error: &serde_json::Error) -> ChainFault {
    let (text, column) = (error.to_string(), error.column());
    // The line within the line is always 1, and would be taken for that of the file.
    let place = format!(" at line {} column {column}", error.line());
    let what = shown(text.strip_suffix(&place).unwrap_or(&text));
    ChainFault::Json { message: format!("{what} at column {column}") }
}

/// A field that may be left out; `null` is not the same as that.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A text from the file, cut to what a message can hold.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
