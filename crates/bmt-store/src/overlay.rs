//! A step that is prepared and not committed, to stand on: [`Overlay`].

use crate::commit::Attempt;
use crate::db::Commit;
use crate::engine::Engine;
use crate::error::{CommitError, PrepareError, ReadError};
use crate::pending::Changes;
use crate::pins::Reaching;
use crate::range::Range;
use crate::read_session::ReadSession;
use crate::step::Step;
use crate::value::Value;
use crate::view::View;
use bmt_core::{Hash, MultiProof, PathProof, Scheme};
use bmt_merkle::StepId;
use parking_lot::Mutex;
use std::fmt;
use std::ops::RangeBounds;
use std::sync::Arc;

/// A state that is not committed: a block that is not final, say. Sessions can stand on it, and further
/// overlays, in any number of competing branches.
///
/// It is committed in its turn, after its parent and before its children. Dropping it drops its changes when no
/// child needs them; that costs the others nothing. A cheap handle: clones are of the same step.
pub struct Overlay<S: Scheme> {
    engine: Arc<Engine<S>>,
    lineage: bmt_overlay::Overlay<Carried<S>>,
}

/// What a step that is not committed carries.
pub(crate) struct Carried<S: Scheme> {
    pub(crate) id: StepId,
    /// The step it stands on.
    pub(crate) base: StepId,
    pub(crate) previous_root: Hash,
    /// The changes.
    run: Arc<bmt_beatree::Run>,
    /// The state as it was when the step was made.
    view: View<S>,
    /// Views of this step and of those that stand on it.
    reaching: Reaching,
    /// Until it is committed.
    step: Mutex<Option<Step<S>>>,
}

/// The lineage of overlays.
pub(crate) type Lineage<S> = bmt_overlay::Overlay<Carried<S>>;

impl<S: Scheme> Overlay<S> {
    /// A step on `base`, which is a state that `parent` made, or the committed one.
    pub(crate) fn new(
        engine: &Arc<Engine<S>>,
        parent: Option<&Lineage<S>>,
        base: &View<S>,
        step: Step<S>,
    ) -> Result<Self, PrepareError> {
        let view = base.with_step(&step);
        let bytes = step.memory_bytes();
        let reaching = Reaching::default();
        reaching.add(&engine.pins, &view.pin);
        let carried = Carried {
            id: step.id,
            base: step.base,
            previous_root: step.previous_root,
            run: Arc::clone(&step.run),
            view,
            reaching,
            step: Mutex::new(Some(step)),
        };
        let lineage = match parent {
            Some(parent) => parent.child(carried, bytes),
            None => Lineage::on_base(&engine.uncommitted, carried, bytes),
        };
        Ok(Self { engine: Arc::clone(engine), lineage: lineage? })
    }

    pub(crate) fn lineage(&self) -> &Lineage<S> {
        &self.lineage
    }

    /// The handle of another step of the lineage.
    pub(crate) fn of(&self, lineage: Lineage<S>) -> Self {
        Self { engine: Arc::clone(&self.engine), lineage }
    }

    pub(crate) fn is_of(&self, engine: &Arc<Engine<S>>) -> bool {
        Arc::ptr_eq(&self.engine, engine)
    }

    /// The root of the state.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.lineage.payload().view.root()
    }

    /// The root of the state it stands on.
    #[must_use]
    pub fn previous_root(&self) -> Hash {
        self.lineage.payload().previous_root
    }

    /// Whether it was committed.
    #[must_use]
    pub fn is_committed(&self) -> bool {
        self.lineage.is_committed()
    }

    /// The value of a key.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get(&self, key: &S::Key) -> Result<Option<Value>, ReadError> {
        self.engine.timings.read(|| self.view().get(key))
    }

    /// The values of many keys, in their order.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn get_many(&self, keys: &[S::Key]) -> Result<Vec<Option<Value>>, ReadError> {
        self.engine.timings.batch_read(keys.len(), || self.view().get_many(keys))
    }

    /// The entries with keys in `bounds`, in key order, from either end.
    ///
    /// # Errors
    /// See [`ReadError`]; so may each item.
    pub fn range(&self, bounds: impl RangeBounds<S::Key>) -> Result<Range<S>, ReadError> {
        Ok(Range::new(&self.view(), &bounds, Changes::<S>::new()))
    }

    /// A proof of the key's value, or of its absence, against [`Overlay::root`].
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove(&self, key: &S::Key) -> Result<PathProof<S>, ReadError> {
        self.engine.timings.proof(|| self.view().prove(&self.engine.merkle, key))
    }

    /// One proof for many keys, present or absent.
    ///
    /// # Errors
    /// See [`ReadError`].
    pub fn prove_many(&self, keys: &[S::Key]) -> Result<MultiProof<S>, ReadError> {
        self.engine.timings.proof(|| self.view().prove_many(&self.engine.merkle, keys))
    }

    /// A session that reads this state, whatever becomes of the overlay.
    #[must_use]
    pub fn begin_read(&self) -> ReadSession<S> {
        ReadSession::of(&self.engine, self.view())
    }

    /// Makes the step durable and visible, as [`crate::Db::commit`] does. Its parent must be committed.
    ///
    /// # Errors
    /// [`CommitError::ParentNotCommitted`]; [`CommitError::Stale`] when another commit came in between, so
    /// that this branch has lost; [`CommitError::Closed`] when it was committed before, or when the
    /// [`crate::Db`] was closed or dropped; and as
    /// [`crate::Db::commit`]. After [`CommitError::NoSpace`] and [`CommitError::BufferFull`] it can be
    /// tried again.
    pub fn commit(&self) -> Result<Commit, CommitError> {
        match self.attempt(Attempt::Wait)? {
            Some(commit) => Ok(commit),
            None => unreachable!("an attempt that waits has an outcome"),
        }
    }

    /// As [`Overlay::commit`]; `None` instead of waiting for another commit or for a checkpoint.
    ///
    /// # Errors
    /// As [`Overlay::commit`].
    pub fn try_commit(&self) -> Result<Option<Commit>, CommitError> {
        self.attempt(Attempt::OrElseNot)
    }

    fn attempt(&self, attempt: Attempt) -> Result<Option<Commit>, CommitError> {
        let timings = &self.engine.timings;
        timings.time(&timings.commit, || self.attempt_now(attempt))
    }

    fn attempt_now(&self, attempt: Attempt) -> Result<Option<Commit>, CommitError> {
        let carried = self.lineage.payload();
        // Held over the commit, so that a second call waits and then finds it done.
        let mut step = match attempt {
            Attempt::Wait => carried.step.lock(),
            Attempt::OrElseNot => match carried.step.try_lock() {
                Some(step) => step,
                None => return Ok(None),
            },
        };
        if step.is_none() {
            return Err(CommitError::Closed);
        }
        self.engine.check_open()?;
        self.lineage.check_order()?;
        let pins = &self.engine.pins;
        carried.reaching.begin_commit(pins);
        let outcome = self.engine.commit_prepared(attempt, &mut step);
        let sequence = outcome.as_ref().ok().and_then(|commit| Some(commit.as_ref()?.sequence));
        carried.reaching.end_commit(pins, sequence);
        let commit = outcome?;
        if commit.is_some() {
            self.lineage.set_committed();
        }
        drop(step);
        if commit.is_some() {
            self.engine.after_commit();
        }
        Ok(commit)
    }

    /// The state, on the newest version if that is what it stands on: so nothing old is held.
    pub(crate) fn view(&self) -> View<S> {
        view_of(&self.engine, &self.lineage)
    }
}

/// The state of a lineage, on the newest version if that is what it stands on.
pub(crate) fn view_of<S: Scheme>(engine: &Engine<S>, lineage: &Lineage<S>) -> View<S> {
    let carried = lineage.payload();
    loop {
        let current = engine.current.load();
        let uncommitted = lineage.uncommitted();
        let is_on_newest = match uncommitted.last() {
            Some(oldest) => oldest.payload().base == current.step,
            None => carried.id == current.step,
        };
        if !is_on_newest {
            return carried.view.clone();
        }
        let mut view = current.view.clone();
        let mut buffer = view.tree.buffer().clone();
        for step in uncommitted.iter().rev() {
            step.payload().reaching.add(&engine.pins, &view.pin);
            buffer = buffer.with_run(Arc::clone(&step.payload().run));
        }
        // If one of them was published meanwhile, a checkpoint may have passed the pin over.
        if engine.current.load().step != current.step {
            continue;
        }
        view.tree = view.tree.with_buffer(buffer);
        view.trie = carried.view.trie.clone();
        view.key_count = carried.view.key_count;
        return view;
    }
}

impl<S: Scheme> Clone for Overlay<S> {
    fn clone(&self) -> Self {
        Self { engine: Arc::clone(&self.engine), lineage: self.lineage.clone() }
    }
}

impl<S: Scheme> fmt::Debug for Overlay<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay")
            .field("is_committed", &self.is_committed())
            .finish_non_exhaustive()
    }
}
