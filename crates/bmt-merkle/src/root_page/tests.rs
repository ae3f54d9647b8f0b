//! The name of a root page: golden bytes, and bytes that are none (INV-MK-06).

use super::{ROOT_PAGE_BYTES, RootPage};
use crate::page::StepId;

const NAME: RootPage = RootPage {
    root: [7; 32],
    birth: StepId { generation: 0x0102, counter: 3 },
    checksum: 0x0405_0607_0809_0a0b,
    items_bytes: 3944,
};

#[test]
fn the_bytes_are_golden_and_come_back() {
    let mut golden = [0; ROOT_PAGE_BYTES];
    golden[..32].fill(7);
    golden[32..34].copy_from_slice(&[2, 1]);
    golden[40] = 3;
    golden[48..56].copy_from_slice(&[0x0b, 0x0a, 9, 8, 7, 6, 5, 4]);
    golden[56..58].copy_from_slice(&[0x68, 0x0f]);
    assert_eq!(NAME.encode(), golden);
    assert_eq!(RootPage::decode(&golden), Some(NAME));
}

#[test]
fn bytes_past_the_fields_are_zero() {
    for at in 58..ROOT_PAGE_BYTES {
        let mut bytes = NAME.encode();
        bytes[at] = 1;
        assert_eq!(RootPage::decode(&bytes), None, "byte {at}");
    }
}
