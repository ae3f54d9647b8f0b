//! A database and what the model knows of it: the simple API, readers, checkpoints and reopening.

use crate::branches::Branch;
use crate::check::{self, unless_expired};
use crate::known::{Changes, Known, universe, value};
use crate::random::Random;
use crate::sessions::{Open, Ready};
use crate::settings::Settings;
use crate::store::Store;
use bmt::{Db, GrayPaper, Hash, ReadSession, StateKey};
use bmt_core::Trie;
use std::collections::{HashSet, VecDeque};

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) random: Random,
    store: Store,
    /// `None` while it is opened again.
    db: Option<Db>,
    pub(crate) keys: Vec<StateKey>,
    pub(crate) newest: Known,
    sequence: u64,
    /// The states that a rollback can restore, oldest first.
    pub(crate) undoable: VecDeque<Known>,
    /// Roots of states that were rolled back.
    pub(crate) cancelled: Vec<Hash>,
    /// Steps that were committed once.
    pub(crate) committed: HashSet<u64>,
    pub(crate) pending: Changes,
    pub(crate) readers: Vec<(ReadSession<GrayPaper>, Known)>,
    pub(crate) sessions: Vec<Open>,
    pub(crate) prepared: Vec<Ready>,
    pub(crate) branches: Vec<Branch>,
    /// A commit was begun and nobody waits for it: it may hold the directory for a moment.
    pub(crate) is_committing: bool,
    steps: u64,
}

impl World {
    pub(crate) fn new(mut random: Random) -> Self {
        let settings = Settings::new(&mut random);
        let store = Store::new(&settings, &mut random);
        let db = Some(store.open(&settings));
        let keys = universe(settings.key_count);
        let newest = Known::new(0, Trie::new());
        let (undoable, committed) = (VecDeque::new(), HashSet::from([0]));
        let mut world = Self {
            settings,
            random,
            store,
            db,
            keys,
            newest,
            sequence: 0,
            undoable,
            cancelled: Vec::new(),
            committed,
            pending: Changes::new(),
            readers: Vec::new(),
            sessions: Vec::new(),
            prepared: Vec::new(),
            branches: Vec::new(),
            is_committing: false,
            steps: 0,
        };
        match world.random.one_in(3) {
            true => world.build(),
            false => world.load(),
        }
        world
    }

    pub(crate) fn db(&self) -> &Db {
        self.db.as_ref().unwrap()
    }

    /// The first commit.
    fn load(&mut self) {
        for _ in 0..self.settings.loaded_count {
            let key = self.random.pick(&self.keys);
            let value = self.random.next().to_le_bytes().repeat(1 + self.random.below(5));
            self.db().insert(key, value.clone()).unwrap();
            self.pending.insert(key, Some(value));
        }
        self.commit();
    }

    /// A number that no step has.
    pub(crate) fn new_step(&mut self) -> u64 {
        self.steps += 1;
        self.steps
    }

    /// Takes the round's steps, and returns how many.
    pub(crate) fn run(&mut self) -> u64 {
        for _ in 0..self.settings.step_count {
            self.step();
        }
        self.check_newest();
        self.newest.check_reference();
        self.settings.step_count
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..10 => self.write(),
            10..14 => self.commit(),
            14..17 => self.check_newest(),
            17..20 => self.begin_read(),
            20..28 => self.check_reader(),
            28..30 => drop_one(&mut self.readers, &mut self.random),
            30..40 => self.begin_write(),
            40..55 => self.use_session(),
            55..65 => self.prepare(),
            65..75 => self.finish_prepared(),
            75..80 => self.check_branch(),
            80..81 if self.random.one_in(2) => self.race(),
            80..81 => self.forget_a_commit(),
            81..82 => self.read_while_flushing(),
            82..88 => self.commit_branch(),
            88..89 => drop_one(&mut self.branches, &mut self.random),
            89..91 => self.rollback(),
            91..95 => self.read_at(),
            95..97 => self.db().flush().unwrap(),
            97..98 if self.random.one_in(4) => self.reopen(),
            97..98 if self.random.one_in(4) => self.build_in_vain(),
            _ => self.check_pending(),
        }
    }

    pub(crate) fn change(&mut self) -> (StateKey, Option<Vec<u8>>) {
        let key = self.random.pick(&self.keys);
        let deletes = self.random.one_in(3);
        (key, (!deletes).then(|| value(&mut self.random)))
    }

    fn write(&mut self) {
        for _ in 0..1 + self.random.below(4) {
            let (key, value) = self.change();
            match &value {
                Some(value) => self.db().insert(key, value.clone()).unwrap(),
                None => self.db().delete(&key).unwrap(),
            }
            self.pending.insert(key, value);
        }
    }

    fn commit(&mut self) {
        let step = self.new_step();
        let changes = std::mem::take(&mut self.pending);
        let next = self.newest.changed(step, &changes);
        let commit = self.db().commit().unwrap();
        assert_eq!((commit.previous_root, commit.root), (self.newest.root, next.root));
        self.committed(next);
        assert_eq!(commit.sequence, self.sequence);
    }

    /// A commit was made.
    pub(crate) fn committed(&mut self, next: Known) {
        self.sequence += 1;
        self.committed.insert(next.step);
        self.undoable.push_back(std::mem::replace(&mut self.newest, next));
        while self.undoable.len() > self.settings.commits_max {
            self.undoable.pop_front();
        }
        assert_eq!((self.db().root(), self.db().sequence()), (self.newest.root, self.sequence));
    }

    /// A rollback was made.
    pub(crate) fn restored(&mut self, state: Known) {
        self.sequence += 1;
        self.committed.insert(state.step);
        self.newest = state;
        assert_eq!((self.db().root(), self.db().sequence()), (self.newest.root, self.sequence));
    }

    /// The database was built.
    pub(crate) fn built(&mut self, state: Known) {
        self.committed.insert(state.step);
        self.newest = state;
        assert_eq!((self.db().root(), self.db().sequence()), (self.newest.root, 0));
    }

    pub(crate) fn sequence(&self) -> u64 {
        self.sequence
    }

    fn check_newest(&mut self) {
        let db = self.db.as_ref().unwrap();
        assert_eq!((db.root(), db.sequence()), (self.newest.root, self.sequence));
        let key = self.random.pick(&self.keys);
        let (root, found, proof) = db.prove_with_root(&key).unwrap();
        let expected = self.newest.get(&key);
        assert_eq!(root, self.newest.root);
        check::value_is(found.as_ref(), expected.as_ref());
        check::proof_is(&proof, &root, &key, expected.as_ref());
        check::proof_is(&db.prove(&key).unwrap(), &root, &key, expected.as_ref());
        let stats = db.stats();
        assert_eq!(stats.undoable_commits, self.undoable.len());
        assert_eq!(stats.pending_changes, self.pending.len());
        assert_eq!(stats.key_count, self.newest.state.len() as u64);
        if self.newest.state.len() < 100 {
            self.newest.check_reference();
        }
        let session = db.begin_read();
        let result = check::session_is(&session, &self.newest, &self.keys, &mut self.random);
        unless_expired(self.settings.expires, result);
    }

    /// What this handle reads while changes are pending.
    fn check_pending(&mut self) {
        let db = self.db.as_ref().unwrap();
        let with_pending = self.newest.changed(u64::MAX, &self.pending);
        let key = self.random.pick(&self.keys);
        check::value_is(db.get(&key).unwrap().as_ref(), with_pending.get(&key).as_ref());
        assert_eq!(db.pending_root().unwrap(), with_pending.root);
        let (from, to) = check::bounds(&self.keys, &mut self.random);
        let expected = with_pending.state.range(from..=to);
        let expected = expected.map(|(key, value)| (key, value.to_vec()));
        let range = db.range(from..=to).unwrap();
        let result = check::range_is(range, expected, false, &mut self.random);
        unless_expired(self.settings.expires, result);
    }

    fn begin_read(&mut self) {
        self.readers.push((self.db().begin_read(), self.newest.clone()));
        if self.readers.len() > 6 {
            self.readers.remove(0);
        }
    }

    fn check_reader(&mut self) {
        if self.readers.is_empty() {
            return;
        }
        let at = self.random.below(self.readers.len());
        let (session, known) = &self.readers[at];
        let result = check::session_is(session, known, &self.keys, &mut self.random);
        if unless_expired(self.settings.expires, result).is_none() {
            self.readers.remove(at);
        }
    }

    fn reopen(&mut self) {
        let dropped_changes = std::mem::take(&mut self.pending).len();
        let db = self.db.take().unwrap();
        if std::mem::take(&mut self.is_committing) || self.random.one_in(2) {
            if self.random.one_in(2) {
                self.drop_all();
            }
            assert_eq!(db.close().unwrap().dropped_changes, dropped_changes);
            self.check_closed();
        } else {
            self.drop_all();
            drop(db);
        }
        if self.random.one_in(2) {
            self.store.lose_power(&self.settings, &mut self.random);
        }
        self.db = Some(self.store.open(&self.settings));
        self.check_closed();
        self.drop_all();
        self.check_newest();
    }
}

pub(crate) fn drop_one<T>(items: &mut Vec<T>, random: &mut Random) {
    if !items.is_empty() {
        items.remove(random.below(items.len()));
    }
}
