//! Four lanes in 256-bit registers (AVX2).

use crate::lanes::kernel::{Blocks, FIRST, IV, kernel, quarter_rounds, round, rounds};
use crate::scheme::Hash;
use core::arch::x86_64::*;

const LANES: usize = 4;
type Word = __m256i;

kernel!(#[target_feature(enable = "avx2")]);

#[target_feature(enable = "avx2")]
#[inline]
fn add(a: Word, b: Word) -> Word {
    _mm256_add_epi64(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn xor(a: Word, b: Word) -> Word {
    _mm256_xor_si256(a, b)
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotate_32(a: Word) -> Word {
    _mm256_shuffle_epi32::<0b10_11_00_01>(a)
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotate_24(a: Word) -> Word {
    let from = _mm_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
    _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(from))
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotate_16(a: Word) -> Word {
    let from = _mm_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
    _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(from))
}

#[target_feature(enable = "avx2")]
#[inline]
fn rotate_63(a: Word) -> Word {
    _mm256_or_si256(_mm256_srli_epi64::<63>(a), _mm256_add_epi64(a, a))
}

#[target_feature(enable = "avx2")]
#[inline]
fn splat(number: u64) -> Word {
    _mm256_set1_epi64x(number.cast_signed())
}

#[target_feature(enable = "avx2")]
#[inline]
fn word(numbers: [u64; LANES]) -> Word {
    // SAFETY: the array is the 32 bytes read; the load needs no alignment.
    unsafe { _mm256_loadu_si256(numbers.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(rows: [&[u8; 64]; LANES]) -> [Word; 8] {
    let halves = rows.map(|row| row.as_chunks::<32>().0);
    let [m0, m1, m2, m3] = transpose(halves.map(|half| load_half(&half[0])));
    let [m4, m5, m6, m7] = transpose(halves.map(|half| load_half(&half[1])));
    [m0, m1, m2, m3, m4, m5, m6, m7]
}

#[target_feature(enable = "avx2")]
#[inline]
fn load_half(half: &[u8; 32]) -> Word {
    // SAFETY: the half row is the 32 bytes read; the load needs no alignment.
    unsafe { _mm256_loadu_si256(half.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(words: [Word; 4], hashes: &mut [Hash; LANES]) {
    for (hash, row) in hashes.iter_mut().zip(transpose(words)) {
        // SAFETY: the hash is the 32 bytes written; the store needs no alignment.
        unsafe { _mm256_storeu_si256(hash.as_mut_ptr().cast(), row) }
    }
}

/// Rows to columns of a 4 by 4 matrix.
#[target_feature(enable = "avx2")]
#[inline]
fn transpose(r: [Word; 4]) -> [Word; 4] {
    const LOW: i32 = 0x20;
    const HIGH: i32 = 0x31;
    let [a, b] = [_mm256_unpacklo_epi64(r[0], r[1]), _mm256_unpackhi_epi64(r[0], r[1])];
    let [c, d] = [_mm256_unpacklo_epi64(r[2], r[3]), _mm256_unpackhi_epi64(r[2], r[3])];
    [
        _mm256_permute2x128_si256::<LOW>(a, c),
        _mm256_permute2x128_si256::<LOW>(b, d),
        _mm256_permute2x128_si256::<HIGH>(a, c),
        _mm256_permute2x128_si256::<HIGH>(b, d),
    ]
}
