//! The vectors of the Go implementation (jam-duna/jamduna): stated roots of a set of eleven pairs,
//! of an update, of five large steps defined by a rule; computed prefix roots, leaf hashes, proofs.
//!
//! Its keys have 32 bytes and are cut to 31.

use super::json::Document;
use super::{Case, CorpusError, KnownProof, Step, Steps, states};
use crate::chain::{Op, Value};
use bmt_core::{GrayPaper, Hash, Key, LeafValue, Scheme, StateKey};
use serde::Deserialize;
use std::collections::BTreeMap;

const STATED: &str = "/stated_by_sources";

#[derive(Deserialize)]
struct Included {
    key: String,
    value: String,
    siblings_root_to_leaf: Vec<String>,
}

#[derive(Deserialize)]
struct Excluded {
    key: String,
    siblings_root_to_terminal: Vec<String>,
    terminal: String,
    terminal_leaf_key: Option<String>,
    terminal_leaf_value: Option<String>,
}

type Pair = (StateKey, Value);

pub(super) fn cases(document: &Document<'_>) -> Result<Vec<Case>, CorpusError> {
    let pairs = pairs(document)?;
    let mut cases = vec![
        whole_set_and_update(document, &pairs)?,
        prefixes(document, &pairs)?,
        lone_leaves(document, &pairs)?,
        sequential_steps(document)?,
    ];
    let states = format!("{STATED}/w3f_jamtestvectors_trie_json");
    cases.extend(states::cases_at(document, &states, "w3f trie.json, state")?);
    Ok(cases)
}

fn pairs(document: &Document<'_>) -> Result<Vec<Pair>, CorpusError> {
    let texts: Vec<(String, String)> =
        document.part(&format!("{STATED}/TestBPTProofSimple/pairs"))?;
    let pair = |(key, value): &(String, String)| -> Result<Pair, CorpusError> {
        Ok((document.key("pairs", key)?, document.value("pairs", value)?))
    };
    texts.iter().map(pair).collect()
}

/// All pairs in one commit, with the proofs; then the update of one of them.
fn whole_set_and_update(document: &Document<'_>, pairs: &[Pair]) -> Result<Case, CorpusError> {
    let update: (String, String) =
        document.part(&format!("{STATED}/TestBPTUpdateExisting/update"))?;
    let update = (document.key("update", &update.0)?, Some(document.value("update", &update.1)?));
    let mut ops = sets(pairs);
    ops.sort_by_key(|(key, _)| *key);
    let set = Step {
        at: "TestBPTProofSimple".to_owned(),
        ops,
        root: stated_root(document, "TestBPTProofSimple/root")?,
        key_count: Some(pairs.len()),
        proofs: known_proofs(document)?,
    };
    let root = stated_root(document, "TestBPTUpdateExisting/root")?;
    let update = step("TestBPTUpdateExisting", vec![update], root, Some(pairs.len()));
    let name = document.case_name("eleven pairs and an update");
    Ok(Case::from_steps(document.folder, &name, vec![set, update]))
}

fn stated_root(document: &Document<'_>, field: &str) -> Result<Hash, CorpusError> {
    document.root(field, &document.part::<String>(&format!("{STATED}/{field}"))?)
}

/// The pairs one by one.
fn prefixes(document: &Document<'_>, pairs: &[Pair]) -> Result<Case, CorpusError> {
    let roots = computed_hashes(document, "prefix_roots_0_to_11", pairs.len() + 1)?;
    let ops = std::iter::once(Vec::new()).chain(pairs.chunks(1).map(sets));
    let steps = ops.zip(roots).enumerate();
    let steps = steps
        .map(|(count, (ops, root))| step(&format!("{count} pairs"), ops, root, Some(count)))
        .collect();
    Ok(Case::from_steps(document.folder, &document.case_name("prefix roots"), steps))
}

/// Each pair alone: the root is its leaf's hash. A step deletes the pair before.
fn lone_leaves(document: &Document<'_>, pairs: &[Pair]) -> Result<Case, CorpusError> {
    let hashes = computed_hashes(document, "leaf_hashes", pairs.len())?;
    let mut before: Option<StateKey> = None;
    let mut steps = Vec::new();
    for (pair, hash) in pairs.iter().zip(hashes) {
        let mut ops = sets(std::slice::from_ref(pair));
        ops.extend(before.map(|key| (key, None)));
        ops.sort_by_key(|(key, _)| *key);
        steps.push(step(&format!("leaf {}", pair.0), ops, hash, Some(1)));
        before = Some(pair.0);
    }
    Ok(Case::from_steps(document.folder, &document.case_name("leaf hashes"), steps))
}

fn computed_hashes(
    document: &Document<'_>,
    field: &str,
    expected: usize,
) -> Result<Vec<Hash>, CorpusError> {
    let hashes =
        document.hashes(field, &document.part::<Vec<String>>(&format!("/computed/{field}"))?)?;
    match hashes.len() {
        found if found == expected => Ok(hashes),
        found => Err(document.wrong(format!("`{field}` has {found} hashes, expected {expected}"))),
    }
}

fn sets(pairs: &[Pair]) -> Vec<Op> {
    pairs.iter().map(|(key, value)| (*key, Some(value.clone()))).collect()
}

fn step(at: &str, ops: Vec<Op>, root: Hash, key_count: Option<usize>) -> Step {
    Step { at: at.to_owned(), ops, root, key_count, proofs: Vec::new() }
}

/// The benchmark's five steps, by its rule.
fn sequential_steps(document: &Document<'_>) -> Result<Case, CorpusError> {
    let place = "BENCHMARK_ANALYSIS_medium_sequential";
    let roots: Vec<String> = document.part(&format!("{STATED}/{place}/roots"))?;
    let counts: Vec<usize> = document.part(&format!("{STATED}/{place}/live_keys"))?;
    let roots = document.hashes(place, &roots)?;
    if roots.len() != counts.len() {
        return Err(document.wrong(format!("`{place}`: as many roots as key counts expected")));
    }
    let name = document.case_name("sequential benchmark");
    Ok(Case::from_source(document.folder, &name, move || {
        let known = roots.clone().into_iter().zip(counts.clone()).enumerate();
        let steps = known.map(|(t, (root, count))| {
            Ok(step(&format!("step {t}"), sequential_ops(t), root, Some(count)))
        });
        Ok(Box::new(steps.collect::<Vec<_>>().into_iter()) as Steps)
    }))
}

/// Step t: 10,000 keys of its own; the 10,000 of the step before updated; 50 of the one before
/// that deleted.
fn sequential_ops(t: usize) -> Vec<Op> {
    let mut ops = BTreeMap::new();
    for i in 0..10_000 {
        ops.insert(text_key(t, i), Some(text_value("value", t, i)));
        if t > 0 {
            ops.insert(text_key(t - 1, i), Some(text_value("updated", t, i)));
        }
        if t > 1 && i < 50 {
            ops.insert(text_key(t - 2, i), None);
        }
    }
    ops.into_iter().collect()
}

fn text_key(t: usize, i: usize) -> StateKey {
    let padded = zero_padded(&format!("insert_{t}_{i}"));
    StateKey::from_slice(&padded[..StateKey::LEN]).unwrap_or(StateKey::MIN)
}

fn text_value(word: &str, t: usize, i: usize) -> Value {
    zero_padded(&format!("{word}_{t}_{i}_")).as_slice().into()
}

fn zero_padded(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
    bytes
}

/// The proofs of the whole set.
fn known_proofs(document: &Document<'_>) -> Result<Vec<KnownProof>, CorpusError> {
    let included: Vec<Included> = document.part("/computed/proofs_TestBPTProofSimple")?;
    let excluded: Vec<Excluded> = document.part("/computed/exclusion_TestBPTProofSimple")?;
    let included = included.iter().map(|proof| {
        let key = document.key("proofs", &proof.key)?;
        let value = document.value("proofs", &proof.value)?;
        let siblings = siblings(document, &key, &proof.siblings_root_to_leaf)?;
        let terminal = Some(GrayPaper::leaf_preimage(&key, LeafValue::Bytes(&value)));
        Ok(KnownProof { key, value: Some(value), siblings, terminal })
    });
    let excluded = excluded.iter().map(|proof| {
        let key = document.key("exclusions", &proof.key)?;
        let siblings = siblings(document, &key, &proof.siblings_root_to_terminal)?;
        let terminal = excluded_terminal(document, proof)?;
        Ok(KnownProof { key, value: None, siblings, terminal })
    });
    included.chain(excluded).collect()
}

fn excluded_terminal(
    document: &Document<'_>,
    proof: &Excluded,
) -> Result<Option<[u8; 64]>, CorpusError> {
    match (proof.terminal.as_str(), &proof.terminal_leaf_key, &proof.terminal_leaf_value) {
        ("empty", None, None) => Ok(None),
        ("leaf", Some(key), Some(value)) => {
            let key = document.key("exclusions", key)?;
            let value = document.value("exclusions", value)?;
            Ok(Some(GrayPaper::leaf_preimage(&key, LeafValue::Bytes(&value))))
        }
        (other, ..) => Err(document.wrong(format!("exclusion with terminal `{other}`"))),
    }
}

/// The siblings, with the bit cleared that a branch does not commit to in its left child.
fn siblings(
    document: &Document<'_>,
    key: &StateKey,
    texts: &[String],
) -> Result<Vec<Hash>, CorpusError> {
    let mut siblings = document.hashes("siblings", texts)?;
    for (depth, sibling) in siblings.iter_mut().enumerate() {
        let byte = key.as_bytes().get(depth / 8).copied().unwrap_or_default();
        if byte & (0x80 >> (depth % 8)) != 0 {
            sibling[0] &= GrayPaper::LEFT_FIRST_BYTE_MASK;
        }
    }
    Ok(siblings)
}
