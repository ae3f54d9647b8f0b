//! Keys: constructors, text form, refusals.

use super::*;
use alloc::string::{String, ToString};

fn blake(bytes: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(bytes).into()
}

#[test]
fn constructors_interleave_the_service_id_little_endian() {
    let component = StateKey::component(13).to_bytes();
    assert_eq!((component[0], &component[1..]), (13, &[0; 30][..]));

    let account = StateKey::service_component(255, 0xa1b2_c3d4).to_bytes();
    assert_eq!(account[..9], [0xff, 0xd4, 0, 0xc3, 0, 0xb2, 0, 0xa1, 0]);

    let hash = blake(b"item");
    let item = StateKey::service_item(0xa1b2_c3d4, b"item").to_bytes();
    assert_eq!(item[..8], [0xd4, hash[0], 0xc3, hash[1], 0xb2, hash[2], 0xa1, hash[3]]);
    assert_eq!(item[8..], hash[4..27]);
}

#[test]
fn service_rows_prefix_the_item_as_equation_d2() {
    let hash = blake(b"preimage");
    let with = |prefix: u32, rest: &[u8]| {
        StateKey::service_item(9, &[&prefix.to_le_bytes()[..], rest].concat())
    };
    assert_eq!(StateKey::service_storage(9, b"k"), with(u32::MAX, b"k"));
    assert_eq!(StateKey::service_preimage(9, &hash), with(u32::MAX - 1, &hash));
    assert_eq!(StateKey::service_request(9, &hash, 77), with(77, &hash));
}

#[test]
fn a_32_byte_key_is_accepted_only_with_a_zero_last_byte() {
    let mut long = [7; 32];
    assert_eq!(StateKey::try_from(long), Err(KeyError::LastByteNotZero { found: 7 }));
    assert_eq!(StateKey::truncate(long), StateKey::new([7; 31]));
    long[31] = 0;
    assert_eq!(StateKey::try_from(long), Ok(StateKey::new([7; 31])));
}

#[test]
fn text_form_is_62_hex_digits() {
    let key = StateKey::service_storage(1, b"x");
    assert_eq!(key.to_string().parse(), Ok(key));
    let text = |digits: usize| "ab".repeat(digits);
    assert_eq!(text(30).parse::<StateKey>(), Err(KeyError::Length { expected: 31, found: 30 }));
    assert_eq!(text(32).parse::<StateKey>(), Err(KeyError::Length { expected: 31, found: 32 }));
    assert_eq!(
        text(31)[1..].parse::<StateKey>(),
        Err(KeyError::Length { expected: 31, found: 31 })
    );
    let wrong: String = text(20) + "g" + &text(10);
    assert_eq!(wrong.parse::<StateKey>(), Err(KeyError::NotHex { position: 40 }));
    assert!("é".repeat(31).parse::<StateKey>().is_err());
}

#[test]
fn slices_of_other_lengths_are_refused() {
    assert_eq!(StateKey::from_slice(&[0; 30]), Err(KeyError::Length { expected: 31, found: 30 }));
    assert_eq!(
        <[u8; 32] as Key>::from_slice(&[0; 31]),
        Err(KeyError::Length { expected: 32, found: 31 })
    );
}

#[test]
fn keys_are_ordered_as_their_bytes() {
    let mut keys = alloc::vec![StateKey::MIN, StateKey::MAX];
    for at in 0..31 {
        for byte in [1, 0x7f, 0x80, 0xff] {
            let mut bytes = [0x80; 31];
            bytes[at] = byte;
            keys.push(StateKey::new(bytes));
        }
    }
    for a in &keys {
        for b in &keys {
            assert_eq!(a.cmp(b), a.to_bytes().cmp(&b.to_bytes()), "{a} and {b}");
            assert_eq!(a < b, a.to_bytes() < b.to_bytes());
        }
    }
}
