//! The checksum is the published function and depends on its seed.

use super::checksum;

#[test]
fn empty_input_has_the_published_value() {
    // XXH3_64bits of no bytes with seed 0, from the reference implementation's sanity checks.
    assert_eq!(checksum(0, b""), 0x2d06_8005_38d3_94c2);
}

#[test]
fn seed_and_every_bit_matter() {
    let mut bytes = [0u8; 300];
    let clean = checksum(7, &bytes);
    assert_ne!(clean, checksum(8, &bytes));
    for at in 0..bytes.len() * 8 {
        bytes[at / 8] ^= 1 << (at % 8);
        assert_ne!(checksum(7, &bytes), clean, "bit {at}");
        bytes[at / 8] ^= 1 << (at % 8);
    }
}
