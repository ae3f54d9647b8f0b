//! Lists of whole states with their roots: `[{"input": {key: value, …}, "output": root}, …]`.
//!
//! The form of `trie.json` of w3f/jamtestvectors. Each state is a case of one commit.

use super::json::Document;
use super::{Case, CorpusError, Step};
use crate::chain::line::Pairs;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct State {
    name: Option<String>,
    input: Pairs,
    output: String,
}

pub(super) fn cases(document: &Document<'_>) -> Result<Vec<Case>, CorpusError> {
    cases_at(document, "", "state")
}

/// The states of the list at a JSON pointer.
pub(super) fn cases_at(
    document: &Document<'_>,
    pointer: &str,
    label: &str,
) -> Result<Vec<Case>, CorpusError> {
    let states: Vec<State> = document.part(pointer)?;
    let case = |(index, state)| case(document, &format!("{label} {index}"), state);
    states.into_iter().enumerate().map(case).collect()
}

fn case(document: &Document<'_>, label: &str, state: State) -> Result<Case, CorpusError> {
    let name = state.name.map_or_else(|| label.to_owned(), |name| format!("{label}: {name}"));
    let entries = document.entries(&name, state.input.0)?;
    let step = Step {
        at: "the state".to_owned(),
        key_count: Some(entries.len()),
        ops: entries.into_iter().map(|(key, value)| (key, Some(value))).collect(),
        root: document.root(&name, &state.output)?,
        proofs: Vec::new(),
    };
    Ok(Case::from_steps(document.folder, &document.case_name(&name), vec![step]))
}
