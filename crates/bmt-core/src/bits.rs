//! Key bits: most significant bit of each byte first, as the Gray Paper's `bits()`.

/// The bit of `bytes` at `index`, counted from the most significant bit of the first byte.
/// A place past the end reads as zero.
pub(crate) fn bit_at(bytes: &[u8], index: usize) -> bool {
    bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}

/// How many leading bits `a` and `b`, of equal length, share.
pub(crate) fn shared_prefix_bits(a: &[u8], b: &[u8]) -> usize {
    debug_assert_eq!(a.len(), b.len(), "keys of one scheme have one length");
    let (words_a, rest_a) = a.as_chunks::<8>();
    let (words_b, rest_b) = b.as_chunks::<8>();
    for (index, (x, y)) in words_a.iter().zip(words_b).enumerate() {
        let differing = u64::from_be_bytes(*x) ^ u64::from_be_bytes(*y);
        if differing != 0 {
            return 64 * index + differing.leading_zeros() as usize;
        }
    }
    match rest_a.iter().zip(rest_b).position(|(x, y)| x != y) {
        Some(at) => {
            let differing = rest_a[at] ^ rest_b[at];
            64 * words_a.len() + 8 * at + differing.leading_zeros() as usize
        }
        None => 8 * a.len(),
    }
}
