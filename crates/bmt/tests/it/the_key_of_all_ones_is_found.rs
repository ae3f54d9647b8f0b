//! The greatest and the least key are keys like others: reads, ranges, proofs, in every place.

use bmt::{Db, StateKey};

#[test]
fn in_sessions_in_pages_and_after_reopening() {
    let directory = tempfile::tempdir().unwrap();
    let mut db = Db::open(directory.path()).unwrap();
    let keys = [StateKey::MIN, StateKey::component(128), StateKey::MAX];
    let mut session = db.begin_write();
    keys.iter().for_each(|key| session.insert(*key, key.to_bytes()).unwrap());
    assert_eq!(session.get(&StateKey::MAX).unwrap().unwrap(), [0xff; 31][..]);
    assert_eq!(session.range(StateKey::MAX..).unwrap().count(), 1);
    session.prepare().unwrap().commit().unwrap();
    for round in 0..3 {
        for key in keys {
            assert_eq!(db.get(&key).unwrap().unwrap(), key.to_bytes()[..]);
            let proof = db.prove(&key).unwrap();
            proof.verify_present(&db.root(), &key, &key.to_bytes()).unwrap();
        }
        let found: Vec<_> = db.range(..=StateKey::MAX).unwrap().map(|e| e.unwrap().0).collect();
        assert_eq!(found, keys);
        let last = db.range(StateKey::MIN..).unwrap().next_back().unwrap().unwrap();
        assert_eq!(last.0, StateKey::MAX);
        assert_eq!(db.range(..StateKey::MAX).unwrap().count(), 2);
        if round == 0 {
            db.flush().unwrap();
        } else {
            db.close().unwrap();
            db = Db::open(directory.path()).unwrap();
        }
    }
    db.delete(&StateKey::MAX).unwrap();
    db.commit().unwrap();
    db.prove(&StateKey::MAX).unwrap().verify_absent(&db.root(), &StateKey::MAX).unwrap();
}
