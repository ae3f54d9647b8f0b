//! Two lanes in 128-bit registers (SSE4.1).

use crate::lanes::kernel::{Blocks, FIRST, IV, kernel, quarter_rounds, round, rounds};
use crate::scheme::Hash;
use core::arch::x86_64::*;

const LANES: usize = 2;
type Word = __m128i;

kernel!(#[target_feature(enable = "sse4.1")]);

#[target_feature(enable = "sse4.1")]
#[inline]
fn add(a: Word, b: Word) -> Word {
    _mm_add_epi64(a, b)
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn xor(a: Word, b: Word) -> Word {
    _mm_xor_si128(a, b)
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn rotate_32(a: Word) -> Word {
    _mm_shuffle_epi32::<0b10_11_00_01>(a)
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn rotate_24(a: Word) -> Word {
    let from = _mm_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
    _mm_shuffle_epi8(a, from)
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn rotate_16(a: Word) -> Word {
    let from = _mm_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
    _mm_shuffle_epi8(a, from)
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn rotate_63(a: Word) -> Word {
    _mm_or_si128(_mm_srli_epi64::<63>(a), _mm_add_epi64(a, a))
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn splat(number: u64) -> Word {
    _mm_set1_epi64x(number.cast_signed())
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn word(numbers: [u64; LANES]) -> Word {
    _mm_set_epi64x(numbers[1].cast_signed(), numbers[0].cast_signed())
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn load(rows: [&[u8; 64]; LANES]) -> [Word; 8] {
    let quarters = rows.map(|row| row.as_chunks::<16>().0);
    let mut words = [_mm_setzero_si128(); 8];
    for (index, pair) in words.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        *pair = transpose(quarters.map(|quarter| load_quarter(&quarter[index])));
    }
    words
}

#[target_feature(enable = "sse4.1")]
#[inline]
fn load_quarter(quarter: &[u8; 16]) -> Word {
    // SAFETY: the quarter row is the 16 bytes read; the load needs no alignment.
    unsafe { _mm_loadu_si128(quarter.as_ptr().cast()) }
}

#[target_feature(enable = "sse4.1")]
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

#[target_feature(enable = "sse4.1")]
#[inline]
fn store_half(half: &mut [u8; 16], word: Word) {
    // SAFETY: the half is the 16 bytes written; the store needs no alignment.
    unsafe { _mm_storeu_si128(half.as_mut_ptr().cast(), word) }
}

/// Rows to columns of a 2 by 2 matrix.
#[target_feature(enable = "sse4.1")]
#[inline]
fn transpose(r: [Word; 2]) -> [Word; 2] {
    [_mm_unpacklo_epi64(r[0], r[1]), _mm_unpackhi_epi64(r[0], r[1])]
}
