//! What is allocated after reopening is not what live pages occupy.

use bmt::{Db, GrayPaper, Options, StateKey};
use bmt_core::reference;
use std::collections::BTreeMap;

#[test]
fn over_many_openings_with_checkpoints() {
    let directory = tempfile::tempdir().unwrap();
    let mut state = BTreeMap::new();
    for round in 0..12_u32 {
        let options = Options::new().seed(5).memory_bytes(1 << 20);
        let db: Db = Db::open_with(directory.path(), &options).unwrap();
        for (key, value) in &state {
            let found = db.get(key).unwrap().unwrap();
            assert_eq!(found, *value);
        }
        for n in 0..400_u32 {
            let n = n * 7 + round * 311;
            let key = StateKey::service_storage(n % 3, &(n % 3000).to_le_bytes());
            let value = vec![u8::try_from(round).unwrap(); usize::try_from(n % 1700).unwrap()];
            db.insert(key, value.clone()).unwrap();
            state.insert(key, value);
            if n % 100 == 0 {
                db.commit().unwrap();
                db.flush().unwrap();
            }
        }
        db.commit().unwrap();
        let entries: Vec<_> = state.iter().map(|(key, value)| (*key, value)).collect();
        assert_eq!(db.root(), reference::root::<GrayPaper, _>(&entries));
        if round % 2 == 0 {
            db.close().unwrap();
        }
    }
}
