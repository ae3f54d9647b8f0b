//! One line of a chain file as one commit.

use crate::exit::Failure;
use bmt::{Db, EMPTY_ROOT, Error, Hash, StateKey};
use bmt_conformance::chain::{ChainLine, ChainState, Value};
use serde_json::{Value as Json, json};
use std::io;

/// A line that was made.
pub(super) struct Applied {
    /// Of its commit; `None` while it is not committed.
    pub(super) sequence: Option<u64>,
    pub(super) change_count: usize,
    pub(super) is_fork: bool,
}

impl Applied {
    pub(super) fn to_json(&self, line: &ChainLine) -> Json {
        json!({
            "line": line.line_number,
            "at": line.at,
            "sequence": self.sequence,
            "root": hex::encode(line.root),
            "changes": self.change_count,
            "fork": self.is_fork,
        })
    }
}

/// Commits a line on top of the newest state, or nothing if its root or its parent is wrong.
pub(super) fn commit(
    db: &Db,
    state: &mut ChainState,
    line: &ChainLine,
) -> Result<Applied, Failure> {
    let at_line = |source: Error| at_line(line, source);
    let step = state.advance(line)?;
    let change_count = step.ops.len();
    for (key, value) in step.ops {
        match value {
            Some(value) => db.insert(key, value),
            None => db.delete(&key),
        }
        .map_err(|error| at_line(error.into()))?;
    }
    let root = db.pending_root().map_err(|error| at_line(error.into()))?;
    if let Err(error) = line.check_root(root) {
        db.rollback(0).map_err(|error| at_line(error.into()))?;
        return Err(error.into());
    }
    let commit = db.commit().map_err(|error| at_line(error.into()))?;
    Ok(Applied { sequence: Some(commit.sequence), change_count, is_fork: step.is_fork })
}

/// A failure of the database at a line.
pub(super) fn at_line(line: &ChainLine, source: impl Into<Error>) -> Failure {
    let (file, line_number) = (line.file.to_string(), line.line_number);
    Failure::AtLine { file, line_number, source: source.into() }
}

/// What the database holds, as a line that gives a whole state: so that other lines may stand on it.
pub(super) fn of_database(db: &Db, file: &str) -> Result<ChainLine, Failure> {
    let mut set = Vec::new();
    for entry in db.range(..)? {
        let (key, value) = entry?;
        set.push((key, value.as_ref().into()));
    }
    Ok(whole_state(file, set, db.root()))
}

/// The empty state, as a line.
pub(super) fn of_nothing(file: &str) -> ChainLine {
    whole_state(file, Vec::new(), EMPTY_ROOT)
}

fn whole_state(file: &str, set: Vec<(StateKey, Value)>, root: Hash) -> ChainLine {
    ChainLine {
        file: file.into(),
        line_number: 1,
        at: "before the first line".to_owned(),
        parent: None,
        root,
        set,
        del: Vec::new(),
        replace_all: true,
    }
}

/// Checks that the database's newest state is that of a line that is not to be committed again.
pub(super) fn check_is_newest(db: &Db, line: &ChainLine) -> Result<(), Failure> {
    let found = db.root();
    if found == line.root {
        return Ok(());
    }
    Err(Failure::Mismatch(format!(
        "{}:{}: the database has root {}, the line has {}",
        line.file,
        line.line_number,
        hex::encode(found),
        hex::encode(line.root)
    )))
}

/// A line was committed, and nobody could be told.
pub(super) fn not_acknowledged(line: &ChainLine, failure: Failure) -> Failure {
    let source = match failure {
        Failure::Output(error) => error,
        other => io::Error::other(other),
    };
    Failure::Acknowledgement { file: line.file.to_string(), line_number: line.line_number, source }
}
