//! The kernel over plain `[u64; LANES]`: one lane, and two for the compiler to vectorise.

#![expect(clippy::inline_always, reason = "the rounds must not become calls")]

use super::kernel::{Blocks, FIRST, IV, kernel, quarter_rounds, round, rounds};
use crate::scheme::Hash;

macro_rules! width {
    ($name:ident, $lanes:literal) => {
        pub(super) mod $name {
            use super::*;

            const LANES: usize = $lanes;
            type Word = [u64; LANES];

            kernel!();
        }
    };
}

width!(one, 1);
#[cfg(any(
    test,
    not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))
))]
width!(two, 2);

#[inline(always)]
fn add<const LANES: usize>(mut a: [u64; LANES], b: [u64; LANES]) -> [u64; LANES] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a = a.wrapping_add(b));
    a
}

#[inline(always)]
fn xor<const LANES: usize>(mut a: [u64; LANES], b: [u64; LANES]) -> [u64; LANES] {
    a.iter_mut().zip(b).for_each(|(a, b)| *a ^= b);
    a
}

#[inline(always)]
fn rotate_32<const LANES: usize>(a: [u64; LANES]) -> [u64; LANES] {
    a.map(|a| a.rotate_right(32))
}

#[inline(always)]
fn rotate_24<const LANES: usize>(a: [u64; LANES]) -> [u64; LANES] {
    a.map(|a| a.rotate_right(24))
}

#[inline(always)]
fn rotate_16<const LANES: usize>(a: [u64; LANES]) -> [u64; LANES] {
    a.map(|a| a.rotate_right(16))
}

#[inline(always)]
fn rotate_63<const LANES: usize>(a: [u64; LANES]) -> [u64; LANES] {
    a.map(|a| a.rotate_right(63))
}

#[inline(always)]
fn splat<const LANES: usize>(number: u64) -> [u64; LANES] {
    [number; LANES]
}

#[inline(always)]
fn word<const LANES: usize>(numbers: [u64; LANES]) -> [u64; LANES] {
    numbers
}

#[inline(always)]
fn load<const LANES: usize>(rows: [&[u8; 64]; LANES]) -> [[u64; LANES]; 8] {
    core::array::from_fn(|index| rows.map(|row| u64::from_le_bytes(row.as_chunks::<8>().0[index])))
}

#[inline(always)]
fn store<const LANES: usize>(words: [[u64; LANES]; 4], hashes: &mut [Hash; LANES]) {
    for (lane, hash) in hashes.iter_mut().enumerate() {
        for (bytes, word) in hash.as_chunks_mut::<8>().0.iter_mut().zip(words) {
            *bytes = word[lane].to_le_bytes();
        }
    }
}
