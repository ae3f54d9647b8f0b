//! Eight lanes in 512-bit registers (AVX-512F).

use crate::lanes::kernel::{Blocks, FIRST, IV, kernel, quarter_rounds, round, rounds};
use crate::scheme::Hash;
use core::arch::x86_64::*;

const LANES: usize = 8;
type Word = __m512i;

kernel!(#[target_feature(enable = "avx512f")]);

#[target_feature(enable = "avx512f")]
#[inline]
fn add(a: Word, b: Word) -> Word {
    _mm512_add_epi64(a, b)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn xor(a: Word, b: Word) -> Word {
    _mm512_xor_si512(a, b)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn rotate_32(a: Word) -> Word {
    _mm512_ror_epi64::<32>(a)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn rotate_24(a: Word) -> Word {
    _mm512_ror_epi64::<24>(a)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn rotate_16(a: Word) -> Word {
    _mm512_ror_epi64::<16>(a)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn rotate_63(a: Word) -> Word {
    _mm512_ror_epi64::<63>(a)
}

#[target_feature(enable = "avx512f")]
#[inline]
fn splat(number: u64) -> Word {
    _mm512_set1_epi64(number.cast_signed())
}

#[target_feature(enable = "avx512f")]
#[inline]
fn word(numbers: [u64; LANES]) -> Word {
    // SAFETY: the array is the 64 bytes read; the load needs no alignment.
    unsafe { _mm512_loadu_si512(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx512f")]
#[inline]
fn load(rows: [&[u8; 64]; LANES]) -> [Word; 8] {
    transpose(rows.map(|row| {
        // SAFETY: the row is the 64 bytes read; the load needs no alignment.
        unsafe { _mm512_loadu_si512(row.as_ptr().cast()) }
    }))
}

#[target_feature(enable = "avx512f")]
#[inline]
fn store(words: [Word; 4], hashes: &mut [Hash; LANES]) {
    let [a, b, c, d] = words;
    let zero = _mm512_setzero_si512();
    let rows = transpose([a, b, c, d, zero, zero, zero, zero]);
    for (hash, row) in hashes.iter_mut().zip(rows) {
        let low = _mm512_castsi512_si256(row);
        // SAFETY: the hash is the 32 bytes written; the store needs no alignment.
        unsafe { _mm256_storeu_si256(hash.as_mut_ptr().cast(), low) }
    }
}

/// Rows to columns of an 8 by 8 matrix: pairs of words, then quarters, then halves.
#[target_feature(enable = "avx512f")]
#[inline]
fn transpose(r: [Word; 8]) -> [Word; 8] {
    let even = [0, 2, 4, 6].map(|row| _mm512_unpacklo_epi64(r[row], r[row + 1]));
    let odd = [0, 2, 4, 6].map(|row| _mm512_unpackhi_epi64(r[row], r[row + 1]));
    let [c0, c2, c4, c6] = join(even);
    let [c1, c3, c5, c7] = join(odd);
    [c0, c1, c2, c3, c4, c5, c6, c7]
}

/// The 128-bit quarters of four registers, of each the same one side by side.
#[target_feature(enable = "avx512f")]
#[inline]
fn join(r: [Word; 4]) -> [Word; 4] {
    const EVEN: i32 = 0b10_00_10_00;
    const ODD: i32 = 0b11_01_11_01;
    let [even_low, odd_low] =
        [_mm512_shuffle_i64x2::<EVEN>(r[0], r[1]), _mm512_shuffle_i64x2::<ODD>(r[0], r[1])];
    let [even_high, odd_high] =
        [_mm512_shuffle_i64x2::<EVEN>(r[2], r[3]), _mm512_shuffle_i64x2::<ODD>(r[2], r[3])];
    [
        _mm512_shuffle_i64x2::<EVEN>(even_low, even_high),
        _mm512_shuffle_i64x2::<EVEN>(odd_low, odd_high),
        _mm512_shuffle_i64x2::<ODD>(even_low, even_high),
        _mm512_shuffle_i64x2::<ODD>(odd_low, odd_high),
    ]
}
