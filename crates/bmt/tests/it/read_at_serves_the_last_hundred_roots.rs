//! Each of the last 100 roots is read with values, ranges and proofs; after rollbacks, checkpoints, evictions,
//! reopening and power losses too. Others are refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, Options, ReadAtError, StateKey};
use bmt_core::Trie;
use bmt_io::SimDisk;

const HELD: usize = 100;

fn options() -> Options {
    Options::new()
        .seed(8)
        .memory_bytes(1 << 20)
        .rollback_commits_max(HELD)
        .log_segment_bytes(64 << 10)
        .checkpoint_log_bytes(200_000)
}

fn key(n: u32) -> StateKey {
    StateKey::service_storage(n % 3, &n.to_le_bytes())
}

struct World {
    db: Db,
    /// The states that can be read, oldest first; the last one is the newest.
    states: Vec<Trie<GrayPaper>>,
    cancelled: Vec<bmt::Hash>,
    round: u32,
}

impl World {
    fn commit(&mut self) {
        self.round += 1;
        let mut state = self.states[self.states.len() - 1].clone();
        for n in 0..12 {
            let n = (self.round * 37 + n * 131) % 900;
            if (n + self.round).is_multiple_of(4) {
                self.db.delete(&key(n)).unwrap();
                state.remove(&key(n));
            } else {
                let value = self.round.to_le_bytes().repeat(usize::try_from(n).unwrap() % 60);
                self.db.insert(key(n), value.clone()).unwrap();
                state.insert(key(n), value);
            }
        }
        let commit = self.db.commit().unwrap();
        assert_eq!(commit.root, state.root());
        self.states.push(state);
        let over = self.states.len().saturating_sub(HELD + 1);
        self.cancelled.extend(self.states.drain(..over).map(|mut state| state.root()));
    }

    fn rollback(&mut self, count: usize) {
        self.db.rollback(count).unwrap();
        let left = self.states.len() - count;
        self.cancelled.extend(self.states.drain(left..).map(|mut state| state.root()));
    }

    fn check(&self) {
        for (at, state) in self.states.iter().enumerate() {
            let root = state.clone().root();
            let session = self.db.begin_read_at(&root).unwrap();
            assert_eq!((session.root(), session.key_count()), (root, state.len() as u64));
            for n in (0..7).map(|n| u32::try_from(n * 131 + at * 17).unwrap() % 900) {
                let (found, proof) =
                    (session.get(&key(n)).unwrap(), session.prove(&key(n)).unwrap());
                match state.get(&key(n)) {
                    Some(value) => {
                        assert_eq!(found.unwrap(), **value);
                        proof.verify_present(&root, &key(n), value).unwrap();
                    }
                    None => {
                        assert_eq!(found, None);
                        proof.verify_absent(&root, &key(n)).unwrap();
                    }
                }
            }
            if at % 10 == 0 {
                let found = session.range(..).unwrap().map(|entry| entry.unwrap());
                assert!(found.map(|(key, value)| (key, value.into())).eq(state.iter()));
            }
        }
        let held = self.states.len() - 1;
        for root in self.cancelled.iter().rev().take(20).chain([&[5; 32]]) {
            let is_known = self.states.iter().any(|state| state.clone().root() == *root);
            match self.db.begin_read_at(root) {
                Ok(_) => assert!(is_known),
                Err(ReadAtError::UnknownRoot { held: found }) => assert_eq!(found, held),
                Err(error) => panic!("{error}"),
            }
        }
    }
}

#[test]
fn whatever_happened_since() {
    let mut disk = SimDisk::new(3);
    let db = Db::open_in(disk.directory(), &options()).unwrap();
    let mut world = World { db, states: vec![Trie::new()], cancelled: Vec::new(), round: 0 };
    for count in [130, 10, 45] {
        (0..count).for_each(|_| world.commit());
        world.check();
        world.rollback(17);
        world.check();
        world.db.flush().unwrap();
        world.check();
        let World { db, states, cancelled, round } = world;
        match count {
            10 => drop(db.close().unwrap()),
            _ => drop(db),
        }
        disk = disk.power_loss(u64::from(round));
        let db = Db::open_in(disk.directory(), &options()).unwrap();
        world = World { db, states, cancelled, round };
        world.check();
        world.rollback(3);
        world.commit();
        world.check();
    }
}

#[test]
fn a_root_that_occurs_twice_is_the_newest_of_them() {
    let disk = SimDisk::new(3);
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    let set = |n: u8| {
        db.insert(key(1), [n]).unwrap();
        db.commit().unwrap().root
    };
    let roots = [set(1), set(2), set(1), set(3)];
    assert_eq!(roots[0], roots[2]);
    assert_eq!(db.begin_read_at(&roots[0]).unwrap().get(&key(1)).unwrap().unwrap(), [1][..]);
    db.rollback(2).unwrap();
    // The newer one is gone, the older one is still there.
    assert_eq!(db.begin_read_at(&roots[0]).unwrap().get(&key(1)).unwrap().unwrap(), [1][..]);
    assert!(matches!(db.begin_read_at(&roots[3]), Err(ReadAtError::UnknownRoot { held: 2 })));
}
