//! Tests of hexadecimal input.

use super::*;

fn digits(byte: &str, count: usize) -> String {
    byte.repeat(count)
}

#[test]
fn a_key_has_62_digits() {
    assert_eq!(key(&digits("ab", 31), false), Ok(StateKey::new([0xab; 31])));
    assert_eq!(key(&digits("AB", 31), false), Ok(StateKey::new([0xab; 31])));
    for count in [0, 1, 30, 33, 64] {
        let error = key(&digits("ab", count), true).unwrap_err();
        assert!(matches!(error, HexError::Length { found, .. } if found == 2 * count), "{error}");
    }
}

#[test]
fn a_key_of_64_digits_ends_in_zeros_or_is_cut() {
    let zero = digits("ab", 31) + "00";
    let other = digits("ab", 31) + "01";
    assert_eq!(key(&zero, false), Ok(StateKey::new([0xab; 31])));
    assert_eq!(key(&zero, true), Ok(StateKey::new([0xab; 31])));
    assert_eq!(key(&other, true), Ok(StateKey::new([0xab; 31])));
    assert!(matches!(key(&other, false), Err(HexError::LastByteNotZero { .. })));
}

#[test]
fn what_is_not_hexadecimal_is_named() {
    assert!(matches!(value("0xab"), Err(HexError::NotHex { position: 1, prefixed: true, .. })));
    assert!(matches!(value("abé0"), Err(HexError::NotHex { position: 2, prefixed: false, .. })));
    assert!(matches!(value(" ab"), Err(HexError::NotHex { position: 0, .. })));
    assert!(matches!(value("abc"), Err(HexError::OddDigits { digits: 3, .. })));
}

#[test]
fn a_value_may_be_empty_and_a_root_not() {
    assert_eq!(value(""), Ok(Vec::new()));
    assert!(matches!(root(""), Err(HexError::Length { found: 0, .. })));
    assert_eq!(root(&digits("5c", 32)), Ok([0x5c; 32]));
    assert!(matches!(root(&digits("5c", 31)), Err(HexError::Length { found: 62, .. })));
}

#[test]
fn a_prefix_is_all_keys_that_begin_so() {
    assert_eq!(prefix(""), Ok(StateKey::MIN..=StateKey::MAX));
    let (least, greatest) = prefix("0c").unwrap().into_inner();
    assert_eq!((least.to_bytes()[..2].to_vec(), least.to_bytes()[30]), (vec![0x0c, 0], 0));
    assert_eq!(
        (greatest.to_bytes()[..2].to_vec(), greatest.to_bytes()[30]),
        (vec![0x0c, 255], 255)
    );
    let one = StateKey::new([7; 31]);
    assert_eq!(prefix(&digits("07", 31)), Ok(one..=one));
    assert!(matches!(prefix(&digits("07", 32)), Err(HexError::Length { found: 64, .. })));
}

#[test]
fn a_long_text_is_cut_in_messages() {
    let error = value(&"é".repeat(500)).unwrap_err().to_string();
    assert!(error.contains('…') && error.len() < 300, "{error}");
}
