//! What is done to a database, and the state after each commit: known before anything is done.

mod sessions;

use crate::profile::{Profile, Shape};
use crate::random::Random;
use bmt_core::{GrayPaper, Hash, StateKey, reference};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) type State = BTreeMap<StateKey, Arc<[u8]>>;
pub(crate) type Changes = Vec<(StateKey, Option<Arc<[u8]>>)>;

/// One thing that is done.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Commit(Changes),
    /// Undoes so many commits.
    Rollback(usize),
    Flush,
    Sync,
    /// Closes and opens again.
    Reopen,
    /// Opens again without closing.
    Restart,
    /// Takes a snapshot, to be compared later.
    Hold,
    /// Compares the oldest snapshot.
    Look,
    /// Drops the oldest snapshot.
    Release,
    /// A flush with so many bytes left on the disk.
    TightFlush(u64),
    /// A commit with so many bytes left on the disk; again with more if it is refused.
    TightCommit(Changes, u64),
    /// Builds the first state.
    BulkLoad(Changes),
    /// A commit by a write session.
    Session(Changes, Way),
    /// An overlay on the newest state, or on the overlay before; to be this point when it is committed.
    Stage {
        point: usize,
        changes: Changes,
    },
    /// The oldest overlay is committed; perhaps with so many bytes left on the disk.
    CommitStaged {
        changes: Changes,
        free_bytes: Option<u64>,
    },
    /// An overlay beside the one that will be committed.
    Fork(Arc<Fork>),
    /// The oldest fork is looked at, committed in vain, and dropped.
    EndFork,
    /// Compares the overlays.
    LookStaged,
    /// Reads what undoing so many commits would restore.
    ReadAt(usize),
}

/// How a write session is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Commit,
    /// With a witness, which is verified.
    Witness,
    /// With reads and writes that the program has collected, with a witness of them.
    Accesses,
    Try,
    Async,
}

/// A state beside the points.
#[derive(Debug)]
pub(crate) struct Fork {
    /// The point that it stands on.
    pub(crate) parent: usize,
    pub(crate) changes: Changes,
    pub(crate) point: Point,
}

/// What made a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Maker {
    Simple,
    Session,
    Overlay,
}

/// The database after so many commits and rollbacks.
#[derive(Debug, Clone)]
pub(crate) struct Point {
    pub(crate) sequence: u64,
    pub(crate) maker: Maker,
    pub(crate) state: Arc<State>,
    pub(crate) root: Hash,
    /// The undoable commits, oldest first; what each is undone to is the point before it.
    pub(crate) undoable: Arc<Vec<usize>>,
    /// The step that comes after the one that made this.
    pub(crate) next_step: usize,
}

#[derive(Debug)]
pub(crate) struct Workload {
    pub(crate) steps: Vec<Step>,
    /// By sequence, but for an empty database that is built: two states of sequence 0.
    pub(crate) points: Vec<Point>,
}

impl Workload {
    pub(crate) fn new(profile: &Profile) -> Self {
        let mut random = Random(profile.seed ^ 0x3017);
        let state = Arc::new(State::new());
        let root = root_of(&state);
        let first = Point {
            sequence: 0,
            maker: Maker::Simple,
            state,
            root,
            undoable: Arc::default(),
            next_step: 0,
        };
        let mut workload = Self { steps: Vec::new(), points: vec![first] };
        let first_count = if profile.shape == Shape::Held { 900 } else { 40 };
        if profile.is_built {
            workload.bulk_load(profile, &mut random, first_count);
        } else if profile.shape == Shape::Held {
            workload.commit(profile, &mut random, first_count, None);
        }
        while workload.steps.len() < profile.step_count {
            workload.add(profile, &mut random);
        }
        workload
    }

    fn add(&mut self, profile: &Profile, random: &mut Random) {
        let undoable = self.newest().undoable.len();
        let is_held = profile.shape == Shape::Held;
        let is_full = profile.shape == Shape::Full;
        match random.below(100) {
            0..8 if undoable > 0 => self.rollback(1 + random.index(undoable.min(4))),
            8..12 => self.steps.push(Step::Flush),
            12..15 => self.steps.push(Step::Sync),
            15..18 if !is_held || random.percent(30) => self.steps.push(Step::Reopen),
            18..21 if !is_held || random.percent(30) => self.steps.push(Step::Restart),
            21..30 => self.steps.push(Step::Hold),
            30..33 => self.steps.push(Step::Look),
            33..36 if !is_held || random.percent(20) => self.steps.push(Step::Release),
            36..48 if is_full => self.steps.push(Step::TightFlush(random.below(60_000))),
            48..60 if is_full => {
                let count = random.below(profile.changes_max + 1);
                self.commit(profile, random, count, Some(30_000));
            }
            60..68 => self.session(profile, random),
            68..75 => self.chain(profile, random),
            75..79 if undoable > 0 => self.steps.push(Step::ReadAt(1 + random.index(undoable))),
            _ => {
                let count = commit_size(profile, random);
                self.commit(profile, random, count, None);
                if is_held {
                    self.steps.push(Step::Hold);
                }
            }
        }
    }

    fn newest(&self) -> &Point {
        &self.points[self.points.len() - 1]
    }

    fn commit(&mut self, profile: &Profile, random: &mut Random, count: u64, tight: Option<u64>) {
        let changes = changes(profile, random, count);
        let state = changed(&self.newest().state, &changes);
        self.steps.push(match tight {
            Some(free_bytes) => Step::TightCommit(changes, random.below(free_bytes)),
            None => Step::Commit(changes),
        });
        self.committed(profile, state, Maker::Simple);
    }

    /// The last step has made this state.
    fn committed(&mut self, profile: &Profile, state: State, maker: Maker) {
        let before = self.newest();
        let sequence = before.sequence + 1;
        let mut undoable = Vec::clone(&before.undoable);
        undoable.push(self.points.len());
        let surplus = undoable.len().saturating_sub(profile.commits_max);
        undoable.drain(..surplus);
        let (root, undoable) = (root_of(&state), Arc::new(undoable));
        let (next_step, state) = (self.steps.len(), Arc::new(state));
        self.points.push(Point { sequence, maker, state, root, undoable, next_step });
    }

    fn rollback(&mut self, count: usize) {
        let newest = self.newest();
        let mut point = self.undone(self.points.len() - 1, count).clone();
        let kept = newest.undoable.len() - count;
        point.undoable = Arc::new(newest.undoable[..kept].to_vec());
        (point.sequence, point.maker) = (newest.sequence + 1, Maker::Simple);
        self.steps.push(Step::Rollback(count));
        point.next_step = self.steps.len();
        self.points.push(point);
    }

    /// The point that a database is at.
    pub(crate) fn index_of(&self, sequence: u64, root: &Hash) -> Option<usize> {
        self.points.iter().position(|it| it.sequence == sequence && it.root == *root)
    }

    /// The point that undoing so many commits of another one restores.
    pub(crate) fn undone(&self, index: usize, count: usize) -> &Point {
        let undoable = &self.points[index].undoable;
        &self.points[undoable[undoable.len() - count] - 1]
    }
}

/// How many changes a commit has.
fn commit_size(profile: &Profile, random: &mut Random) -> u64 {
    match random.below(8) {
        0 => 0,
        1 => 1,
        2 => profile.changes_max,
        _ => random.below(profile.changes_max + 1),
    }
}

fn changes(profile: &Profile, random: &mut Random, count: u64) -> Changes {
    let deletes = if count > 800 { 0 } else { random.pick(&[0, 20, 60, 95]) };
    let change = |_| {
        let key = key_of(random.below(profile.key_count));
        (key, (!random.percent(deletes)).then(|| value(random, profile.shape)))
    };
    (0..count).map(change).collect()
}

fn some_changes(profile: &Profile, random: &mut Random) -> Changes {
    let count = commit_size(profile, random);
    changes(profile, random, count)
}

fn changed(state: &State, changes: &Changes) -> State {
    let mut state = state.clone();
    for (key, value) in changes {
        match value {
            Some(value) => drop(state.insert(*key, Arc::clone(value))),
            None => drop(state.remove(key)),
        }
    }
    state
}

fn root_of(state: &State) -> Hash {
    let entries: Vec<_> = state.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<GrayPaper, _>(&entries)
}

/// Keys of one big service, of many small ones, and of the state's components.
fn key_of(index: u64) -> StateKey {
    let service = u32::try_from(index).unwrap();
    match index % 7 {
        0 => StateKey::service_component(255, service),
        1 => StateKey::service_storage(service, b"only"),
        2 if index < 255 * 7 => StateKey::component(u8::try_from(index / 7).unwrap()),
        _ => StateKey::service_storage(1729, &index.to_le_bytes()),
    }
}

/// Values of all lengths. Where versions are held, most are so long that no two make a bottom subtrie, so that
/// the trie has many pages.
fn value(random: &mut Random, shape: Shape) -> Arc<[u8]> {
    let len = match random.below(300) {
        100.. if shape == Shape::Held => 540,
        0 => 4000 + random.index(20_000),
        1..6 => random.pick(&[1280, 1281, 4071, 4072, 4073]),
        6..12 => random.pick(&[127, 128, 129, 600]),
        12..30 => 0,
        30..60 => random.index(120),
        _ => random.index(40),
    };
    let mut state = Random(random.next());
    (0..len).map(|_| u8::try_from(state.next() & 0xff).unwrap()).collect()
}
