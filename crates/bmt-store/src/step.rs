//! Computing a step: what changes make of a state, with nothing visible yet.

use crate::error::ReadError;
use crate::keys::tree_key;
use crate::leaves::{KnownPriors, Leaves, Prior};
use crate::pending::Changes;
use crate::record::{Sections, put_change};
use crate::view::View;
use bmt_beatree::{Run, StoredValue};
use bmt_core::{Hash, Key, LeafValue, Scheme};
use bmt_merkle::{Merkle, NewValue, PageHandle, StepId, encode_changes};
use bmt_rollback::put_value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers the steps of one opening: no two computations have the same id, in whatever opening.
#[derive(Debug)]
pub(crate) struct StepIds {
    generation: u64,
    next: AtomicU64,
}

impl StepIds {
    /// `generation` is that of the manifest that was loaded: what an earlier opening stored under it, no
    /// manifest names.
    pub(crate) fn new(generation: u64) -> Self {
        Self { generation, next: AtomicU64::new(1) }
    }

    pub(crate) fn take(&self) -> StepId {
        let counter = self.next.fetch_add(1, Ordering::Relaxed);
        StepId { generation: self.generation, counter }
    }
}

/// A change of one key; `None` deletes.
pub(crate) type Change<'a, S> = (<S as Scheme>::Key, Option<&'a [u8]>);

/// The changes of a map.
pub(crate) fn of_map<S: Scheme>(changes: &Changes<S>) -> Vec<Change<'_, S>> {
    changes.iter().map(|(key, value)| (*key, value.as_deref())).collect()
}

/// What changes make of a state.
pub(crate) struct Step<S: Scheme> {
    pub(crate) id: StepId,
    /// The step it stands on.
    pub(crate) base: StepId,
    /// That step's commit, if it is one.
    pub(crate) base_sequence: Option<u64>,
    pub(crate) previous_root: Hash,
    /// The changes, for the ordered store.
    pub(crate) run: Arc<Run>,
    pub(crate) trie: bmt_merkle::Version<S>,
    pub(crate) sections: Sections,
    /// Pages of the trie that the base has and the step has no more.
    pub(crate) replaced: Vec<Arc<PageHandle<S::Key>>>,
    pub(crate) new_page_count: usize,
}

impl<S: Scheme> Step<S> {
    pub(crate) fn root(&self) -> Hash {
        self.trie.root()
    }

    /// Memory that the step takes until it is committed, more or less.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let pages = self.new_page_count as u64 * crate::engine::PAGE_MEMORY_BYTES;
        self.sections.record_bytes() + self.run.memory_bytes() as u64 + pages
    }
}

/// Whether a step notes what it replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Undo {
    Noted,
    None,
}

/// What the maker of a step says that a key has before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim<'a> {
    Nothing,
    Value(Option<&'a [u8]>),
}

/// Why a step could not be computed.
#[derive(Debug)]
pub(crate) enum StepError {
    Read(ReadError),
    /// A key has another value than was claimed: the change's index.
    WrongClaim(usize),
}

/// A state to compute a step on.
pub(crate) struct Base<'a, S: Scheme> {
    pub(crate) view: &'a View<S>,
    /// The step whose state it is.
    pub(crate) step: StepId,
    /// That step's commit, if it is one.
    pub(crate) sequence: Option<u64>,
}

/// Computes a step on `base`. `changes` ascend by key.
///
/// Reads one leaf range for each bottom subtrie that the changes touch, and the long values that they
/// replace.
pub(crate) fn compute<S: Scheme>(
    merkle: &Merkle<S>,
    ids: &StepIds,
    base: &Base<'_, S>,
    changes: &[Change<'_, S>],
    undo: Undo,
) -> Result<Step<S>, ReadError> {
    compute_relying(merkle, ids, base, changes, &[], undo).map_err(|error| match error {
        StepError::Read(error) => error,
        StepError::WrongClaim(_) => unreachable!("nothing was claimed"),
    })
}

/// Computes a step whose maker says what the keys of the first changes have before it. A claim is compared
/// with what computing the trie meets anyway, a long value by its hash, and is not read then.
pub(crate) fn compute_relying<S: Scheme>(
    merkle: &Merkle<S>,
    ids: &StepIds,
    base: &Base<'_, S>,
    changes: &[Change<'_, S>],
    claims: &[Claim<'_>],
    undo: Undo,
) -> Result<Step<S>, StepError> {
    let view = base.view;
    view.check_expiry()?;
    let run = Arc::new(run_of::<S>(changes)?);
    let keys: Vec<S::Key> = changes.iter().map(|(key, _)| *key).collect();
    let leaves = Leaves::noting(&view.tree, &keys);
    let id = ids.take();
    let step = {
        let values = run.iter().zip(&keys).map(|((_, value), key)| merkle_change::<S>(*key, value));
        let merkle_changes: Vec<_> = values.collect();
        let updated = merkle.update(&view.trie, id, &merkle_changes, &*view.pin, &leaves);
        // Also if it failed: what was given up may have been read as damage.
        view.check_expiry()?;
        updated.map_err(ReadError::from)?
    };
    let priors = leaves.into_priors();
    let is_wrong = |(claim, prior): (&Claim<'_>, &Prior)| match claim {
        Claim::Nothing => false,
        Claim::Value(value) => !priors.is::<S>(*prior, *value),
    };
    if let Some(at) = claims.iter().zip(&priors.found).position(is_wrong) {
        return Err(StepError::WrongClaim(at));
    }
    let mut sections = Sections { change_count: changes.len(), ..Sections::default() };
    sections.frontier = encode_changes(&step.frontier_changes);
    sections.changes.reserve(changes.len() * (S::Key::LEN + 1) + run.memory_bytes() / 2);
    for (key, value) in changes {
        put_change(&mut sections.changes, key, *value);
    }
    sections.key_count = key_count_after(view.key_count, changes, &priors.found);
    if undo == Undo::Noted {
        sections.undo = undo_section(view, &keys, &priors, claims)?;
    }
    Ok(Step {
        id,
        base: base.step,
        base_sequence: base.sequence,
        previous_root: view.root(),
        run,
        trie: step.version,
        sections,
        new_page_count: step.new_pages.len(),
        replaced: step.replaced_pages,
    })
}

/// The changes as the ordered store has them, with the hashes of long values.
pub(crate) fn run_of<S: Scheme>(changes: &[Change<'_, S>]) -> Result<Run, ReadError> {
    let changes = changes.iter().map(|(key, value)| {
        let change = value.map_or(bmt_beatree::Change::Delete, bmt_beatree::Change::Put);
        (tree_key(key), change)
    });
    Ok(Run::new(changes, S::hash_value)?)
}

fn merkle_change<S: Scheme>(key: S::Key, value: StoredValue<'_>) -> bmt_merkle::Change<'_, S::Key> {
    let value = match value {
        StoredValue::Deleted => None,
        StoredValue::Value { bytes, hash: Some(hash) } if S::value_is_hashed(bytes.len()) => {
            Some(NewValue { len: bytes.len(), value: LeafValue::Hashed(hash) })
        }
        StoredValue::Value { bytes, .. } => Some(NewValue::of(bytes)),
    };
    bmt_merkle::Change { key, value }
}

fn key_count_after<K>(before: u64, changes: &[(K, Option<&[u8]>)], priors: &[Prior]) -> u64 {
    let mut count = before;
    for ((_, value), prior) in changes.iter().zip(priors) {
        match (*prior == Prior::Absent, value.is_some()) {
            (true, true) => count += 1,
            (false, false) => count -= 1,
            _ => {}
        }
    }
    count
}

/// What the keys had, in their order. Long values that nobody claimed are read in one batch.
fn undo_section<S: Scheme>(
    view: &View<S>,
    keys: &[S::Key],
    priors: &KnownPriors,
    claims: &[Claim<'_>],
) -> Result<Vec<u8>, ReadError> {
    let claims = claims.iter().copied().chain(std::iter::repeat(Claim::Nothing));
    let claimed: Vec<(&Prior, Claim<'_>)> = priors.found.iter().zip(claims).collect();
    let is_unread = |prior: &Prior, claim: Claim<'_>| {
        matches!(prior, Prior::Long { .. }) && claim == Claim::Nothing
    };
    let unread = keys.iter().zip(&claimed).filter(|(_, (prior, claim))| is_unread(prior, *claim));
    let unread: Vec<S::Key> = unread.map(|(key, _)| *key).collect();
    let mut read = view.get_many(&unread)?.into_iter();
    let mut out = Vec::with_capacity(priors.bytes.len() + 2 * keys.len());
    for (prior, claim) in claimed {
        match (prior, claim) {
            (Prior::Absent, _) => put_value(&mut out, None),
            (Prior::Short { start, len }, _) => {
                put_value(&mut out, priors.bytes.get(*start..start + len));
            }
            (Prior::Long { .. }, Claim::Value(value)) => put_value(&mut out, value),
            (Prior::Long { .. }, Claim::Nothing) => {
                let value = read.next().flatten();
                put_value(&mut out, value.as_deref());
            }
        }
    }
    Ok(out)
}

impl From<ReadError> for StepError {
    fn from(error: ReadError) -> Self {
        Self::Read(error)
    }
}
