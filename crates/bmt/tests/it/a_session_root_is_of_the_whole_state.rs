//! The root of a session, of a prepared one and of an overlay is of everything below with the changes, and
//! not of the changes alone; values of any length count.

use bmt::{Db, GrayPaper, Hash, StateKey, WriteOptions};
use bmt_core::reference;
use std::collections::BTreeMap;

type State = BTreeMap<StateKey, Vec<u8>>;

fn root(state: &State) -> Hash {
    let entries: Vec<_> = state.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}

#[test]
fn with_values_of_every_kind_of_length() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let mut state = State::new();
    for n in 0..40_u8 {
        let (key, value) = (StateKey::service_storage(1, &[n]), vec![n; usize::from(n) * 50]);
        db.insert(key, value.clone()).unwrap();
        state.insert(key, value);
    }
    assert_eq!(db.pending_root().unwrap(), root(&state), "of the simple API");
    db.commit().unwrap();
    let mut parent: Option<bmt::Overlay<GrayPaper>> = None;
    for (n, length) in [0, 32, 33, 128, 129, 1024, 1025, 1281, 5000, 70_000].into_iter().enumerate()
    {
        let options = parent.iter().fold(WriteOptions::new(), |options, parent| options.on(parent));
        let mut session = db.begin_write_with(&options).unwrap();
        let key = StateKey::service_storage(2, &n.to_le_bytes());
        session.insert(key, vec![7; length]).unwrap();
        state.insert(key, vec![7; length]);
        let gone = *state.keys().nth(n).unwrap();
        session.delete(&gone);
        state.remove(&gone);
        assert_eq!(session.root().unwrap(), root(&state), "a value of {length} bytes");
        let prepared = session.prepare().unwrap();
        assert_eq!(prepared.root(), root(&state));
        parent = Some(prepared.into_overlay());
    }
}
