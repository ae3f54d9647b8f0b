//! The Gray Paper's variable-length encoding of naturals below 2^64.

use alloc::vec::Vec;

/// Appends `number` in one to nine bytes: leading ones of the first byte count the bytes after it,
/// which are little-endian.
pub(super) fn push(bytes: &mut Vec<u8>, number: u64) {
    let extra = extra_bytes(number);
    let little_endian = number.to_le_bytes();
    if extra == 8 {
        bytes.push(0xff);
        return bytes.extend_from_slice(&little_endian);
    }
    let ones = u8::try_from(0xff00_u32 >> extra & 0xff).unwrap_or_default();
    bytes.push(ones | little_endian[extra]);
    bytes.extend_from_slice(&little_endian[..extra]);
}

/// How many bytes [`push`] writes.
pub(super) fn size(number: u64) -> usize {
    1 + extra_bytes(number)
}

fn extra_bytes(number: u64) -> usize {
    (0..8).find(|extra| number >> (7 * (extra + 1)) == 0).unwrap_or(8)
}

/// Why some bytes do not begin with a natural.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Early,
    NotShortest,
}

/// The number at the start of `bytes`, and how many bytes it takes.
pub(super) fn read(bytes: &[u8]) -> Result<(u64, usize), Fault> {
    let (first, rest) = bytes.split_first().ok_or(Fault::Early)?;
    let extra = first.leading_ones() as usize;
    let mut little_endian = [0; 8];
    let source = rest.get(..extra).ok_or(Fault::Early)?;
    little_endian.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
    if let Some(highest) = little_endian.get_mut(extra) {
        *highest = first & (0x7f >> extra);
    }
    let number = u64::from_le_bytes(little_endian);
    if extra_bytes(number) != extra {
        return Err(Fault::NotShortest);
    }
    Ok((number, 1 + extra))
}
