//! Numbers of variable size, and forms that are refused.

use super::{put_varint, take_varint};

#[test]
fn every_number_comes_back_and_takes_no_more_than_it_needs() {
    let edges = (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1]);
    for number in edges.chain([u64::MAX]) {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, number);
        let bits = 64 - number.leading_zeros();
        assert_eq!(bytes.len(), bits.div_ceil(7).max(1) as usize);
        bytes.push(7);
        let mut input = &bytes[..];
        assert_eq!(take_varint(&mut input), Some(number));
        assert_eq!(input, [7]);
    }
}

#[test]
fn longer_forms_and_cut_ones_are_refused() {
    for bytes in [&[][..], &[0x80], &[0x80, 0], &[0xff, 0x80, 0], &[0xff; 10], &[0x80; 11]] {
        assert_eq!(take_varint(&mut &bytes[..]), None, "{bytes:x?}");
    }
}
