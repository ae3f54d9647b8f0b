//! The checksum of every page, record and slot: XXH3-64.

use twox_hash::XxHash3_64;

/// XXH3-64 of `bytes` with `seed`.
///
/// It finds damage, not malice: whoever knows the seed can forge it. Choose a random seed for bytes
/// that a user controls, so that they cannot contain a valid record by chance or by design.
///
/// Source: the XXH3 specification of the xxHash project, as implemented by `twox-hash`.
#[must_use]
pub fn checksum(seed: u64, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(seed, bytes)
}

#[cfg(test)]
mod tests;
