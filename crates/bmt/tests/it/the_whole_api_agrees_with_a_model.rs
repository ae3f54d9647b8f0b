//! Random calls against a map and a vector of earlier maps.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, EMPTY_ROOT, Hash, StateKey};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use std::collections::{BTreeMap, HashMap};

type State = BTreeMap<StateKey, Vec<u8>>;

#[derive(Debug, Clone)]
enum Call {
    Insert(u8, u16),
    Delete(u8),
    Commit,
    Rollback(u8),
    Reopen,
    Check,
}

impl Arbitrary for Call {
    fn arbitrary(g: &mut Gen) -> Self {
        match u8::arbitrary(g) % 16 {
            0..=6 => Self::Insert(u8::arbitrary(g), u16::arbitrary(g) % 300),
            7..=9 => Self::Delete(u8::arbitrary(g)),
            10..=12 => Self::Commit,
            13 => Self::Rollback(u8::arbitrary(g) % 4),
            14 => Self::Reopen,
            _ => Self::Check,
        }
    }
}

/// Keys of one service, so that they share bits here and there.
fn key(n: u8) -> StateKey {
    StateKey::service_storage(u32::from(n % 3), &[n % 40])
}

struct Model {
    committed: Vec<State>,
    pending: State,
    /// The root each committed state was seen with: equal states have equal roots.
    roots: HashMap<Vec<(StateKey, Vec<u8>)>, Hash>,
}

impl Model {
    fn newest(&self) -> &State {
        self.committed.last().unwrap()
    }

    fn agrees(&mut self, db: &Db) {
        let found: State = db
            .range(..)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|(k, v)| (k, v.to_vec()))
            .collect();
        assert_eq!(found, self.pending);
        for n in 0..40 {
            let value = db.get(&key(n)).unwrap().map(|value| value.to_vec());
            assert_eq!(value.as_ref(), self.pending.get(&key(n)));
            let (root, committed) = (db.root(), self.newest().get(&key(n)));
            let proof = db.prove(&key(n)).unwrap();
            match committed {
                Some(value) => proof.verify_present(&root, &key(n), value).unwrap(),
                None => proof.verify_absent(&root, &key(n)).unwrap(),
            }
        }
        let state: Vec<_> = self.newest().clone().into_iter().collect();
        let root = *self.roots.entry(state).or_insert_with(|| db.root());
        assert_eq!(db.root(), root);
        assert_eq!(root == EMPTY_ROOT, self.newest().is_empty());
    }
}

fn run(calls: Vec<Call>) -> bool {
    let directory = tempfile::tempdir().unwrap();
    let mut db = Db::open(directory.path()).unwrap();
    let (committed, pending) = (vec![State::new()], State::new());
    let mut model = Model { committed, pending, roots: HashMap::new() };
    for call in calls {
        match call {
            Call::Insert(n, length) => {
                let value = vec![n; usize::from(length)];
                db.insert(key(n), value.clone()).unwrap();
                model.pending.insert(key(n), value);
            }
            Call::Delete(n) => {
                db.delete(&key(n)).unwrap();
                model.pending.remove(&key(n));
            }
            Call::Commit => {
                let (before, expected) = (db.root(), db.pending_root().unwrap());
                let commit = db.commit().unwrap();
                assert_eq!((commit.previous_root, commit.root), (before, expected));
                model.committed.push(model.pending.clone());
            }
            Call::Rollback(n) => {
                let left = (model.committed.len() - 1).checked_sub(usize::from(n));
                assert_eq!(db.rollback(usize::from(n)).is_ok(), left.is_some());
                if let Some(left) = left {
                    model.committed.truncate(left + 1);
                    model.pending = model.newest().clone();
                }
            }
            Call::Reopen => {
                db.close().unwrap();
                db = Db::open(directory.path()).unwrap();
                model.pending = model.newest().clone();
            }
            Call::Check => model.agrees(&db),
        }
    }
    model.agrees(&db);
    true
}

#[test]
fn random_calls() {
    QuickCheck::new().tests(60).quickcheck(run as fn(Vec<Call>) -> bool);
}
