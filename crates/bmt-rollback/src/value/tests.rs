//! Values and their absence.

use super::{VALUE_BYTES_MAX, put_value, take_value, value_len};
use crate::varint::put_varint;
use quickcheck::QuickCheck;

fn comes_back(value: Option<Vec<u8>>, rest: Vec<u8>) -> bool {
    let mut bytes = Vec::new();
    put_value(&mut bytes, value.as_deref());
    assert!(bytes.len() <= value_len(value.as_deref()));
    bytes.extend(&rest);
    let mut input = &bytes[..];
    take_value(&mut input) == Some(value.as_deref()) && input == rest
}

#[test]
fn a_value_comes_back_and_the_rest_is_left() {
    let comes_back = comes_back as fn(Option<Vec<u8>>, Vec<u8>) -> bool;
    QuickCheck::new().tests(500).quickcheck(comes_back);
}

#[test]
fn an_empty_value_is_not_an_absent_one() {
    let mut bytes = Vec::new();
    put_value(&mut bytes, None);
    put_value(&mut bytes, Some(b""));
    assert_eq!(bytes, [0, 1]);
}

#[test]
fn a_length_over_the_limit_or_the_end_is_refused() {
    for length in [3, VALUE_BYTES_MAX + 1, VALUE_BYTES_MAX + 2, u64::MAX] {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, length);
        bytes.push(9);
        let mut input = &bytes[..];
        assert_eq!(take_value(&mut input), None, "{length}");
    }
}
