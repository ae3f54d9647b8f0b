//! The same session has the same witness, byte for byte, however many threads hash.

use bmt::{Db, Options, StateKey, WriteOptions};

#[test]
fn one_to_eight() {
    let mut found = Vec::new();
    for (threads, stride) in [(1, 7), (2, 11), (3, 13), (8, 17)] {
        let directory = tempfile::tempdir().unwrap();
        let options = Options::new().threads(threads);
        let db: Db = Db::open_with(directory.path(), &options).unwrap();
        let key = |n: u32| StateKey::service_storage(n % 3, &n.to_le_bytes());
        for n in 0..5000 {
            db.insert(key(n), n.to_le_bytes()).unwrap();
        }
        db.commit().unwrap();
        let mut session = db.begin_write_with(&WriteOptions::new().witness(true)).unwrap();
        // In an order of its own each time.
        for at in 0..900_u32 {
            let n = (at * stride) % 900;
            session.get(&key(n * 7)).unwrap();
            match n % 3 {
                0 => session.delete(&key(n * 5)),
                _ => session.insert(key(n * 11), b"written").unwrap(),
            }
        }
        let prepared = session.prepare().unwrap();
        found.push((prepared.root(), prepared.witness().unwrap().encode()));
    }
    assert!(found.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(found[0].1.len() > 10_000);
}
