//! A read session reads its own state, whatever is committed, rolled back and written to pages meanwhile.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, ReadSession, StateKey};

fn key(n: u8) -> StateKey {
    StateKey::service_storage(4, &[n])
}

fn reads(session: &ReadSession<GrayPaper>, round: u8) {
    assert_eq!(session.sequence(), Some(u64::from(round)));
    for n in 0..50 {
        let expected = (n % 5 != round % 5).then(|| vec![round; 200]);
        let found = session.get(&key(n)).unwrap().map(|value| value.to_vec());
        assert_eq!(found, expected);
        let (root, proof) = (session.root(), session.prove(&key(n)).unwrap());
        match expected {
            Some(value) => proof.verify_present(&root, &key(n), &value).unwrap(),
            None => proof.verify_absent(&root, &key(n)).unwrap(),
        }
    }
    assert_eq!(session.range(..).unwrap().count(), 40);
}

#[test]
fn ten_snapshots_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let mut snapshots = Vec::new();
    for round in 1..=10_u8 {
        for n in 0..50 {
            match n % 5 == round % 5 {
                true => db.delete(&key(n)).unwrap(),
                false => db.insert(key(n), vec![round; 200]).unwrap(),
            }
        }
        db.commit().unwrap();
        snapshots.push((db.begin_read(), round));
        if round % 3 == 0 {
            db.flush().unwrap();
        }
        snapshots.iter().for_each(|(session, round)| reads(session, *round));
    }
    db.rollback(5).unwrap();
    db.flush().unwrap();
    snapshots.iter().for_each(|(session, round)| reads(session, *round));
}
