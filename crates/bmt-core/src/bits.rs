//! Key bits: most significant bit of each byte first, as the Gray Paper's `bits()`.

/// The bit of `bytes` at `index`, counted from the most significant bit of the first byte.
/// A place past the end reads as zero.
pub(crate) fn bit_at(bytes: &[u8], index: usize) -> bool {
    bytes.get(index / 8).is_some_and(|byte| byte & (0x80 >> (index % 8)) != 0)
}

/// How many leading bits `a` and `b`, of equal length, share.
pub(crate) fn shared_prefix_bits(a: &[u8], b: &[u8]) -> usize {
    debug_assert_eq!(a.len(), b.len(), "keys of one scheme have one length");
    match a.iter().zip(b).position(|(x, y)| x != y) {
        Some(at) => {
            let differing = a[at] ^ b[at];
            8 * at + differing.leading_zeros() as usize
        }
        None => 8 * a.len(),
    }
}
