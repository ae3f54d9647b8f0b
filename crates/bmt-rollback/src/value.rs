//! A value or its absence in a record.
//!
//! # Format
//! Version 1, `docs/format/undo.md`, "Value".

use crate::varint::{put_varint, take_varint};

/// The longest value, in bytes: 512 MiB.
pub const VALUE_BYTES_MAX: u64 = 512 << 20;

/// Appends a value, or `None`.
pub fn put_value(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => put_varint(out, 0),
        Some(value) => {
            put_varint(out, value.len() as u64 + 1);
            out.extend_from_slice(value);
        }
    }
}

/// Takes a value off the front of a record. `None` if these are not the bytes of one.
pub fn take_value<'a>(input: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let length = take_varint(input).filter(|length| *length <= VALUE_BYTES_MAX + 1)?;
    let Some(length) = usize::try_from(length).ok()?.checked_sub(1) else { return Some(None) };
    let (value, rest) = input.split_at_checked(length)?;
    *input = rest;
    Some(Some(value))
}

/// Bytes that [`put_value`] appends at most.
#[must_use]
pub fn value_len(value: Option<&[u8]>) -> usize {
    value.map_or(1, |value| value.len() + 5)
}

#[cfg(test)]
mod tests;
