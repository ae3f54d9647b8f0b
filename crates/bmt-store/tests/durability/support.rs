//! A workload with known roots, and what a reopened database must then be.

use bmt_core::{GrayPaper, Hash, StateKey, reference};
use bmt_io::SimDisk;
use bmt_store::{Db, Error, Options};
use std::collections::BTreeMap;

/// One step of a database.
pub(crate) enum Step {
    /// A commit of these changes.
    Commit(Vec<(StateKey, Option<Vec<u8>>)>),
    /// A rollback of so many commits.
    Rollback(usize),
}

type State = BTreeMap<StateKey, Vec<u8>>;

/// Steps, and the root after each, that of the empty state first.
pub(crate) struct Workload {
    pub(crate) steps: Vec<Step>,
    pub(crate) roots: Vec<Hash>,
}

/// A splitmix64 generator: the same numbers everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

impl Workload {
    /// `count` steps: commits of a few changes each, now and then none, or a value of several pages;
    /// and a rollback now and then.
    pub(crate) fn new(count: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let (mut steps, mut roots) = (Vec::new(), vec![root(&State::new())]);
        let mut states = vec![State::new()];
        for _ in 0..count {
            let undone = usize::try_from(random.below(3)).unwrap() + 1;
            if random.below(12) == 0 && states.len() > undone {
                states.truncate(states.len() - undone);
                steps.push(Step::Rollback(undone));
            } else {
                let changes: Vec<_> = (0..random.below(4)).map(|_| change(&mut random)).collect();
                states.push(changed(states.last().unwrap().clone(), &changes));
                steps.push(Step::Commit(changes));
            }
            roots.push(root(states.last().unwrap()));
        }
        Self { steps, roots }
    }

    /// Makes the steps from `from` on, and returns how many have been acknowledged at the end, or at
    /// the first error.
    pub(crate) fn run(&self, db: &Db, from: usize) -> usize {
        for (index, step) in self.steps.iter().enumerate().skip(from) {
            match step.make(db) {
                Ok(root) => assert_eq!(root, self.roots[index + 1]),
                Err(_) => return index,
            }
        }
        self.steps.len()
    }

    /// How many steps the database holds: its root must be the one after exactly that many, and at
    /// least `acknowledged`. `Err` says what is wrong.
    pub(crate) fn held(&self, db: &Db, acknowledged: usize) -> Result<usize, String> {
        let held = usize::try_from(db.sequence()).unwrap();
        match self.roots.get(held) {
            Some(root) if *root == db.root() && held >= acknowledged => Ok(held),
            Some(_) if held < acknowledged => Err(format!("{held} of {acknowledged} commits left")),
            _ => Err(format!("a root that is not the one after {held} steps")),
        }
    }
}

impl Step {
    /// Makes the step; the root after it.
    pub(crate) fn make(&self, db: &Db) -> Result<Hash, Error> {
        match self {
            Self::Commit(changes) => {
                for (key, value) in changes {
                    match value {
                        Some(value) => db.insert(*key, value.clone())?,
                        None => db.delete(key)?,
                    }
                }
                Ok(db.commit()?.root)
            }
            Self::Rollback(count) => Ok(db.rollback(*count)?.root),
        }
    }
}

fn changed(mut state: State, changes: &[(StateKey, Option<Vec<u8>>)]) -> State {
    for (key, value) in changes {
        match value {
            Some(value) => state.insert(*key, value.clone()),
            None => state.remove(key),
        };
    }
    state
}

fn root(state: &State) -> Hash {
    let entries: Vec<_> = state.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}

fn change(random: &mut Random) -> (StateKey, Option<Vec<u8>>) {
    let key = StateKey::service_storage(9, &random.below(30).to_le_bytes());
    let byte = u8::try_from(random.below(256)).unwrap();
    let length = match random.below(40) {
        0 => 9000,
        n => usize::try_from(n * 3).unwrap(),
    };
    (key, (random.below(4) > 0).then(|| vec![byte; length]))
}

/// Small segments, so that the log rolls, and everything a function of the seed.
pub(crate) fn options() -> Options {
    Options::new()
        .seed(7)
        .log_segment_bytes(32 << 10)
        .checkpoint_log_bytes(72 << 10)
        .slice_changes_min(4)
}

pub(crate) fn open(disk: &SimDisk) -> Result<Db, bmt_store::OpenError> {
    Db::open_in(disk.directory(), &options())
}

/// How many outcomes of each crash are tried: `BMT_SEEDS`, or 20.
pub(crate) fn seeds() -> u64 {
    std::env::var("BMT_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}
