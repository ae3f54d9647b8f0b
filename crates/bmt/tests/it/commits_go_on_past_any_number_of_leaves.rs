//! There is no number of keys at which commits stop: past 2^16 and 2^17, one and the same.

use bmt::{Db, GrayPaper, Options, StateKey};
use bmt_core::root_sorted;

#[test]
fn past_the_powers_of_two() {
    let directory = tempfile::tempdir().unwrap();
    let options = Options::new().memory_bytes(4 << 20).durability(bmt::Durability::Eventual);
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    let key = |n: u32| StateKey::service_storage(1, &n.to_le_bytes());
    let mut entries = Vec::new();
    for (from, to) in [(0, 65_530), (65_530, 65_540), (65_540, 131_070), (131_070, 140_000)] {
        for n in from..to {
            db.insert(key(n), n.to_le_bytes()).unwrap();
            entries.push((key(n), n.to_le_bytes()));
        }
        let commit = db.commit().unwrap();
        entries.sort_unstable();
        assert_eq!(commit.root, root_sorted::<GrayPaper, _>(&entries));
    }
    db.close().unwrap();
    let db: Db = Db::open_with(directory.path(), &options).unwrap();
    assert_eq!(db.stats().key_count, 140_000);
    assert_eq!(db.get(&key(139_999)).unwrap().unwrap(), 139_999_u32.to_le_bytes()[..]);
    assert!(db.stats().table.page_count > 1);
}
