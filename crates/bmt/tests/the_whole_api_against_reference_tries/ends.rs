//! How a database begins and ends: built or committed to, closed or dropped, with sessions left or not.

use crate::known::{Known, value};
use crate::sessions::Open;
use crate::world::World;
use bmt::{BulkLoadError, CommitError, PrepareError, ReadError};
use bmt_core::Trie;
use std::collections::BTreeMap;

impl World {
    /// The first state, from sorted entries.
    pub(crate) fn build(&mut self) {
        let mut entries = BTreeMap::new();
        for _ in 0..self.settings.loaded_count {
            entries.insert(self.random.pick(&self.keys), value(&mut self.random));
        }
        if entries.len() > 1 {
            let unsorted = entries.iter().rev().map(|(key, value)| (*key, value));
            let refused = self.db().bulk_load(unsorted).unwrap_err();
            assert!(matches!(refused, BulkLoadError::Unsorted { index: 1 }), "{refused}");
        }
        let step = self.new_step();
        let mut state = Trie::new();
        entries.iter().for_each(|(key, value)| drop(state.insert(*key, value.clone())));
        let known = Known::new(step, state);
        let commit = self.db().bulk_load(entries).unwrap();
        assert_eq!((commit.sequence, commit.root), (0, known.root));
        self.built(known);
    }

    /// One that has something can't be built.
    pub(crate) fn build_in_vain(&mut self) {
        let is_empty = self.sequence() == 0 && self.newest.root == bmt::EMPTY_ROOT;
        if is_empty {
            return;
        }
        let key = self.random.pick(&self.keys);
        let refused = self.db().bulk_load([(key, b"value")]).unwrap_err();
        let expected = (self.sequence(), self.newest.state.len() as u64);
        let is_told = matches!(refused, BulkLoadError::NotEmpty { sequence, key_count }
            if (sequence, key_count) == expected);
        assert!(is_told, "{refused}");
    }

    pub(crate) fn drop_all(&mut self) {
        self.readers.clear();
        self.sessions.clear();
        self.prepared.clear();
        self.branches.clear();
    }

    /// After closing, everything that is left says so.
    pub(crate) fn check_closed(&mut self) {
        let key = self.random.pick(&self.keys);
        for (session, _) in &self.readers {
            assert!(matches!(session.get(&key), Err(ReadError::Closed)));
            assert!(matches!(session.prove(&key), Err(ReadError::Closed)));
            assert!(matches!(session.range(..), Err(ReadError::Closed)));
        }
        for branch in &self.branches {
            assert!(matches!(branch.overlay.get(&key), Err(ReadError::Closed)));
            assert!(matches!(branch.overlay.commit(), Err(CommitError::Closed)));
        }
        for ready in self.prepared.drain(..) {
            assert!(matches!(ready.prepared.prove(&key), Err(ReadError::Closed)));
            assert!(matches!(ready.prepared.commit(), Err(CommitError::Closed)));
        }
        for Open { session, .. } in self.sessions.drain(..) {
            let prepared = session.prepare();
            assert!(matches!(prepared, Err(PrepareError::Read(ReadError::Closed))));
        }
    }
}
