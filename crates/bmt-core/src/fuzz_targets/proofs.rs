//! Targets for each kind of proof: what verifies is true.

use super::{keys, state};
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::multiproof::MultiProof;
use crate::proof::PathProof;
use crate::range_proof::RangeProof;
use crate::scheme::Hash;
use crate::state_request::{StateRequest, StateResponse};
use crate::trie::Trie;
use crate::witness::{Lookup, Witness};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

type Entries = Vec<(StateKey, Arc<[u8]>)>;

fn state_and_root() -> (Trie<GrayPaper>, Hash) {
    let mut trie = state();
    let root = trie.root();
    (trie, root)
}

/// The keys of the state, and absent ones: beside them, between them, and beyond.
fn probes() -> Vec<StateKey> {
    let beside = keys().map(|key| {
        let mut bytes = key.to_bytes();
        bytes[3] ^= 1;
        StateKey::new(bytes)
    });
    keys().into_iter().chain(beside).chain([StateKey::MIN, StateKey::MAX]).collect()
}

/// Whatever a path proof shows of any key is so.
pub fn path_proof(bytes: &[u8]) {
    let Ok(proof) = PathProof::<GrayPaper>::decode(bytes) else { return };
    assert_eq!(proof.encode(), bytes, "one proof has one encoding");
    let (trie, root) = state_and_root();
    for key in probes() {
        let value = trie.get(&key).map(AsRef::as_ref);
        assert!(value.is_none() || proof.verify_absent(&root, &key).is_err());
        assert!(proof.verify_present(&root, &key, b"not a value").is_err());
        assert!(value.is_some() || proof.verify_present(&root, &key, &[7; 3]).is_err());
    }
}

pub(super) fn path_corpus() -> Vec<Vec<u8>> {
    probes().iter().map(|key| state().prove(key).encode()).collect()
}

/// The sets of keys that multi-proofs are asked for.
fn key_sets() -> Vec<Vec<StateKey>> {
    let probes = probes();
    let mut sets = vec![Vec::new(), keys().to_vec(), probes.clone()];
    sets.extend(probes.chunks(2).map(<[StateKey]>::to_vec));
    sets
}

/// A multi-proof that verifies for some claims is the one that is made for them.
pub fn multi_proof(bytes: &[u8]) {
    let Ok(proof) = MultiProof::<GrayPaper>::decode(bytes) else { return };
    assert_eq!(proof.as_bytes(), bytes, "one proof has one encoding");
    let (mut trie, root) = state_and_root();
    for set in key_sets() {
        let mut claims: Vec<_> = set.iter().map(|key| (*key, trie.get(key).cloned())).collect();
        claims.sort();
        let honest = proof.verify(&root, &claims).is_ok();
        assert!(!honest || trie.prove_many(set) == proof, "claims have one proof");
        if let Some((_, value)) = claims.last_mut() {
            *value = if value.is_some() { None } else { Some(Arc::from([7; 3])) };
            assert!(proof.verify(&root, &claims).is_err());
        }
    }
}

pub(super) fn multi_corpus() -> Vec<Vec<u8>> {
    key_sets().into_iter().map(|set| state().prove_many(set).encode()).collect()
}

fn ranges() -> Vec<(StateKey, StateKey)> {
    let mut probes = probes();
    probes.sort();
    let pairs = probes.iter().zip(probes.iter().skip(3));
    let all = (StateKey::MIN, StateKey::MAX);
    pairs.map(|(from, through)| (*from, *through)).chain([all]).collect()
}

fn entries(trie: &Trie<GrayPaper>, from: StateKey, through: StateKey) -> Entries {
    trie.range(from..=through).collect()
}

/// The entries that a range proof covers are all there are.
pub fn range_proof(bytes: &[u8]) {
    let Ok(proof) = RangeProof::<GrayPaper>::decode(bytes) else { return };
    assert_eq!(proof.as_bytes(), bytes, "one proof has one encoding");
    let (trie, root) = state_and_root();
    for (from, through) in ranges() {
        let all = entries(&trie, from, through);
        for count in 0..=all.len() {
            let given = all.get(..count).unwrap_or_default();
            match proof.verify(&root, &from, &through, given) {
                Ok(None) => assert_eq!(count, all.len(), "a complete proof has all entries"),
                Ok(Some(next)) => {
                    assert!(from < next && next <= through, "it goes on in the range");
                    let before = all.iter().take_while(|(key, _)| *key < next).count();
                    assert_eq!(count, before, "nothing is left out before the next key");
                }
                Err(_) => {}
            }
        }
    }
}

pub(super) fn range_corpus() -> Vec<Vec<u8>> {
    let budgets = [0, 250, usize::MAX].into_iter();
    let proofs = budgets.flat_map(|bytes_max| {
        let of = move |(from, through)| state().prove_range(&from, &through, bytes_max).proof;
        ranges().into_iter().map(of)
    });
    proofs.map(|proof| proof.encode()).collect()
}

/// Whatever a witness tells of the state, and of the root after deleting keys, is so.
pub fn witness(bytes: &[u8]) {
    let Ok(witness) = Witness::<GrayPaper>::decode(bytes) else { return };
    assert_eq!(witness.as_bytes(), bytes, "one witness has one encoding");
    let (trie, root) = state_and_root();
    let Ok(verified) = witness.verify(&root) else { return };
    for key in probes() {
        let value = trie.get(&key).map(AsRef::as_ref);
        match verified.get(&key) {
            Lookup::Value(found) => assert_eq!(value, Some(found), "a value is the key's"),
            Lookup::Absent => assert_eq!(value, None, "an absent key is absent"),
            Lookup::NotCovered => {}
        }
        for write in [None, Some(&b"new"[..])] {
            if let Ok(after) = verified.apply([(key, write)]) {
                let mut changed = trie.clone();
                match write {
                    Some(value) => drop(changed.insert(key, value)),
                    None => drop(changed.remove(&key)),
                }
                assert_eq!(after, changed.root(), "the next root is the state's");
            }
        }
    }
}

pub(super) fn witness_corpus() -> Vec<Vec<u8>> {
    let delete = |key: &StateKey| (*key, None::<&[u8]>);
    let mut found: Vec<_> =
        probes().iter().map(|key| state().witness([*key], [delete(key)]).encode()).collect();
    let all = keys();
    found.push(state().witness(all, all.iter().map(delete)).encode());
    found.push(state().witness([], all.iter().map(|key| (*key, Some(&b"new"[..])))).encode());
    found
}

/// The pairs of a state response that checks are all there are, as far as it reaches.
pub fn state_response(bytes: &[u8]) {
    let Ok(response) = StateResponse::decode(bytes) else { return };
    assert_eq!(response.encode(), bytes, "one response has one encoding");
    let (trie, root) = state_and_root();
    for (start, end) in ranges() {
        let plain = StateRequest::new(start, end, u32::MAX);
        for request in [plain, plain.with_end_path()] {
            if let Ok(coverage) = response.check(&root, &request) {
                let all = entries(&trie, start, coverage.through);
                let given: Entries =
                    response.pairs.iter().map(|(key, value)| (*key, value[..].into())).collect();
                assert_eq!(given, all, "pairs are the state's");
                assert!(!coverage.is_complete || coverage.through == end, "complete is the end");
            }
        }
    }
}

pub(super) fn response_corpus() -> Vec<Vec<u8>> {
    let requests = ranges().into_iter().flat_map(|(start, end)| {
        let of = |bytes_max| StateRequest::new(start, end, bytes_max);
        [of(0), of(700), of(u32::MAX), of(700).with_end_path()]
    });
    requests.map(|request| state().serve_state(&request).encode()).collect()
}

#[cfg(feature = "unstable")]
fn queries() -> Vec<crate::compact_proof::Query> {
    use crate::compact_proof::Query;
    let mut sets = key_sets();
    sets.iter_mut().for_each(|set| set.sort());
    let listed = sets.into_iter().filter_map(|set| Query::new(set, &[]).ok());
    let bounds: [(&[u8], &[u8]); 3] = [(&[], &[]), (&[0x10], &[0x80]), (&[0x11], &[0x11])];
    let ranges = bounds.map(|bounds| Query::new(Vec::new(), &[bounds]));
    listed.chain(ranges.into_iter().flatten()).collect()
}

/// Whatever a compact proof tells of the state is so.
#[cfg(feature = "unstable")]
pub fn compact_proof(bytes: &[u8]) {
    use crate::compact_proof::{Claim, CompactProof};
    let Ok(proof) = CompactProof::decode(bytes) else { return };
    assert_eq!(proof.as_bytes(), bytes, "one proof has one encoding");
    let (mut trie, root) = state_and_root();
    for query in queries() {
        let (_, entries) = trie.prove_compact(&query);
        let Ok(claims) = proof.verify(&root, &entries) else { continue };
        for key in probes() {
            let value = trie.get(&key).map(AsRef::as_ref);
            match claims.get(&key) {
                Claim::Value(found) => assert_eq!(value, Some(found), "a value is the key's"),
                Claim::Present => assert!(value.is_some(), "a present key is present"),
                Claim::Absent => assert_eq!(value, None, "an absent key is absent"),
                Claim::NotCovered => {}
            }
        }
    }
}

#[cfg(feature = "unstable")]
pub(super) fn compact_corpus() -> Vec<Vec<u8>> {
    queries().iter().map(|query| state().prove_compact(query).0.encode()).collect()
}
