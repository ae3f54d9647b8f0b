//! Random sessions on databases that are not empty, and on overlays over them: whoever has the root before and
//! the witness, and bmt-core alone, reads what was read and computes the new root.
//!
//! As a test it takes a sample: `BMT_SESSIONS=10000 cargo test --release -p bmt --test witnesses_stand_alone`
//! is the whole run, `BMT_SEED` another one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, Options, Overlay, StateKey, WriteOptions};
use bmt_core::witness::Lookup;
use bmt_core::{Hash, Trie, Witness, WitnessError};
use bmt_io::SimDisk;
use std::collections::BTreeMap;

const SAMPLE_SESSIONS: u64 = 300;
const SESSIONS_A_DATABASE: u64 = 100;

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn value(&mut self) -> Vec<u8> {
        let length = match self.below(10) {
            0 => self.below(3000),
            _ => self.below(70),
        };
        vec![u8::try_from(self.below(256)).unwrap(); length]
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

/// What a verifier does, who has the bytes and the root before: the root after.
fn verify(
    bytes: &[u8],
    before: &Hash,
    reads: &BTreeMap<StateKey, Option<Vec<u8>>>,
    writes: &BTreeMap<StateKey, Option<Vec<u8>>>,
) -> Hash {
    let witness = Witness::<GrayPaper>::decode(bytes).unwrap();
    let state = witness.verify(before).unwrap();
    for (key, value) in reads {
        match value {
            Some(value) => assert_eq!(state.get(key), Lookup::Value(value)),
            None => assert_eq!(state.get(key), Lookup::Absent),
        }
    }
    state.apply(writes.iter().map(|(key, value)| (*key, value.as_deref()))).unwrap()
}

struct World {
    random: Random,
    db: Db,
    keys: Vec<StateKey>,
    /// The newest state, and those of a chain of overlays on it.
    states: Vec<Trie<GrayPaper>>,
    chain: Vec<Overlay<GrayPaper>>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let disk = SimDisk::new(seed);
        let options = Options::new().seed(seed).memory_bytes(1 << 20);
        let db: Db = Db::open_in(disk.directory(), &options).unwrap();
        let count = [3, 30, 400, 2500][random.below(4)];
        let keys: Vec<_> = (0..count)
            .map(|n: u32| match n % 8 {
                0 => StateKey::component(u8::try_from(n / 8 % 256).unwrap()),
                _ => StateKey::service_storage(n % 2, &n.to_le_bytes()),
            })
            .collect();
        let mut state = Trie::new();
        for key in keys.iter().step_by(2) {
            let value = random.value();
            db.insert(*key, value.clone()).unwrap();
            state.insert(*key, value);
        }
        db.commit().unwrap();
        if random.below(2) == 0 {
            db.flush().unwrap();
        }
        Self { random, db, keys, states: vec![state], chain: Vec::new() }
    }

    fn session(&mut self) {
        let mut options = WriteOptions::new().witness(true);
        if let Some(tip) = self.chain.last() {
            options = options.on(tip);
        }
        let mut session = self.db.begin_write_with(&options).unwrap();
        let mut state = self.states[self.states.len() - 1].clone();
        let before = state.root();
        let (mut reads, mut writes) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..self.random.below(30) {
            let key = self.keys[self.random.below(self.keys.len())];
            match self.random.below(4) {
                0 => {
                    session.get(&key).unwrap();
                    reads.insert(key, state.get(&key).map(|value| value.to_vec()));
                }
                1 => {
                    session.delete(&key);
                    writes.insert(key, None);
                }
                _ => {
                    let value = self.random.value();
                    session.insert(key, value.clone()).unwrap();
                    writes.insert(key, Some(value));
                }
            }
        }
        let prepared = session.prepare().unwrap();
        let bytes = prepared.witness().unwrap().encode();
        assert_eq!(prepared.previous_root(), before);
        for (key, value) in &writes {
            match value {
                Some(value) => state.insert(*key, value.clone()),
                None => state.remove(key),
            };
        }
        assert_eq!(verify(&bytes, &before, &reads, &writes), prepared.root());
        assert_eq!(prepared.root(), state.root());
        // To no other root.
        let mut other = before;
        other[5] ^= 1;
        let error = Witness::<GrayPaper>::decode(&bytes).unwrap().verify(&other).map(drop);
        assert!(matches!(error, Err(WitnessError::RootMismatch { .. })));
        self.end(prepared.into_overlay(), state);
    }

    fn end(&mut self, overlay: Overlay<GrayPaper>, state: Trie<GrayPaper>) {
        match self.random.below(4) {
            0 => {}
            1 => {
                for step in self.chain.drain(..).chain([overlay]) {
                    step.commit().unwrap();
                }
                self.states = vec![state];
            }
            _ => {
                self.chain.push(overlay);
                self.states.push(state);
                if self.chain.len() > 5 {
                    self.chain.remove(0).commit().unwrap();
                    self.states.remove(0);
                }
            }
        }
        if self.random.below(20) == 0 {
            self.db.flush().unwrap();
        }
    }
}

#[test]
fn random_sessions() {
    let count = variable("BMT_SESSIONS").unwrap_or(SAMPLE_SESSIONS);
    let first = variable("BMT_SEED").unwrap_or(1);
    let mut made = 0;
    for seed in first.. {
        // Shown when the test fails.
        println!("BMT_SEED={seed} after {made} sessions");
        let mut world = World::new(seed);
        for _ in 0..SESSIONS_A_DATABASE {
            world.session();
        }
        made += SESSIONS_A_DATABASE;
        if made >= count {
            break;
        }
    }
    println!("{made} sessions from BMT_SEED={first}");
}
