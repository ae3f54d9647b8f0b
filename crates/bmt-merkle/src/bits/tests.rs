//! Prefixes against their definition, bit by bit.

use super::{Prefix, bit_at, shared_bits};
use bmt_core::StateKey;

#[test]
fn a_prefix_keeps_its_bits_and_zeros_follow() {
    let key = StateKey::new(std::array::from_fn(|at| u8::try_from(37 * at % 256).unwrap() | 0x11));
    for bits in 0..=248 {
        let prefix = Prefix::new(&key, bits);
        for bit in 0..248 {
            let expected = bit < bits && bit_at(&key.to_bytes(), bit);
            assert_eq!(bit_at(&prefix.first_key().to_bytes(), bit), expected);
        }
        assert!(prefix.contains(&key));
        assert_eq!(prefix.contains(&StateKey::MIN), key.to_bytes()[0] == 0 || bits <= 3);
    }
}

#[test]
fn shared_bits_end_at_the_first_difference() {
    let zeros = StateKey::MIN;
    for bit in 0..248 {
        let mut bytes = [0; 31];
        bytes[bit / 8] = 0x80 >> (bit % 8);
        assert_eq!(shared_bits(&zeros, &StateKey::new(bytes)), bit);
    }
    assert_eq!(shared_bits(&zeros, &zeros), 248);
}
