//! Values of many lengths at once: one block a lane where a value is no longer than a block.

use super::kernel::Blocks;
use super::{Backend, hash_one, portable, two_blocks};
use crate::scheme::Hash;

/// Values up to this length, one block of Blake2b, share a group; longer ones are hashed alone.
const BLOCK: usize = 128;

/// Blake2b-256 of each value into the place of the same index, on [`Backend::best`].
///
/// Values of at most 128 bytes go through the lanes together, whatever their lengths, and those of
/// at most 64 at the price of a node if no longer one shares their group. Longer values are hashed
/// one by one.
///
/// # Panics
/// When the slices differ in length.
pub fn hash_values_many(values: &[&[u8]], hashes: &mut [Hash]) {
    run(Backend::best(), values, hashes);
}

/// As [`hash_values_many`] on a backend of one's choice, for tests and measurements.
///
/// # Panics
/// When the slices differ in length, and when this machine lacks the backend.
pub fn hash_values_many_with(backend: Backend, values: &[&[u8]], hashes: &mut [Hash]) {
    backend.assert_available();
    run(backend, values, hashes);
}

/// The backend must be available.
fn run(backend: Backend, values: &[&[u8]], hashes: &mut [Hash]) {
    assert_eq!(values.len(), hashes.len(), "one place for each hash");
    match backend {
        Backend::Scalar => {
            values.iter().zip(hashes).for_each(|(value, hash)| *hash = hash_one(value));
        }
        Backend::Lanes1 => in_groups(values, hashes, portable::one::hash_blocks),
        Backend::Lanes2 => in_groups(values, hashes, two_blocks),
        #[cfg(target_arch = "x86_64")]
        Backend::Lanes4 => in_groups(values, hashes, super::simd::four_blocks),
        #[cfg(target_arch = "x86_64")]
        Backend::Lanes8 => in_groups(values, hashes, super::simd::eight_blocks),
        #[cfg(not(target_arch = "x86_64"))]
        Backend::Lanes4 | Backend::Lanes8 => in_groups(values, hashes, two_blocks),
    }
}

/// Gathers values of one block until a group is full; the last group is padded.
fn in_groups<const LANES: usize>(
    values: &[&[u8]],
    hashes: &mut [Hash],
    group: impl Fn(&Blocks<LANES>, &mut [Hash; LANES]),
) {
    let mut lane = 0;
    let mut indices = [0; LANES];
    for (index, value) in values.iter().enumerate() {
        if value.len() > BLOCK {
            hashes[index] = hash_one(value);
            continue;
        }
        indices[lane] = index;
        lane += 1;
        if lane == LANES {
            hash_group(values, &indices, hashes, &group);
            lane = 0;
        }
    }
    match &indices[..lane] {
        [] => {}
        [index] => hashes[*index] = hash_one(values[*index]),
        rest => hash_group(values, rest, hashes, &group),
    }
}

/// Hashes the values at `indices`, at most `LANES` of them.
fn hash_group<const LANES: usize>(
    values: &[&[u8]],
    indices: &[usize],
    hashes: &mut [Hash],
    group: impl Fn(&Blocks<LANES>, &mut [Hash; LANES]),
) {
    let mut blocks = Blocks { bytes: [[[0; 64]; 2]; LANES], lengths: [0; LANES] };
    let lanes = blocks.bytes.iter_mut().zip(&mut blocks.lengths);
    for (&index, (bytes, length)) in indices.iter().zip(lanes) {
        let value = values[index];
        bytes.as_flattened_mut()[..value.len()].copy_from_slice(value);
        *length = value.len() as u64;
    }
    let mut places = [[0; 32]; LANES];
    group(&blocks, &mut places);
    indices.iter().zip(places).for_each(|(&index, hash)| hashes[index] = hash);
}
