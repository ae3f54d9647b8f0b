//! Following a chain file through its forks: the difference of each line from the newest state.
//!
//! Every line stands on an earlier state, so the lines form a tree. What is kept is the newest
//! state and, for each line, what it changed of the state it stands on; from the newest state to
//! any other one, changes are undone up to the common ancestor and done again from there. Memory is
//! one state and all changes of the file; values are shared.

use super::error::{ChainError, ChainFault};
use super::line::ChainLine;
use super::{Op, Value};
use bmt_core::{Hash, StateKey};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The states of a chain file so far.
#[derive(Debug, Default)]
pub struct ChainState {
    /// The newest state.
    entries: BTreeMap<StateKey, Value>,
    /// Its place in the tree; `None` before the first line.
    newest: Option<usize>,
    lines: Vec<Line>,
    /// The latest line with each root.
    by_root: HashMap<Hash, usize>,
}

/// What a line did to the state it stands on.
#[derive(Debug)]
struct Line {
    /// The line it stands on; `None` for the state before the first line.
    parent: Option<usize>,
    /// How many lines it stands on.
    height: usize,
    changes: Vec<Change>,
}

/// One key's value on both sides of a line. They differ.
#[derive(Debug)]
struct Change {
    key: StateKey,
    before: Option<Value>,
    after: Option<Value>,
}

/// One line as a commit on the newest state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainStep {
    /// The changes, ascending by key: those of the line, and for a fork or a whole state the
    /// difference between the newest state and what the line stands on. A deletion may be of an
    /// absent key, and a key may be set to the value it has, where the line itself says so.
    pub ops: Vec<Op>,
    /// Whether the line stands on another state than the newest one.
    pub is_fork: bool,
}

impl ChainState {
    /// The empty state, before the first line.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A state before the first line that is not empty: what a store holds already. No line can
    /// name it as its parent; a whole state replaces it.
    #[must_use]
    pub fn starting_from(entries: BTreeMap<StateKey, Value>) -> Self {
        Self { entries, ..Self::default() }
    }

    /// The newest state.
    #[must_use]
    pub fn entries(&self) -> &BTreeMap<StateKey, Value> {
        &self.entries
    }

    /// Whether some line so far has this root.
    #[must_use]
    pub fn knows_root(&self, root: &Hash) -> bool {
        self.by_root.contains_key(root)
    }

    /// The roots of all lines so far, each once, in no order.
    pub fn roots(&self) -> impl Iterator<Item = &Hash> {
        self.by_root.keys()
    }

    /// Makes the line's state the newest one and says how it differs from the one before.
    ///
    /// The line's root is taken as given: compare it with [`ChainLine::check_root`] once known.
    /// Costs O(changes) for a step on the newest state, the changes on the way for a fork, O(keys)
    /// for a whole state.
    ///
    /// # Errors
    /// [`ChainFault::UnknownParent`]; the state is then unchanged.
    pub fn advance(&mut self, line: &ChainLine) -> Result<ChainStep, ChainError> {
        let (stands_on, is_fork) = self.base_of(line)?;
        let mut touched = if is_fork { self.move_to(stands_on) } else { Touched::default() };
        let mut changes = Vec::new();
        if line.replace_all {
            self.drop_all_but(&line.set, &mut touched, &mut changes);
        }
        for (key, after) in line.ops() {
            if line.replace_all && self.entries.get(&key) == after.as_ref() {
                continue;
            }
            let before = replace(&mut self.entries, key, after.clone());
            touched.note(key, before.clone(), !line.replace_all);
            if before != after {
                changes.push(Change { key, before, after });
            }
        }
        let ops = touched.into_ops(&self.entries);
        let height = stands_on.and_then(|at| self.lines.get(at)).map_or(0, |on| on.height + 1);
        let at = self.lines.len();
        self.lines.push(Line { parent: stands_on, height, changes });
        self.by_root.insert(line.root, at);
        self.newest = Some(at);
        Ok(ChainStep { ops, is_fork })
    }

    /// The line that `line` stands on, and whether that is another state than the newest.
    fn base_of(&self, line: &ChainLine) -> Result<(Option<usize>, bool), ChainError> {
        let Some(parent) = line.parent else {
            return Ok((self.newest, false));
        };
        match self.by_root.get(&parent) {
            Some(at) => Ok((Some(*at), self.newest != Some(*at))),
            None => Err(line.error(ChainFault::UnknownParent { parent })),
        }
    }

    /// Deletes, for a whole state, every key that is not in `kept`.
    fn drop_all_but(
        &mut self,
        kept: &[(StateKey, Value)],
        touched: &mut Touched,
        changes: &mut Vec<Change>,
    ) {
        let is_kept = |key: &StateKey| kept.binary_search_by_key(key, |(put, _)| *put).is_ok();
        self.entries.retain(|key, value| {
            let keeps = is_kept(key);
            if !keeps {
                let before = Some(Arc::clone(value));
                touched.note(*key, before.clone(), false);
                changes.push(Change { key: *key, before, after: None });
            }
            keeps
        });
    }

    /// Turns the newest state into that of an earlier line, and says which keys that touched.
    fn move_to(&mut self, target: Option<usize>) -> Touched {
        let mut touched = Touched::default();
        let (mut up, mut down, mut again) = (self.newest, target, Vec::new());
        while up != down {
            let heights = [up, down].map(|at| self.line(at).map_or(0, |line| line.height + 1));
            if heights[0] >= heights[1] {
                if let Some(line) = up.and_then(|at| self.lines.get(at)) {
                    for change in &line.changes {
                        let before = replace(&mut self.entries, change.key, change.before.clone());
                        touched.note(change.key, before, false);
                    }
                    up = line.parent;
                }
            } else {
                again.extend(down);
                down = self.line(down).and_then(|line| line.parent);
            }
        }
        for line in again.into_iter().rev().filter_map(|at| self.lines.get(at)) {
            for change in &line.changes {
                let before = replace(&mut self.entries, change.key, change.after.clone());
                touched.note(change.key, before, false);
            }
        }
        touched
    }

    fn line(&self, at: Option<usize>) -> Option<&Line> {
        at.and_then(|at| self.lines.get(at))
    }
}

fn replace(
    entries: &mut BTreeMap<StateKey, Value>,
    key: StateKey,
    after: Option<Value>,
) -> Option<Value> {
    match after {
        Some(value) => entries.insert(key, value),
        None => entries.remove(&key),
    }
}

/// The keys touched on the way from one newest state to the next.
#[derive(Default)]
struct Touched(BTreeMap<StateKey, Touch>);

struct Touch {
    /// The value in the state that was newest before.
    original: Option<Value>,
    /// Whether the line names the key, so that the commit does too, changed or not.
    named: bool,
}

impl Touched {
    fn note(&mut self, key: StateKey, before: Option<Value>, named: bool) {
        let touch = self.0.entry(key).or_insert(Touch { original: before, named });
        touch.named |= named;
    }

    fn into_ops(self, entries: &BTreeMap<StateKey, Value>) -> Vec<Op> {
        let changed = |(key, touch): (StateKey, Touch)| {
            let now = entries.get(&key);
            (touch.named || touch.original.as_ref() != now).then(|| (key, now.cloned()))
        };
        self.0.into_iter().filter_map(changed).collect()
    }
}

#[cfg(test)]
mod tests;
