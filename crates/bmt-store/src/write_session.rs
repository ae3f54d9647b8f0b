//! A transaction: [`WriteSession`].

use crate::engine::Engine;
use crate::error::{BeginError, PrepareError, ReadError, SessionError, WriteError};
use crate::overlay::{Lineage, Overlay, view_of};
use crate::pending::Changes;
use crate::prepared::PreparedSession;
use crate::range::Range;
use crate::step::{self, Base, Claim, Step, StepError, Undo};
use crate::value::Value;
use crate::view::View;
use crate::write_set::WriteSet;
use bmt_core::{Hash, PathProof, Scheme, Witness};
use bmt_merkle::StepId;
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

/// Whether a session's reads go into a witness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Witnessing {
    On,
    Off,
}

/// What a session reads ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WarmUp {
    /// What [`WriteSession::warm_up`] names, by one thread for all sessions.
    #[default]
    OnRequest,
    /// Nothing, also on request.
    Never,
}

/// How a write session begins; [`WriteOptions::new`] is a session without a witness on the newest
/// committed state.
pub struct WriteOptions<S: Scheme> {
    witness: bool,
    base: Vec<Overlay<S>>,
    warm_up: WarmUp,
}

impl<S: Scheme> WriteOptions<S> {
    /// No witness, on the newest committed state.
    #[must_use]
    pub fn new() -> Self {
        Self { witness: false, base: Vec::new(), warm_up: WarmUp::default() }
    }

    /// Whether to make a witness of all reads and writes.
    #[must_use]
    pub fn witness(mut self, witness: bool) -> Self {
        self.witness = witness;
        self
    }

    /// Stands on an overlay and all its ancestors.
    #[must_use]
    pub fn on(mut self, overlay: &Overlay<S>) -> Self {
        self.base = vec![overlay.clone()];
        let ancestors = overlay.lineage().uncommitted();
        self.base.extend(ancestors.into_iter().skip(1).map(|step| overlay.of(step)));
        self
    }

    /// Stands on these overlays, nearest first: each stands on the next, the last on a committed state.
    #[must_use]
    pub fn on_chain(mut self, overlays: impl IntoIterator<Item = Overlay<S>>) -> Self {
        self.base = overlays.into_iter().collect();
        self
    }

    /// What to read ahead.
    #[must_use]
    pub fn warm_up(mut self, warm_up: WarmUp) -> Self {
        self.warm_up = warm_up;
        self
    }
}

impl<S: Scheme> Default for WriteOptions<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Scheme> fmt::Debug for WriteOptions<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteOptions")
            .field("witness", &self.witness)
            .field("overlay_count", &self.base.len())
            .field("warm_up", &self.warm_up)
            .finish()
    }
}

/// What a program did with a key, for [`WriteSession::prepare_with`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access<'a> {
    /// It was read.
    Read,
    /// It was set, or deleted with `None`.
    Write(Option<&'a [u8]>),
    /// The same, and the program has read what it had before: taken as given, and told by the hash that the
    /// trie has of it if it is another. It counts as a read for a witness.
    Replace {
        /// The value before.
        prior: Option<&'a [u8]>,
        /// The value after.
        value: Option<&'a [u8]>,
    },
}

/// A set of changes on a state, before anything is computed: a transaction, a block.
///
/// Any number may be open at once, on any states, and none blocks another or a commit. It sees its own
/// changes, and never those that are pending in the handle. Dropping it drops its changes.
pub struct WriteSession<S: Scheme> {
    engine: Arc<Engine<S>>,
    parent: Option<Lineage<S>>,
    base: View<S>,
    base_step: StepId,
    base_sequence: Option<u64>,
    changes: WriteSet<S>,
    /// The keys that were read, if a witness is wanted.
    reads: Option<Mutex<BTreeSet<S::Key>>>,
    warm_up: WarmUp,
}

impl<S: Scheme> WriteSession<S> {
    pub(crate) fn on_newest(engine: &Arc<Engine<S>>, witnessing: Witnessing) -> Self {
        let version = engine.current();
        Self {
            engine: Arc::clone(engine),
            parent: None,
            base: version.view.clone(),
            base_step: version.step,
            base_sequence: Some(version.sequence()),
            changes: WriteSet::new(),
            reads: (witnessing == Witnessing::On).then(Mutex::default),
            warm_up: WarmUp::default(),
        }
    }

    pub(crate) fn begin(
        engine: &Arc<Engine<S>>,
        options: &WriteOptions<S>,
    ) -> Result<Self, BeginError> {
        let witnessing = if options.witness { Witnessing::On } else { Witnessing::Off };
        let mut session = Self::on_newest(engine, witnessing);
        session.warm_up = options.warm_up;
        if let Some(index) = options.base.iter().position(|overlay| !overlay.is_of(engine)) {
            return Err(BeginError::OtherDatabase { index });
        }
        let chain: Vec<Lineage<S>> =
            options.base.iter().map(|overlay| overlay.lineage().clone()).collect();
        Lineage::<S>::check_chain(&chain)?;
        if let Some(nearest) = chain.into_iter().next() {
            session.base = view_of(engine, &nearest);
            session.base_step = nearest.payload().id;
            session.base_sequence = None;
            session.parent = Some(nearest);
        }
        Ok(session)
    }

    /// Sets a key's value. An empty value is a value.
    ///
    /// # Errors
    /// [`WriteError::ValueTooLarge`].
    pub fn insert(&mut self, key: S::Key, value: impl AsRef<[u8]>) -> Result<(), WriteError> {
        let value = value.as_ref();
        WriteError::check_len(value.len())?;
        self.changes.write(key, Some(value));
        Ok(())
    }

    /// Deletes a key; also one that is absent.
    pub fn delete(&mut self, key: &S::Key) {
        self.changes.write(*key, None);
    }

    /// The value of a key, with the session's changes.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        self.note_reads(std::slice::from_ref(key));
        match self.changes.get(key) {
            Some(change) => Ok(change.map(Value::from)),
            None => self.engine.timings.read(|| self.base.get(key)),
        }
    }

    /// The values of many keys, in their order, with the session's changes; read in one batch.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get_many(&self, keys: &[S::Key]) -> Result<Vec<Option<Value>>, ReadError> {
        self.note_reads(keys);
        let timings = &self.engine.timings;
        let mut values = timings.batch_read(keys.len(), || self.base.get_many(keys))?;
        for (key, value) in keys.iter().zip(&mut values) {
            if let Some(change) = self.changes.get(key) {
                *value = change.map(Value::from);
            }
        }
        Ok(values)
    }

    /// The entries with keys in `bounds`, with the session's changes, in key order from either end.
    ///
    /// # Errors
    /// [`SessionError::RangeWithWitness`], and what reading says; so may each item.
    pub fn range(&self, bounds: impl RangeBounds<S::Key>) -> Result<Range<S>, SessionError> {
        if self.reads.is_some() {
            return Err(SessionError::RangeWithWitness);
        }
        self.base.check_expiry()?;
        let mut changes = Changes::<S>::new();
        self.changes.add_to(&mut changes);
        Ok(Range::new(&self.base, &bounds, changes))
    }

    /// Reads what changes of these keys will need into memory, in the background. If much is waiting to be
    /// read already, nothing happens.
    pub fn warm_up(&self, keys: &[S::Key]) {
        if self.warm_up == WarmUp::OnRequest {
            self.engine.ask_for_warm_up(&self.base, keys);
        }
    }

    /// A proof of what the key has in the state that the session stands on, against
    /// [`WriteSession::previous_root`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, ReadError> {
        self.engine.timings.proof(|| self.base.prove(&self.engine.merkle, key))
    }

    /// The root of the state that the session stands on.
    #[must_use]
    pub fn previous_root(&self) -> Hash {
        self.base.root()
    }

    /// The root with the changes so far. Costs what preparing costs.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn root(&self) -> Result<Hash, ReadError> {
        let (changes, base) = (self.changes.sorted(), self.base());
        let Engine { timings, merkle, ids, .. } = &*self.engine;
        let step = timings.prepare(|| step::compute(merkle, ids, &base, &changes, Undo::None));
        Ok(step?.root())
    }

    /// Computes what the changes make of the state: its root and trie, what they replace, and the witness if
    /// one is wanted. Nothing is visible to others yet.
    ///
    /// # Errors
    /// See [`PrepareError`].
    pub fn prepare(self) -> Result<PreparedSession<S>, PrepareError> {
        self.prepare_relying(&[])
    }

    /// `claims`, if there are any, are one for each change, with the index of its access.
    fn prepare_relying(
        self,
        claims: &[(usize, Claim<'_>)],
    ) -> Result<PreparedSession<S>, PrepareError> {
        let step = self.compute(claims)?;
        let witness = match &self.reads {
            Some(reads) => Some(self.witness(&reads.lock(), claims)?),
            None => None,
        };
        let overlay = Overlay::new(&self.engine, self.parent.as_ref(), &self.base, step)?;
        Ok(PreparedSession::new(overlay, witness))
    }

    /// Prepares accesses that the program has collected itself, ascending by key, instead of the session's
    /// own changes, which must be none. Reads go into the witness, if one is wanted. Prior values that are given
    /// are not read: they are compared with what computing the root meets anyway.
    ///
    /// # Errors
    /// [`PrepareError::Unsorted`], [`PrepareError::WrongPrior`], and as [`WriteSession::prepare`].
    pub fn prepare_with(
        mut self,
        accesses: &[(S::Key, Access<'_>)],
    ) -> Result<PreparedSession<S>, PrepareError> {
        assert!(self.changes.is_empty(), "a session writes by itself or is given its accesses");
        if let Some(at) = accesses.windows(2).position(|pair| pair[0].0 >= pair[1].0) {
            return Err(PrepareError::Unsorted { kind: "access", index: at + 1 });
        }
        let mut claims = Vec::with_capacity(accesses.len());
        for (index, (key, access)) in accesses.iter().enumerate() {
            let (value, claim) = match access {
                Access::Read => {
                    self.note_reads(std::slice::from_ref(key));
                    continue;
                }
                Access::Write(value) => (*value, Claim::Nothing),
                Access::Replace { prior, value } => {
                    self.note_reads(std::slice::from_ref(key));
                    (*value, Claim::Value(*prior))
                }
            };
            WriteError::check_len(value.map_or(0, <[u8]>::len))?;
            self.changes.write(*key, value);
            claims.push((index, claim));
        }
        self.prepare_relying(&claims)
    }

    fn compute(&self, claims: &[(usize, Claim<'_>)]) -> Result<Step<S>, PrepareError> {
        let changes = self.changes.sorted();
        assert!(claims.is_empty() || claims.len() == changes.len(), "a claim for each change");
        let given: Vec<Claim<'_>> = claims.iter().map(|(_, claim)| *claim).collect();
        let base = self.base();
        let Engine { timings, merkle, ids, .. } = &*self.engine;
        let step = timings
            .prepare(|| step::compute_relying(merkle, ids, &base, &changes, &given, Undo::Noted));
        step.map_err(|error| match error {
            StepError::Read(error) => PrepareError::Read(error),
            StepError::WrongClaim(at) => {
                let index = claims.get(at).map_or(at, |(index, _)| *index);
                PrepareError::WrongPrior { index }
            }
        })
    }

    fn base(&self) -> Base<'_, S> {
        Base { view: &self.base, step: self.base_step, sequence: self.base_sequence }
    }

    fn witness(
        &self,
        reads: &BTreeSet<S::Key>,
        claims: &[(usize, Claim<'_>)],
    ) -> Result<Witness<S>, ReadError> {
        let writes = self.changes.sorted();
        let known = writes.iter().zip(claims).filter_map(|((key, _), (_, claim))| match claim {
            Claim::Nothing => None,
            Claim::Value(value) => Some((*key, *value)),
        });
        let known: Vec<_> = known.collect();
        self.base.witness(&self.engine.merkle, reads.iter().copied(), writes, &known)
    }

    fn note_reads(&self, keys: &[S::Key]) {
        if let Some(reads) = &self.reads {
            reads.lock().extend(keys.iter().copied());
        }
    }
}

impl<S: Scheme> fmt::Debug for WriteSession<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteSession")
            .field("change_count", &self.changes.len())
            .finish_non_exhaustive()
    }
}
