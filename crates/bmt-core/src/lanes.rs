//! Blake2b-256 of many short messages at once, one message a SIMD lane.
//!
//! A trie node is one 64-byte block under constant parameters, so eight nodes (AVX-512), four
//! (AVX2) or two (SSE4.1, NEON) go through the compression function side by side, and half of the
//! message words, which are zero, are never added. Values of at most 128 bytes are one block too,
//! each lane with a length of its own. The best backend of the machine is found at run time with the
//! feature `std`, from the target features of the build without it.
//!
//! Source: RFC 7693, unkeyed, sequential, 32 bytes of output.

mod backend;
mod kernel;
mod portable;
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
mod simd;
mod values;

pub use backend::Backend;
pub use values::{hash_values_many, hash_values_many_with};

use crate::scheme::Hash;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};

/// Hashes each 64-byte preimage into the place of the same index, on [`Backend::best`].
///
/// ```
/// use bmt_core::lanes::{Backend, hash64_many, hash64_many_with};
///
/// let preimages = [[7; 64]; 11];
/// let (mut fast, mut plain) = ([[0; 32]; 11], [[0; 32]; 11]);
/// hash64_many(&preimages, &mut fast);
/// hash64_many_with(Backend::Scalar, &preimages, &mut plain);
/// assert_eq!(fast, plain);
/// ```
///
/// # Panics
/// When the slices differ in length.
pub fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
    run(Backend::best(), preimages, hashes);
}

/// As [`hash64_many`] on a backend of one's choice, for tests and measurements.
///
/// # Panics
/// When the slices differ in length, and when this machine lacks the backend.
pub fn hash64_many_with(backend: Backend, preimages: &[[u8; 64]], hashes: &mut [Hash]) {
    backend.assert_available();
    run(backend, preimages, hashes);
}

/// Blake2b-256 of a message of any length, by the `blake2` crate.
#[must_use]
pub fn hash_one(message: &[u8]) -> Hash {
    Blake2b::<U32>::digest(message).into()
}

/// The backend must be available.
fn run(backend: Backend, preimages: &[[u8; 64]], hashes: &mut [Hash]) {
    assert_eq!(preimages.len(), hashes.len(), "one place for each hash");
    match backend {
        Backend::Scalar => {
            preimages.iter().zip(hashes).for_each(|(node, hash)| *hash = hash_one(node));
        }
        Backend::Lanes1 => each(preimages, hashes),
        Backend::Lanes2 => in_groups(preimages, hashes, two_lanes),
        #[cfg(target_arch = "x86_64")]
        Backend::Lanes4 => in_groups(preimages, hashes, simd::four_lanes),
        #[cfg(target_arch = "x86_64")]
        Backend::Lanes8 => {
            let (nodes, node_tail) = preimages.as_chunks::<8>();
            let (places, place_tail) = hashes.as_chunks_mut::<8>();
            simd::eight_lanes(nodes, places);
            // Half a group costs four lanes less than half of what a whole one does.
            match node_tail.len() {
                0..=4 => in_groups(node_tail, place_tail, simd::four_lanes),
                _ => padded(node_tail, place_tail, simd::eight_lanes),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        Backend::Lanes4 | Backend::Lanes8 => each(preimages, hashes),
    }
}

#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", target_endian = "little")
)))]
use portable::two::{hash_blocks as two_blocks, hash64 as two_lanes};
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
use simd::{two_blocks, two_lanes};

/// One after another, through the same kernel.
fn each(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
    portable::one::hash64(preimages.as_chunks().0, hashes.as_chunks_mut().0);
}

/// Whole groups, then the rest: a lone node by itself, more in a padded group.
fn in_groups<const LANES: usize>(
    preimages: &[[u8; 64]],
    hashes: &mut [Hash],
    groups: impl Fn(&[[[u8; 64]; LANES]], &mut [[Hash; LANES]]),
) {
    let (nodes, node_tail) = preimages.as_chunks::<LANES>();
    let (places, place_tail) = hashes.as_chunks_mut::<LANES>();
    groups(nodes, places);
    match node_tail.len() {
        0 => {}
        1 => each(node_tail, place_tail),
        _ => padded(node_tail, place_tail, groups),
    }
}

/// One group, filled up with zeros.
fn padded<const LANES: usize>(
    preimages: &[[u8; 64]],
    hashes: &mut [Hash],
    groups: impl Fn(&[[[u8; 64]; LANES]], &mut [[Hash; LANES]]),
) {
    let mut nodes = [[[0; 64]; LANES]];
    let mut places = [[[0; 32]; LANES]];
    nodes[0][..preimages.len()].copy_from_slice(preimages);
    groups(&nodes, &mut places);
    hashes.copy_from_slice(&places[0][..hashes.len()]);
}

#[cfg(test)]
mod tests;
