//! Compact proofs answer any query, and nothing false.

use crate::random::{Keys, Model, Random, cases, probe, reference_root, state, trie};
use bmt_core::compact_proof::{Claim, CompactProof, Query};
use bmt_core::{Hash, StateKey};

/// Some listed keys, and maybe a range of prefixes beside them.
pub(crate) fn query(random: &mut Random, keys: Keys, model: &Model) -> Query {
    let mut listed: Vec<StateKey> =
        (0..random.below(5)).map(|_| probe(random, keys, model)).collect();
    listed.sort();
    listed.dedup();
    if random.one_in(2) {
        return Query::new(listed, &[]).unwrap();
    }
    let (a, b) = (probe(random, keys, model), probe(random, keys, model));
    let (first, last) = (a.min(b).to_bytes(), a.max(b).to_bytes());
    let length = random.below(32);
    let range = [(&first[..length], &last[..length])];
    let alone = Query::new(Vec::new(), &range).unwrap();
    listed.retain(|key| !alone.asks_for(key));
    Query::new(listed, &range).unwrap()
}

#[test]
fn any_query_is_answered_and_nothing_false_is() {
    cases(12, |random, keys| {
        let model = state(random, keys, 16);
        let (root, mut trie) = (reference_root(&model), trie(&model));
        let query = query(random, keys, &model);
        let (proof, entries) = trie.prove_compact(&query);
        let proof = CompactProof::decode(&proof.encode()).unwrap();
        let claims = proof.verify(&root, &entries).unwrap();
        assert_eq!(claims.check_query(&query), Ok(()));
        for _ in 0..4 {
            let key = probe(random, keys, &model);
            let value = model.get(&key).map(Vec::as_slice);
            match claims.get(&key) {
                Claim::Value(found) => assert_eq!(value, Some(found)),
                Claim::Present => assert!(value.is_some() && !query.asks_for(&key)),
                Claim::Absent => assert_eq!(value, None),
                Claim::NotCovered => assert!(!query.asks_for(&key)),
            }
        }
        refuses_what_is_false(random, &root, &proof, &entries);
    });
}

fn refuses_what_is_false(
    random: &mut Random,
    root: &Hash,
    proof: &CompactProof,
    entries: &[(StateKey, std::sync::Arc<[u8]>)],
) {
    let mut bytes = proof.encode();
    let bit = random.below(8 * bytes.len());
    bytes[bit / 8] ^= 0x80 >> (bit % 8);
    if let Ok(changed) = CompactProof::decode(&bytes) {
        assert!(changed.verify(root, entries).is_err());
    }
    if entries.is_empty() {
        return;
    }
    let at = random.below(entries.len());
    let mut fewer = entries.to_vec();
    fewer.remove(at);
    assert!(proof.verify(root, &fewer).is_err());
    let mut other = entries.to_vec();
    other[at].1 = [&other[at].1[..], b"x"].concat().into();
    assert!(proof.verify(root, &other).is_err());
}
