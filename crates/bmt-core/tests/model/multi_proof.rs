//! A multi-proof shows what the map holds, and nothing else.

use crate::random::{Keys, Random, cases, probe, reference_root, state, trie};
use bmt_core::{GrayPaper, MultiProof, OutlineError, StateKey};

type Claims = Vec<(StateKey, Option<Vec<u8>>)>;

/// INV-MP-01 among them.
#[test]
fn any_set_of_keys_is_proven_and_no_other_claim_is() {
    let mut shown = [0_usize; 2];
    cases(20, |random, keys| {
        let model = state(random, keys, 16);
        let root = reference_root(&model);
        let mut trie = trie(&model);
        let asked: Vec<StateKey> =
            (0..random.below(8)).map(|_| probe(random, keys, &model)).collect();
        let proof = trie.prove_many(asked.iter().copied());
        let mut claims: Claims = asked.iter().map(|key| (*key, model.get(key).cloned())).collect();
        claims.sort();
        claims.dedup();
        let proof = MultiProof::<GrayPaper>::decode(&proof.encode()).unwrap();
        assert_eq!(proof.verify(&root, &claims), Ok(()));
        claims.iter().for_each(|(_, value)| shown[usize::from(value.is_some())] += 1);
        refuses_what_is_false(random, keys, &proof, &root, &claims, &model);
    });
    assert!(shown.iter().all(|count| *count > 1000), "present and absent keys: {shown:?}");
}

fn refuses_what_is_false(
    random: &mut Random,
    keys: Keys,
    proof: &MultiProof<GrayPaper>,
    root: &[u8; 32],
    claims: &Claims,
    model: &crate::random::Model,
) {
    let mut other_root = *root;
    other_root[random.below(32)] ^= 1 << random.below(8);
    assert!(proof.verify(&other_root, claims).is_err());
    if claims.is_empty() {
        return;
    }
    let at = random.below(claims.len());
    let mut false_claims = claims.clone();
    false_claims[at].1 = match &claims[at].1 {
        Some(_) if random.one_in(2) => None,
        Some(value) => Some([&value[..], b"x"].concat()),
        None => Some(random.value()),
    };
    assert!(proof.verify(root, &false_claims).is_err());

    let mut other_keys = claims.clone();
    other_keys[at].0 = probe(random, keys, model);
    other_keys.sort();
    other_keys.dedup_by_key(|(key, _)| *key);
    let is_true = other_keys.iter().all(|(key, value)| model.get(key) == value.as_ref());
    if proof.verify(root, &other_keys).is_ok() {
        assert!(is_true, "only what is true is shown");
    }
    if claims.len() > 1 {
        let mut unsorted = claims.clone();
        unsorted.swap(0, 1);
        assert!(proof.verify(root, &unsorted).is_err());
        unsorted[1] = unsorted[0].clone();
        assert!(proof.verify(root, &unsorted).is_err());
    }
}

#[test]
fn the_order_and_repetition_of_keys_do_not_matter() {
    cases(2, |random, keys| {
        let model = state(random, keys, 16);
        let mut trie = trie(&model);
        let mut asked: Vec<StateKey> = (0..5).map(|_| probe(random, keys, &model)).collect();
        let proof = trie.prove_many(asked.clone());
        asked.reverse();
        asked.push(asked[0]);
        assert_eq!(trie.prove_many(asked), proof);
    });
}

#[test]
fn bytes_after_or_before_the_end_are_refused() {
    cases(2, |random, keys| {
        let model = state(random, keys, 16);
        let asked: Vec<StateKey> = (0..4).map(|_| probe(random, keys, &model)).collect();
        let bytes = trie(&model).prove_many(asked).encode();
        let longer = [&bytes[..], &[0]].concat();
        let error = MultiProof::<GrayPaper>::decode(&longer).unwrap_err();
        assert_eq!(error, OutlineError::TrailingBytes { count: 1 });
        for length in 0..bytes.len() {
            assert!(MultiProof::<GrayPaper>::decode(&bytes[..length]).is_err());
        }
    });
}
