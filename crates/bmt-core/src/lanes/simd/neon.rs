//! The kernel in two lanes of the vector registers of AArch64 (NEON).

use crate::lanes::kernel::{Blocks, FIRST, IV, kernel, quarter_rounds, round, rounds};
use crate::scheme::Hash;
use core::arch::aarch64::*;

const LANES: usize = 2;
type Word = uint64x2_t;

kernel!(#[target_feature(enable = "neon")]);

#[target_feature(enable = "neon")]
#[inline]
fn add(a: Word, b: Word) -> Word {
    vaddq_u64(a, b)
}

#[target_feature(enable = "neon")]
#[inline]
fn xor(a: Word, b: Word) -> Word {
    veorq_u64(a, b)
}

#[target_feature(enable = "neon")]
#[inline]
fn rotate_32(a: Word) -> Word {
    vreinterpretq_u64_u32(vrev64q_u32(vreinterpretq_u32_u64(a)))
}

#[target_feature(enable = "neon")]
#[inline]
fn rotate_24(a: Word) -> Word {
    pick(a, [3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10])
}

#[target_feature(enable = "neon")]
#[inline]
fn rotate_16(a: Word) -> Word {
    pick(a, [2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9])
}

#[target_feature(enable = "neon")]
#[inline]
fn rotate_63(a: Word) -> Word {
    vsriq_n_u64::<63>(vaddq_u64(a, a), a)
}

/// The bytes of `a` at these indices.
#[target_feature(enable = "neon")]
#[inline]
fn pick(a: Word, indices: [u8; 16]) -> Word {
    vreinterpretq_u64_u8(vqtbl1q_u8(vreinterpretq_u8_u64(a), load_bytes(&indices)))
}

#[target_feature(enable = "neon")]
#[inline]
fn splat(number: u64) -> Word {
    vdupq_n_u64(number)
}

#[target_feature(enable = "neon")]
#[inline]
fn word(numbers: [u64; LANES]) -> Word {
    vcombine_u64(vcreate_u64(numbers[0]), vcreate_u64(numbers[1]))
}

#[target_feature(enable = "neon")]
#[inline]
fn load(rows: [&[u8; 64]; LANES]) -> [Word; 8] {
    let quarters = rows.map(|row| row.as_chunks::<16>().0);
    let mut words = [splat(0); 8];
    for (index, pair) in words.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        *pair = transpose(quarters.map(|row| vreinterpretq_u64_u8(load_bytes(&row[index]))));
    }
    words
}

#[target_feature(enable = "neon")]
#[inline]
fn load_bytes(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the array is the 16 bytes read; the load needs no alignment.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[target_feature(enable = "neon")]
#[inline]
fn store(words: [Word; 4], hashes: &mut [Hash; LANES]) {
    let low = transpose([words[0], words[1]]);
    let high = transpose([words[2], words[3]]);
    for (hash, halves) in hashes.iter_mut().zip(low.into_iter().zip(high)) {
        let [first, second] = hash.as_chunks_mut::<16>().0 else { continue };
        store_half(first, halves.0);
        store_half(second, halves.1);
    }
}

#[target_feature(enable = "neon")]
#[inline]
fn store_half(half: &mut [u8; 16], word: Word) {
    // SAFETY: the half is the 16 bytes written; the store needs no alignment.
    unsafe { vst1q_u8(half.as_mut_ptr(), vreinterpretq_u8_u64(word)) }
}

/// Rows to columns of a 2 by 2 matrix.
#[target_feature(enable = "neon")]
#[inline]
fn transpose(r: [Word; 2]) -> [Word; 2] {
    [vtrn1q_u64(r[0], r[1]), vtrn2q_u64(r[0], r[1])]
}
