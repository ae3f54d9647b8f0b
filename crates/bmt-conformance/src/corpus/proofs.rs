//! This project's `proofs.json`: whole states with path proofs spelled out, and the JIP-6 vectors.
//!
//! Of the JIP-6 vectors the states and their roots are run; their compact proofs need a layer that
//! makes such proofs.

use super::json::Document;
use super::{Case, CorpusError, KnownProof, Step};
use crate::chain::line::Pairs;
use serde::Deserialize;

/// What the field `format` says.
pub(super) const FORMAT: &str = "bmt proofs 1";

#[derive(Deserialize)]
struct State {
    name: Option<String>,
    number: Option<u32>,
    root: String,
    state: Pairs,
    #[serde(default)]
    proofs: Vec<Proof>,
}

#[derive(Deserialize)]
struct Proof {
    key: String,
    value: Option<String>,
    siblings: Vec<String>,
    terminal: Option<String>,
}

pub(super) fn cases(document: &Document<'_>) -> Result<Vec<Case>, CorpusError> {
    let states = document.part::<Vec<State>>("/cases")?;
    let jip6 = document.part::<Vec<State>>("/jip6")?;
    states.into_iter().chain(jip6).map(|state| case(document, state)).collect()
}

fn case(document: &Document<'_>, state: State) -> Result<Case, CorpusError> {
    let name = match (state.name, state.number) {
        (Some(name), _) => name,
        (None, Some(number)) => format!("JIP-6 vector {number}, the state"),
        (None, None) => return Err(document.wrong("a case without `name` or `number`".to_owned())),
    };
    let entries = document.entries(&name, state.state.0)?;
    let proofs = state.proofs.iter().map(|proof| known_proof(document, &name, proof));
    let step = Step {
        at: "the state".to_owned(),
        key_count: Some(entries.len()),
        ops: entries.into_iter().map(|(key, value)| (key, Some(value))).collect(),
        root: document.root(&name, &state.root)?,
        proofs: proofs.collect::<Result<_, _>>()?,
    };
    Ok(Case::from_steps(document.folder, &document.case_name(&name), vec![step]))
}

fn known_proof(
    document: &Document<'_>,
    place: &str,
    proof: &Proof,
) -> Result<KnownProof, CorpusError> {
    let terminal = match &proof.terminal {
        None => None,
        Some(text) => {
            let bytes = document.value(place, text)?;
            let leaf = <[u8; 64]>::try_from(&*bytes).map_err(|_| {
                document.wrong(format!("{place}: a terminal of {} bytes", bytes.len()))
            })?;
            Some(leaf)
        }
    };
    Ok(KnownProof {
        key: document.key(place, &proof.key)?,
        value: proof.value.as_deref().map(|text| document.value(place, text)).transpose()?,
        siblings: document.hashes(place, &proof.siblings)?,
        terminal,
    })
}
