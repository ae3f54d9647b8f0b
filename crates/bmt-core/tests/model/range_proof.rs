//! Parts of a range join without gap or overlap, and nothing false is shown.

use crate::random::{Keys, Model, Random, cases, probe, reference_root, state, trie};
use bmt_core::range_proof::Prefix;
use bmt_core::{GrayPaper, RangeProof, StateKey};

type Entries = Vec<(StateKey, std::sync::Arc<[u8]>)>;

#[test]
fn a_range_read_in_parts_is_complete() {
    let mut parts = 0;
    cases(15, |random, keys| {
        let model = state(random, keys, 16);
        let (root, mut trie) = (reference_root(&model), trie(&model));
        let (from, through) = bounds(random, keys, &model);
        let bytes_max = *random.pick(&[0, 200, 500, 2000, usize::MAX]);
        let (mut seen, mut next) = (Entries::new(), Some(from));
        while let Some(from) = next {
            let part = trie.prove_range(&from, &through, bytes_max);
            let proof = RangeProof::<GrayPaper>::decode(&part.proof.encode()).unwrap();
            next = proof.verify(&root, &from, &through, &part.entries).unwrap();
            assert_eq!(proof.claims_completeness(), next.is_none());
            assert!(next.is_none_or(|next| from < next && next <= through));
            let size = |value: &[u8]| 31 + 1 + usize::from(value.len() > 127) + value.len();
            let entries: usize = part.entries.iter().map(|(_, value)| size(value)).sum();
            assert!(part.entries.len() <= 1 || proof.as_bytes().len() + entries <= bytes_max);
            refuses_what_is_false(random, &root, (from, through), &part.entries, &proof);
            seen.extend(part.entries);
            parts += 1;
        }
        let seen: Model = seen.iter().map(|(key, value)| (*key, value.to_vec())).collect();
        let expected: Model =
            model.range(from..=through).map(|(key, value)| (*key, value.clone())).collect();
        assert_eq!(seen, expected);
    });
    assert!(parts > 2000, "{parts} parts");
}

fn bounds(random: &mut Random, keys: Keys, model: &Model) -> (StateKey, StateKey) {
    if random.one_in(4) {
        return (StateKey::MIN, StateKey::MAX);
    }
    let (a, b) = (probe(random, keys, model), probe(random, keys, model));
    (a.min(b), a.max(b))
}

fn refuses_what_is_false(
    random: &mut Random,
    root: &[u8; 32],
    (from, through): (StateKey, StateKey),
    entries: &Entries,
    proof: &RangeProof<GrayPaper>,
) {
    let mut other_root = *root;
    other_root[random.below(32)] ^= 1 << random.below(8);
    assert!(proof.verify(&other_root, &from, &through, entries).is_err());
    if entries.is_empty() {
        return;
    }
    let at = random.below(entries.len());
    let mut fewer = entries.clone();
    fewer.remove(at);
    assert!(proof.verify(root, &from, &through, &fewer).is_err());
    let mut changed = entries.clone();
    changed[at].1 = [&entries[at].1[..], b"x"].concat().into();
    assert!(proof.verify(root, &from, &through, &changed).is_err());
    let mut moved = entries.clone();
    let mut key = moved[at].0.to_bytes();
    key[random.below(31)] ^= 1 << random.below(8);
    moved[at].0 = StateKey::new(key);
    moved.sort();
    assert!(proof.verify(root, &from, &through, &moved).is_err());
}

/// Against other bounds, an honest proof shows only what is true of them.
#[test]
fn other_bounds_are_refused_or_true() {
    let (mut refused, mut shown) = (0, 0);
    cases(8, |random, keys| {
        let model = state(random, keys, 12);
        let (root, mut trie) = (reference_root(&model), trie(&model));
        let (from, through) = bounds(random, keys, &model);
        let part = trie.prove_range(&from, &through, *random.pick(&[0, 300, usize::MAX]));
        let (from, through) = bounds(random, keys, &model);
        match part.proof.verify(&root, &from, &through, &part.entries) {
            Err(_) => refused += 1,
            Ok(next) => {
                shown += 1;
                let known = |key: &StateKey| next.is_none_or(|next| *key < next);
                let expected: Entries = model
                    .range(from..=through)
                    .filter(|(key, _)| known(key))
                    .map(|(key, value)| (*key, value.clone().into()))
                    .collect();
                assert_eq!(part.entries, expected);
            }
        }
    });
    assert!(refused > 100 && shown > 10, "{refused} refused, {shown} shown");
}

#[test]
fn a_prefix_proof_gives_all_entries_under_the_prefix() {
    cases(5, |random, keys| {
        let model = state(random, keys, 16);
        let (root, mut trie) = (reference_root(&model), trie(&model));
        let of = probe(random, keys, &model);
        let length_bits = if random.one_in(2) { random.below(12) } else { random.below(249) };
        let prefix = Prefix::new(&of.to_bytes(), length_bits).unwrap();
        let part = trie.prove_prefix(&prefix);
        assert_eq!(part.proof.verify_prefix(&root, &prefix, &part.entries), Ok(()));
        let (from, through) = prefix.bounds();
        let expected: Entries =
            model.range(from..=through).map(|(key, value)| (*key, value.clone().into())).collect();
        assert_eq!(part.entries, expected);
    });
}
