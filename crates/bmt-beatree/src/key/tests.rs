//! Tests of prefixes and separators.

use super::*;
use quickcheck::quickcheck;

fn key(first: u64, last: u64) -> Key {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&first.to_be_bytes());
    key[24..].copy_from_slice(&last.to_be_bytes());
    key
}

quickcheck! {
    fn a_separator_parts_its_keys_and_is_the_shortest(a: (u64, u64), b: (u64, u64)) -> bool {
        let (a, b) = (key(a.0, a.1), key(b.0, b.1));
        if a == b {
            return true;
        }
        let (left, right) = (a.min(b), a.max(b));
        let separator = separator(&left, &right);
        let bits = separator_bits(&separator);
        let shorter = Prefix::new(separator, bits - 1).first_key();
        left < separator && separator <= right && shorter <= left
    }

    fn a_prefix_is_a_range(a: (u64, u64), b: (u64, u64), bits: u16) -> bool {
        let prefix = Prefix::new(key(a.0, a.1), bits % 257);
        let other = key(b.0 ^ (a.0 & 0xffff_ff00_0000_0000), b.1);
        let in_range = other >= prefix.first_key() && prefix.end().is_none_or(|end| other < end);
        in_range == prefix.contains(&other) && prefix.contains(&key(a.0, a.1))
    }
}

#[test]
fn successors_carry() {
    assert_eq!(successor(&[0xff; 32]), None);
    assert_eq!(
        successor(&key(1, u64::MAX)).unwrap()[..24],
        {
            let mut expected = key(1, 0);
            expected[23] = 1;
            expected
        }[..24]
    );
    assert_eq!(Prefix::EMPTY.end(), None);
    assert_eq!(Prefix::new([0xff; 32], 9).end(), None);
    assert_eq!(Prefix::new(key(0x7fff << 48, 0), 16).end(), Some(key(0x8000 << 48, 0)));
}

#[test]
fn separators_end_with_a_one() {
    assert_eq!(separator_bits(&[0; 32]), 0);
    assert_eq!(separator_bytes(&[0; 32]), 0);
    assert_eq!(separator_bits(&key(1 << 63, 0)), 1);
    assert_eq!(separator_bits(&key(0, 1)), 256);
    assert_eq!(separator(&[0; 32], &key(0, 1)), key(0, 1));
}
