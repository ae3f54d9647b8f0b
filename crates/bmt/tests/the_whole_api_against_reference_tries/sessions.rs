//! Write sessions, from their beginning to the step that they prepare.

use crate::branches::Branch;
use crate::check::{self, unless_expired};
use crate::known::{Changes, Known};
use crate::world::World;
use bmt::{
    Access, GrayPaper, Hash, Lookup, PrepareError, PreparedSession, SessionError, StateKey,
    WriteOptions, WriteSession,
};

/// A session before it is prepared.
pub(crate) struct Open {
    pub(crate) session: WriteSession<GrayPaper>,
    base: Known,
    changes: Changes,
    /// The keys that were read, if there is to be a witness.
    reads: Option<Vec<StateKey>>,
}

/// A session that is prepared.
pub(crate) struct Ready {
    pub(crate) prepared: PreparedSession<GrayPaper>,
    pub(crate) known: Known,
    /// The step it stands on.
    pub(crate) base: u64,
}

impl World {
    pub(crate) fn begin_write(&mut self) {
        let witness = self.random.one_in(3);
        let mut options = WriteOptions::new().witness(witness);
        let mut base = &self.newest;
        if !self.branches.is_empty() && self.random.below(3) > 0 {
            let branch = &self.branches[self.random.below(self.branches.len())];
            base = &branch.known;
            options = match self.chain_of(branch) {
                Some(chain) if self.random.one_in(2) => options.on_chain(chain),
                _ => options.on(&branch.overlay),
            };
        }
        let base = base.clone();
        let session = self.db().begin_write_with(&options).unwrap();
        assert_eq!(session.previous_root(), base.root);
        let reads = witness.then(Vec::new);
        self.sessions.push(Open { session, base, changes: Changes::new(), reads });
        if self.sessions.len() > 4 {
            self.sessions.remove(0);
        }
    }

    pub(crate) fn use_session(&mut self) {
        if self.sessions.is_empty() {
            return;
        }
        let mut open = self.sessions.swap_remove(self.random.below(self.sessions.len()));
        for _ in 0..1 + self.random.below(8) {
            let (key, value) = self.change();
            match &value {
                Some(value) => open.session.insert(key, value.clone()).unwrap(),
                None => open.session.delete(&key),
            }
            open.changes.insert(key, value);
        }
        let result = self.ask(&mut open);
        if unless_expired(self.settings.expires, result).is_some() {
            self.sessions.push(open);
        }
    }

    fn ask(&mut self, open: &mut Open) -> Result<(), SessionError> {
        let with_changes = open.base.changed(u64::MAX, &open.changes);
        let keys = [self.random.pick(&self.keys), self.random.pick(&self.keys)];
        if let Some(reads) = &mut open.reads {
            reads.extend(keys);
        }
        check::value_is(open.session.get(&keys[0])?.as_ref(), with_changes.get(&keys[0]).as_ref());
        let found = open.session.get_many(&keys)?;
        keys.iter().zip(&found).for_each(|(key, found)| {
            check::value_is(found.as_ref(), with_changes.get(key).as_ref());
        });
        let proof = open.session.prove(&keys[1])?;
        check::proof_is(&proof, &open.base.root, &keys[1], open.base.get(&keys[1]).as_ref());
        open.session.warm_up(&keys);
        if self.random.one_in(3) {
            assert_eq!(open.session.root()?, with_changes.root);
        }
        let (from, to) = check::bounds(&self.keys, &mut self.random);
        let range = open.session.range(from..=to);
        if open.reads.is_some() {
            assert!(matches!(range, Err(SessionError::RangeWithWitness)));
            return Ok(());
        }
        let expected = with_changes.state.range(from..=to);
        let expected = expected.map(|(key, value)| (key, value.to_vec()));
        Ok(check::range_is(range?, expected, false, &mut self.random)?)
    }

    pub(crate) fn prepare(&mut self) {
        if self.sessions.is_empty() {
            return;
        }
        let open = self.sessions.swap_remove(self.random.below(self.sessions.len()));
        let Open { session, base, changes, reads } = open;
        let step = self.new_step();
        let known = base.changed(step, &changes);
        let prepared = match changes.is_empty() && self.random.one_in(2) {
            true => return self.prepare_with(session, &base, reads),
            false => session.prepare(),
        };
        let Some(prepared) = unless_expired(self.settings.expires, prepared) else { return };
        check_witness(&prepared, &base, &changes, reads.as_deref());
        self.ready(prepared, known, &base);
    }

    /// What was prepared is right, and is kept.
    fn ready(&mut self, prepared: PreparedSession<GrayPaper>, known: Known, base: &Known) {
        assert_eq!((prepared.previous_root(), prepared.root()), (base.root, known.root));
        let key = self.random.pick(&self.keys);
        let proof = prepared.prove(&key);
        if let Some(proof) = unless_expired(self.settings.expires, proof) {
            check::proof_is(&proof, &known.root, &key, known.get(&key).as_ref());
        }
        self.prepared.push(Ready { prepared, known, base: base.step });
        if self.prepared.len() > 4 {
            self.prepared.remove(0);
        }
    }

    /// The form for programs that collect their accesses, right or wrong.
    fn prepare_with(
        &mut self,
        session: WriteSession<GrayPaper>,
        base: &Known,
        reads: Option<Vec<StateKey>>,
    ) {
        let changes: Changes = (0..self.random.below(10)).map(|_| self.change()).collect();
        let mut reads = reads;
        let priors: Vec<_> = changes.keys().map(|key| base.get(key)).collect();
        let mut accesses: Vec<(StateKey, Access<'_>)> = Vec::new();
        for ((key, value), prior) in changes.iter().zip(&priors) {
            let (prior, value) = (prior.as_deref(), value.as_deref());
            accesses.push((
                *key,
                match self.random.one_in(2) {
                    true => Access::Write(value),
                    false => Access::Replace { prior, value },
                },
            ));
        }
        let read = self.random.pick(&self.keys);
        if let Err(at) = accesses.binary_search_by_key(&read, |(key, _)| *key) {
            accesses.insert(at, (read, Access::Read));
            reads.iter_mut().for_each(|reads| reads.push(read));
        }
        let relied = accesses.iter().filter(|(_, access)| matches!(access, Access::Replace { .. }));
        reads.iter_mut().for_each(|reads| reads.extend(relied.clone().map(|(key, _)| *key)));
        let wrong = self.random.below(8);
        let len = accesses.len();
        match wrong {
            0 if len > 1 => accesses.swap(0, len - 1),
            1 => accesses[0].1 = Access::Replace { prior: Some(b"no such value"), value: None },
            _ => {}
        }
        let result = session.prepare_with(&accesses);
        let is_expected = match &result {
            Ok(_) => wrong > 1 || (wrong == 0 && len == 1),
            Err(PrepareError::Unsorted { .. }) => wrong == 0,
            Err(PrepareError::WrongPrior { index: 0 }) => wrong == 1,
            Err(_) => true,
        };
        assert!(is_expected, "{result:?}");
        if matches!(result, Err(PrepareError::Unsorted { .. } | PrepareError::WrongPrior { .. })) {
            return;
        }
        let Some(prepared) = unless_expired(self.settings.expires, result) else { return };
        check_witness(&prepared, base, &changes, reads.as_deref());
        let step = self.new_step();
        self.ready(prepared, base.changed(step, &changes), base);
    }

    pub(crate) fn finish_prepared(&mut self) {
        if self.prepared.is_empty() {
            return;
        }
        let Ready { prepared, known, base } =
            self.prepared.swap_remove(self.random.below(self.prepared.len()));
        let root: Hash = known.root;
        let outcome = match self.random.below(8) {
            0 => prepared.commit(),
            1 => match prepared.try_commit() {
                Ok(Ok(commit)) => Ok(commit),
                Ok(Err(prepared)) => prepared.commit(),
                Err(error) => Err(error),
            },
            2 => {
                let handle = prepared.commit_async().unwrap();
                assert_eq!(handle.root(), root);
                handle.wait()
            }
            3 => return prepared.discard(),
            _ => {
                let overlay = prepared.into_overlay();
                self.branches.push(Branch { overlay, known, base });
                if self.branches.len() > 10 {
                    self.branches.remove(0);
                }
                return;
            }
        };
        self.check_commit(base, known, outcome);
    }
}

/// A witness tells what was read and gives the root, to whoever has only the root before.
fn check_witness(
    prepared: &PreparedSession<GrayPaper>,
    base: &Known,
    changes: &Changes,
    reads: Option<&[StateKey]>,
) {
    assert_eq!(prepared.witness().is_some(), reads.is_some());
    let (Some(witness), Some(reads)) = (prepared.witness(), reads) else { return };
    let witness = bmt::Witness::<GrayPaper>::decode(&witness.encode()).unwrap();
    let state = witness.verify(&base.root).unwrap();
    for key in reads {
        match base.get(key) {
            Some(value) => assert_eq!(state.get(key), Lookup::Value(&value)),
            None => assert_eq!(state.get(key), Lookup::Absent),
        }
    }
    assert_eq!(state.apply(changes.clone()).unwrap(), prepared.root());
}
