//! Keys, values, roots and proofs given in hexadecimal.

use bmt::{Hash, Key, StateKey};
use std::ops::RangeInclusive;

/// Why a text on the command line is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HexError {
    #[error(
        "{what} `{shown}`: no hexadecimal digit at position {position}{}",
        if *.prefixed { "; it is written without 0x" } else { "" }
    )]
    NotHex { what: &'static str, shown: String, position: usize, prefixed: bool },
    #[error("{what} `{shown}`: an odd number of digits, {digits}")]
    OddDigits { what: &'static str, shown: String, digits: usize },
    #[error("{what} `{shown}`: {found} digits, expected {expected}")]
    Length { what: &'static str, shown: String, expected: &'static str, found: usize },
    #[error(
        "key `{shown}`: the last byte of a 64-digit key must be zero; --truncate-keys cuts it off"
    )]
    LastByteNotZero { shown: String },
}

/// A key: 62 digits; 64 when the last byte is zero or `truncate` cuts it off.
pub(crate) fn key(text: &str, truncate: bool) -> Result<StateKey, HexError> {
    let bytes = bytes("key", text)?;
    if let Ok(long) = <[u8; 32]>::try_from(bytes.as_slice()) {
        return match truncate {
            true => Ok(StateKey::truncate(long)),
            false => StateKey::try_from(long)
                .map_err(|_| HexError::LastByteNotZero { shown: shown(text) }),
        };
    }
    StateKey::from_slice(&bytes).map_err(|_| length("key", text, "62"))
}

/// A value: any even number of digits.
pub(crate) fn value(text: &str) -> Result<Vec<u8>, HexError> {
    bytes("value", text)
}

/// A root: 64 digits.
pub(crate) fn root(text: &str) -> Result<Hash, HexError> {
    Hash::try_from(bytes("root", text)?).map_err(|_| length("root", text, "64"))
}

/// An encoded proof: any even number of digits.
pub(crate) fn proof(text: &str) -> Result<Vec<u8>, HexError> {
    bytes("proof", text)
}

/// All keys that begin with the given bytes, 0 to 31 of them.
pub(crate) fn prefix(text: &str) -> Result<RangeInclusive<StateKey>, HexError> {
    let bytes = bytes("prefix", text)?;
    let (mut least, mut greatest) = (StateKey::MIN.to_bytes(), StateKey::MAX.to_bytes());
    for end in [&mut least, &mut greatest] {
        let first = end.get_mut(..bytes.len()).ok_or_else(|| length("prefix", text, "0 to 62"))?;
        first.copy_from_slice(&bytes);
    }
    Ok(StateKey::new(least)..=StateKey::new(greatest))
}

fn bytes(what: &'static str, text: &str) -> Result<Vec<u8>, HexError> {
    let not_hex = |position| {
        let prefixed = text.starts_with("0x") || text.starts_with("0X");
        HexError::NotHex { what, shown: shown(text), position, prefixed }
    };
    if let Some(position) = text.chars().position(|c| !c.is_ascii_hexdigit()) {
        return Err(not_hex(position));
    }
    if !text.len().is_multiple_of(2) {
        return Err(HexError::OddDigits { what, shown: shown(text), digits: text.len() });
    }
    hex::decode(text).map_err(|_| not_hex(0))
}

fn length(what: &'static str, text: &str, expected: &'static str) -> HexError {
    HexError::Length { what, shown: shown(text), expected, found: text.len() }
}

/// The text, cut to what a message can hold.
fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 72;
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
