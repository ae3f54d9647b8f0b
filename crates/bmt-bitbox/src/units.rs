//! Conversions between the widths of numbers, where limits make them certain.

/// A count or index that limits keep within a `usize`.
///
/// # Panics
/// When it does not fit, which no supported target can reach with the limits of this crate.
#[track_caller]
pub(crate) fn to_usize(number: u64) -> usize {
    let Ok(number) = usize::try_from(number) else {
        unreachable!("limits keep numbers within a usize, found {number}")
    };
    number
}

/// A bucket or page number as an index.
pub(crate) fn index(number: u32) -> usize {
    to_usize(u64::from(number))
}

/// A length in memory.
pub(crate) fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// A number that limits keep within 32 bits.
///
/// # Panics
/// When it does not fit, which the limit on buckets rules out.
#[track_caller]
pub(crate) fn to_u32(number: u64) -> u32 {
    let Ok(number) = u32::try_from(number) else {
        unreachable!("limits keep buckets within 32 bits, found {number}")
    };
    number
}
