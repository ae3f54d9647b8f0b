//! Reading and proving one key of a layer, and what must be refused.

use super::said;
use crate::backend::Backend;
use crate::corpus::KnownProof;
use crate::report::Tally;
use bmt_core::{EMPTY_ROOT, GrayPaper, Hash, Key, PathProof, StateKey};

type Proof = PathProof<GrayPaper>;

/// A present key: its value, the proof of it, and that the proof shows no other value.
pub(super) fn present(
    store: &mut dyn Backend,
    root: &Hash,
    key: &StateKey,
    value: &[u8],
    tally: &mut Tally,
) -> Result<(), String> {
    let found = store.get(key).map_err(said("reading"))?;
    if found.as_deref() != Some(value) {
        let found = found.map_or_else(|| "absent".to_owned(), |found| shown(&found));
        return Err(format!("key {key} is {found}, expected {}", shown(value)));
    }
    tally.reads += 1;
    let Some(proof) = prove(store, key)? else { return Ok(()) };
    proof
        .verify_present(root, key, value)
        .map_err(|error| format!("the proof of key {key} is refused: {error}"))?;
    let other = changed(value);
    if proof.verify_present(root, key, &other).is_ok() {
        return Err(format!("the proof of key {key} also shows another value"));
    }
    if proof.verify_absent(root, key).is_ok() {
        return Err(format!("the proof of key {key} also shows its absence"));
    }
    tally.present_proofs += 1;
    Ok(())
}

/// An absent key: that it is, the proof of it, and that the proof shows no value.
pub(super) fn absent(
    store: &mut dyn Backend,
    root: &Hash,
    key: &StateKey,
    tally: &mut Tally,
) -> Result<(), String> {
    if let Some(found) = store.get(key).map_err(said("reading"))? {
        return Err(format!("key {key} is {}, expected absent", shown(&found)));
    }
    tally.reads += 1;
    let Some(proof) = prove(store, key)? else { return Ok(()) };
    proof
        .verify_absent(root, key)
        .map_err(|error| format!("the proof that key {key} is absent is refused: {error}"))?;
    if proof.verify_present(root, key, b"").is_ok() {
        return Err(format!("the proof that key {key} is absent also shows a value"));
    }
    tally.absent_proofs += 1;
    Ok(())
}

/// A key whose proof is known: the bytes must be the same.
pub(super) fn known(
    store: &mut dyn Backend,
    root: &Hash,
    known: &KnownProof,
    tally: &mut Tally,
) -> Result<(), String> {
    match &known.value {
        Some(value) => present(store, root, &known.key, value, &mut Tally::default())?,
        None => absent(store, root, &known.key, &mut Tally::default())?,
    }
    let Some(found) = store.prove(&known.key).map_err(said("proving"))? else { return Ok(()) };
    let expected = encoding(known);
    if found != expected {
        let (found, expected) = (hex::encode(found), hex::encode(expected));
        return Err(format!("the proof of key {} is {found}, expected {expected}", known.key));
    }
    tally.known_proofs += 1;
    Ok(())
}

fn prove(store: &mut dyn Backend, key: &StateKey) -> Result<Option<Proof>, String> {
    let Some(bytes) = store.prove(key).map_err(said("proving"))? else { return Ok(None) };
    let proof = Proof::decode(&bytes)
        .map_err(|error| format!("the proof of key {key} does not decode: {error}"))?;
    if proof.encode() != bytes {
        return Err(format!("the proof of key {key} has a second encoding"));
    }
    Ok(Some(proof))
}

/// Another value, as near as can be: the last byte changed, or a first byte where there is none.
fn changed(value: &[u8]) -> Vec<u8> {
    let mut other = value.to_vec();
    match other.last_mut() {
        Some(byte) => *byte ^= 1,
        None => other.push(0),
    }
    other
}

fn shown(value: &[u8]) -> String {
    match value.len() {
        0..=40 => format!("`{}`", hex::encode(value)),
        length => format!("a value of {length} bytes"),
    }
}

/// A known proof in version 1 of the path proof format, written here from its description, so that
/// the encoder of the core is checked too.
fn encoding(known: &KnownProof) -> Vec<u8> {
    let depth = known.siblings.len();
    let [depth_low, depth_high, ..] = depth.to_le_bytes();
    let (kind, mut path) = match (&known.value, &known.terminal) {
        (Some(_), _) => (0, vec![0; depth.div_ceil(8)]),
        (None, None) => (1, vec![0; depth.div_ceil(8)]),
        (None, Some(leaf)) => (2, leaf.iter().skip(1).take(StateKey::LEN).copied().collect()),
    };
    for (index, sibling) in known.siblings.iter().enumerate() {
        let bit = 0x80 >> (index % 8);
        if let Some(byte) = path.get_mut(index / 8) {
            *byte = if *sibling == EMPTY_ROOT { *byte & !bit } else { *byte | bit };
        }
    }
    let mut bytes = vec![0x10 | (depth_high << 3) | kind, depth_low];
    bytes.append(&mut path);
    bytes.extend(known.siblings.iter().filter(|sibling| **sibling != EMPTY_ROOT).flatten());
    if let (None, Some(leaf)) = (&known.value, &known.terminal) {
        let outside_key = leaf.iter().take(1).chain(leaf.iter().skip(1 + StateKey::LEN));
        bytes.extend(outside_key);
    }
    bytes
}
