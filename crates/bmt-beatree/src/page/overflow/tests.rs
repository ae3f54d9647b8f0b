//! Tests of the head pages of overflow values.

use super::*;
use crate::sample::Random;
use bmt_io::checksum;

const SEAL: Seal = Seal::new(5);

fn extents(random: &mut Random, value: &[u8], count: usize) -> Vec<Extent> {
    let rest = value.len().saturating_sub(head_value_bytes(count));
    let mut pages = u32::try_from(pages_for(rest)).unwrap();
    let mut extents = Vec::new();
    for index in (0..count).rev() {
        let page_count = if index == 0 { pages } else { 1 };
        pages -= page_count;
        let page = 10 + u32::try_from(random.below(1 << 20)).unwrap();
        extents.push(Extent { page, page_count, checksum: random.next() });
    }
    extents
}

#[test]
fn heads_survive_a_page() {
    let mut random = Random(1);
    for (len, count) in [(1281, 0), (4072, 0), (4073, 1), (8152, 1), (8153, 1), (900_000, 200)] {
        let value = random.bytes(len);
        let extents = extents(&mut random, &value, count);
        let mut bytes = vec![1; PAGE_SIZE];
        let place = encode_head(SEAL, 6, &value, &extents, &mut bytes);
        let head = open_head(SEAL, place, len_u32(len), &bytes).unwrap();
        assert_eq!(head.extents, extents);
        assert_eq!(bytes[head.value_range.clone()], value[..head.value_range.len()]);
        assert!(open_head(SEAL, place, len_u32(len) + 4096, &bytes).is_err());
    }
}

#[test]
fn damaged_heads_are_typed_errors_or_add_up() {
    let mut random = Random(2);
    let value = random.bytes(70_000);
    let extents = extents(&mut random, &value, 9);
    let mut original = vec![1; PAGE_SIZE];
    encode_head(SEAL, 6, &value, &extents, &mut original);
    for bit in 16 * 8..(24 + 10 * 16) * 8 {
        let mut bytes = original.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(head) = parse_head(70_000, &bytes) {
            let pages = pages_for(value.len() - head.value_range.len());
            assert_eq!(page_count(&head.extents), pages);
        }
    }
}

#[test]
fn a_head_is_golden() {
    let mut random = Random(42);
    let value = random.bytes(20_000);
    let extents = extents(&mut random, &value, 2);
    let mut bytes = vec![0; PAGE_SIZE];
    let place = encode_head(SEAL, 6, &value, &extents, &mut bytes);
    assert_eq!(&bytes[..8], b"BTOV\x01\0\0\0");
    assert_eq!(
        (place.checksum, checksum(0, &bytes)),
        (8_711_973_472_682_230_198, 16_971_051_244_021_034_725)
    );
}
