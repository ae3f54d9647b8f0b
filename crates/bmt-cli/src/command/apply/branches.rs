//! Forks made by rollback, or held as overlays until one of them wins.
//!
//! The lines form a tree, each with its changes. The commits that the database could undo are a path in
//! it, from the state it had at the start to `committed`; so any line's state can be reached by rolling
//! back to where the ways part and committing again from there.

use super::line::{Applied, at_line};
use crate::exit::Failure;
use bmt::{Db, Error, GrayPaper, Hash, Overlay, WriteOptions, WriteSession};
use bmt_conformance::chain::{ChainFault, ChainLine, Op};
use std::collections::{HashMap, VecDeque};

/// Overlays on one parent that are kept; an older one is made again if a line stands on it.
const OVERLAYS_MAX: usize = 64;

/// A line, or the state that the database had at the start.
struct Node {
    /// What it stands on; itself for the first.
    parent: usize,
    /// How many lines it stands on.
    height: usize,
    changes: Vec<Op>,
}

/// The lines so far, and where the database is among them.
pub(super) struct Branches<'a> {
    db: &'a Db,
    holds_newest: bool,
    nodes: Vec<Node>,
    /// The latest line with each root.
    by_root: HashMap<Hash, usize>,
    /// The line that was committed last.
    committed: usize,
    newest: usize,
    /// Lines on the committed one, not committed, oldest first.
    overlays: VecDeque<(usize, Overlay<GrayPaper>)>,
}

impl<'a> Branches<'a> {
    pub(super) fn new(db: &'a Db, holds_newest: bool) -> Self {
        let start = Node { parent: 0, height: 0, changes: Vec::new() };
        Self {
            db,
            holds_newest,
            nodes: vec![start],
            by_root: HashMap::from([(db.root(), 0)]),
            committed: 0,
            newest: 0,
            overlays: VecDeque::new(),
        }
    }

    /// Makes a line, if its parent is known and its root is right.
    pub(super) fn apply(&mut self, line: &ChainLine) -> Result<Applied, Failure> {
        let parent = match line.parent {
            None => self.newest,
            Some(root) => *self
                .by_root
                .get(&root)
                .ok_or_else(|| line.error(ChainFault::UnknownParent { parent: root }))?,
        };
        let is_fork = parent != self.newest;
        let made = self.make(parent, line);
        if made.is_err() {
            // What was acknowledged is to be the newest state again.
            self.finish()?;
        }
        let (change_count, sequence) = made?;
        Ok(Applied { sequence, change_count, is_fork })
    }

    fn make(&mut self, parent: usize, line: &ChainLine) -> Result<(usize, Option<u64>), Failure> {
        let on = self.overlay_of(parent);
        if on.is_none() && parent != self.committed {
            self.move_to(parent).map_err(|error| at_line(line, error))?;
        }
        let options = WriteOptions::new();
        let options = on.iter().fold(options, |options, overlay| options.on(overlay));
        let mut session =
            self.db.begin_write_with(&options).map_err(|error| at_line(line, error))?;
        let changes = changes_of(&session, line).map_err(|error| at_line(line, error))?;
        write(&mut session, &changes).map_err(|error| at_line(line, error))?;
        let prepared = session.prepare().map_err(|error| at_line(line, error))?;
        line.check_root(prepared.root())?;
        let (node, change_count) = (self.nodes.len(), changes.len());
        let sequence = if self.holds_newest {
            let overlay = prepared.into_overlay();
            if let Some(on) = on {
                on.commit().map_err(|error| at_line(line, error))?;
                self.committed = parent;
                self.overlays.clear();
            }
            self.overlays.push_back((node, overlay));
            if self.overlays.len() > OVERLAYS_MAX {
                self.overlays.pop_front();
            }
            None
        } else {
            let commit = prepared.commit().map_err(|error| at_line(line, error))?;
            self.committed = node;
            Some(commit.sequence)
        };
        let height = self.height(parent) + 1;
        self.nodes.push(Node { parent, height, changes });
        self.by_root.insert(line.root, node);
        self.newest = node;
        Ok((change_count, sequence))
    }

    /// Commits the newest line if it is not yet.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        if self.committed == self.newest {
            return Ok(());
        }
        let done = match self.overlay_of(self.newest) {
            Some(overlay) => overlay.commit().map(drop).map_err(Error::from),
            None => self.move_to(self.newest),
        };
        done.map_err(Failure::Database)?;
        self.committed = self.newest;
        self.overlays.clear();
        Ok(())
    }

    /// Makes a line's state the newest committed one: by rolling back to where its way parts from the
    /// committed one, and committing again from there.
    fn move_to(&mut self, target: usize) -> Result<(), Error> {
        self.overlays.clear();
        let (mut from, mut to, mut undone, mut again) = (self.committed, target, 0, Vec::new());
        while from != to {
            if self.height(from) >= self.height(to) {
                from = self.parent(from);
                undone += 1;
            } else {
                again.push(to);
                to = self.parent(to);
            }
        }
        if undone > 0 {
            self.db.rollback(undone)?;
            self.committed = from;
        }
        for node in again.into_iter().rev() {
            let changes = self.nodes.get(node).map_or(&[][..], |node| &node.changes);
            let mut session = self.db.begin_write();
            write(&mut session, changes)?;
            session.prepare()?.commit()?;
            self.committed = node;
        }
        Ok(())
    }

    fn parent(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(0, |node| node.parent)
    }

    fn height(&self, node: usize) -> usize {
        self.nodes.get(node).map_or(0, |node| node.height)
    }

    fn overlay_of(&self, node: usize) -> Option<Overlay<GrayPaper>> {
        let found = self.overlays.iter().find(|(held, _)| *held == node);
        found.map(|(_, overlay)| overlay.clone())
    }
}

/// What a line changes in the state that the session stands on.
fn changes_of(session: &WriteSession<GrayPaper>, line: &ChainLine) -> Result<Vec<Op>, Error> {
    if !line.replace_all {
        return Ok(line.ops().collect());
    }
    let mut changes: Vec<Op> = Vec::new();
    let mut set = line.set.iter().peekable();
    for entry in session.range(..)? {
        let (key, value) = entry?;
        while let Some((new, value)) = set.next_if(|(new, _)| *new < key) {
            changes.push((*new, Some(value.clone())));
        }
        match set.next_if(|(new, _)| *new == key) {
            Some((_, same)) if value == same[..] => {}
            Some((_, new)) => changes.push((key, Some(new.clone()))),
            None => changes.push((key, None)),
        }
    }
    changes.extend(set.map(|(key, value)| (*key, Some(value.clone()))));
    Ok(changes)
}

fn write(session: &mut WriteSession<GrayPaper>, changes: &[Op]) -> Result<(), Error> {
    for (key, value) in changes {
        match value {
            Some(value) => session.insert(*key, value)?,
            None => session.delete(key),
        }
    }
    Ok(())
}
