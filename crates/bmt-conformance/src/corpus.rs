//! Finding the cases in folders of test vectors, whatever format they have.
//!
//! | format | found by | what |
//! |---|---|---|
//! | chain file | the name ends in `.jsonl` | see [`crate::chain`] |
//! | list of states | a JSON list of `{input, output}` | the form of w3f/jamtestvectors `trie.json` |
//! | Go vectors | a JSON object with `stated_by_sources` | pairs, roots, leaf hashes, proofs, a rule |
//! | edge cases | a JSON object with `small` and `large` | small states; populations by a formula |
//! | proofs | a JSON object whose `format` is `bmt proofs 1` | this project's `proofs.json` |
//!
//! Whatever is not one of these is reported as skipped, with the reason; nothing is passed over in
//! silence, and a named folder without a single case is an error.

mod edge;
mod error;
mod jam_duna;
mod json;
mod population;
mod proofs;
mod states;
mod strict_json;
mod walk;

pub use error::CorpusError;
pub use population::Population;

use crate::chain::{ChainOptions, ChainReader, ChainState, Op, Value};
use bmt_core::{Hash, StateKey};
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// One commit of a case and what is known of the state after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The step's label.
    pub at: String,
    /// The changes, ascending by key, each key once.
    pub ops: Vec<Op>,
    /// The root after them.
    pub root: Hash,
    /// How many keys there are after them, where the source says so.
    pub key_count: Option<usize>,
    /// Proofs against the root, where the source has some.
    pub proofs: Vec<KnownProof>,
}

/// A path proof that a source spells out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownProof {
    /// The key asked for.
    pub key: StateKey,
    /// Its value, or `None` when the proof is of its absence.
    pub value: Option<Value>,
    /// The hashes beside the path, root first, uncommitted bits of left siblings cleared.
    pub siblings: Vec<Hash>,
    /// The preimage of the leaf at the end; `None` for an empty subtrie.
    pub terminal: Option<[u8; 64]>,
}

/// The steps of a case, made as they are asked for.
pub type Steps = Box<dyn Iterator<Item = Result<Step, CorpusError>>>;

/// A sequence of commits on an empty store, with the root after each.
pub struct Case {
    /// The folder that the report counts it under.
    pub folder: String,
    /// The file and, when it has several cases, the case's name in it.
    pub name: String,
    open: Box<dyn Fn() -> Result<Steps, CorpusError>>,
}

impl Case {
    /// A case whose steps are at hand.
    #[must_use]
    pub fn from_steps(folder: &str, name: &str, steps: Vec<Step>) -> Self {
        let open = move || Ok(Box::new(steps.clone().into_iter().map(Ok)) as Steps);
        Self { folder: folder.to_owned(), name: name.to_owned(), open: Box::new(open) }
    }

    /// A case whose steps are computed or read when the case runs.
    pub fn from_source<F>(folder: &str, name: &str, open: F) -> Self
    where
        F: Fn() -> Result<Steps, CorpusError> + 'static,
    {
        Self { folder: folder.to_owned(), name: name.to_owned(), open: Box::new(open) }
    }

    /// The case's steps, from the first one.
    ///
    /// # Errors
    /// When its file cannot be opened.
    pub fn steps(&self) -> Result<Steps, CorpusError> {
        (self.open)()
    }

    /// A chain file as a case.
    fn from_chain(folder: &str, name: &str, path: PathBuf) -> Result<Self, CorpusError> {
        // Its first line is read now, so that a file which is no chain is found before anything runs.
        open_chain(&path)?;
        Ok(Self::from_source(folder, name, move || {
            let mut state = ChainState::new();
            let steps = open_chain(&path)?.map(move |line| {
                let line = line?;
                let ops = state.advance(&line)?.ops;
                let at = format!("line {} ({})", line.line_number, line.at);
                Ok(Step { at, ops, root: line.root, key_count: None, proofs: Vec::new() })
            });
            Ok(Box::new(steps) as Steps)
        }))
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("folder", &self.folder).field("name", &self.name).finish()
    }
}

fn open_chain(path: &Path) -> Result<ChainReader<BufReader<File>>, CorpusError> {
    let file = File::open(path).map_err(|source| CorpusError::read(path, source))?;
    let input = BufReader::with_capacity(1 << 16, file);
    Ok(ChainReader::new(input, &path.display().to_string(), ChainOptions::default())?)
}

/// Something in a named folder that is not run.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// The file or folder.
    pub path: PathBuf,
    /// Why it is not run.
    pub reason: String,
}

/// The cases of some folders, and what lies there beside them.
#[derive(Debug, Default)]
pub struct Corpus {
    /// The cases, in the order of the folders as named, then by path.
    pub cases: Vec<Case>,
    /// What was passed over, and why.
    pub skipped: Vec<Skipped>,
}

impl Corpus {
    /// Adds every case in `folder` and the folders below it.
    ///
    /// # Errors
    /// When something cannot be read, a file of a known format is damaged, or there is no case.
    pub fn add_folder(&mut self, folder: &Path) -> Result<(), CorpusError> {
        let before = self.cases.len();
        walk::add(self, folder)?;
        if self.cases.len() == before {
            return Err(CorpusError::NoCase { folder: folder.to_owned() });
        }
        Ok(())
    }

    fn skip(&mut self, path: &Path, reason: &str) {
        self.skipped.push(Skipped { path: path.to_owned(), reason: reason.to_owned() });
    }
}
