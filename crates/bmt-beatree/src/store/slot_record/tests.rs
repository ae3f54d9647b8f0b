//! Tests of the slot file's record.

use super::*;
use crate::sample::Random;

const RECORD: SlotRecord = SlotRecord {
    salt: 0x0102_0304_0506_0708,
    is_made: true,
    replay_from: 17,
    chain: 0x1112_1314_1516_1718,
    pages_through: 20,
    meta: Meta::EMPTY,
};

#[test]
fn records_survive_and_are_golden() {
    let bytes = RECORD.encode();
    assert_eq!(SlotRecord::decode(&bytes).unwrap(), RECORD);
    assert_eq!(bmt_io::checksum(0, &bytes), 11_851_446_748_393_286_200);
}

#[test]
fn damage_is_a_typed_error_or_another_record() {
    let mut random = Random(1);
    for _ in 0..5000 {
        let mut bytes = RECORD.encode();
        bytes[random.below(BYTES)] ^= 1 << random.below(8);
        if let Ok(record) = SlotRecord::decode(&bytes) {
            assert_eq!(record.encode(), bytes);
        }
    }
    assert!(SlotRecord::decode(&[]).is_err());
    assert!(SlotRecord::decode(&RECORD.encode()[..100]).is_err());
    let zero = SlotRecord { replay_from: 0, ..RECORD };
    assert!(SlotRecord::decode(&zero.encode()).is_err());
}
