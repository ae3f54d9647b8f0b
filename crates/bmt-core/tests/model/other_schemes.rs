//! Multi-proofs, range proofs and witnesses under schemes that are not the Gray Paper's: longer keys,
//! and a node's kind in its hash, shown or not.

use crate::random::{Random, cases};
use bmt_core::nomt_compat::{Blake2b256, NomtCompat};
use bmt_core::witness::Lookup;
use bmt_core::{
    Hash, LeafValue, MultiProof, NodeKind, RangeProof, Scheme, Trie, Witness, lanes, reference,
};
use std::collections::BTreeMap;

type Key = [u8; 32];
type Model = BTreeMap<Key, Vec<u8>>;
type Claims = Vec<(Key, Option<Vec<u8>>)>;

/// Leaves end with their keys, and no hash shows a node's kind though each depends on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct KeysLast;

impl Scheme for KeysLast {
    type Key = Key;
    const ID: u32 = 0x4b4c_5354;
    const NAME: &'static str = "keys-last";
    const LEFT_FIRST_BYTE_MASK: u8 = 0x0f;
    const LEAF_KEY_OFFSET: usize = 32;

    fn value_is_hashed(_length_bytes: usize) -> bool {
        true
    }

    fn hash_value(value: &[u8]) -> Hash {
        lanes::hash_one(value)
    }

    fn leaf_preimage(key: &Key, value: LeafValue<'_>) -> [u8; 64] {
        let mut hash = match value {
            LeafValue::Bytes(bytes) => Self::hash_value(bytes),
            LeafValue::Hashed(hash) => *hash,
        };
        hash[0] |= 0x80;
        let mut node = [0; 64];
        node[..32].copy_from_slice(&hash);
        node[32..].copy_from_slice(key);
        node
    }

    fn parse_leaf(node: &[u8; 64]) -> Option<Key> {
        node.last_chunk().copied().filter(|_| node[0] & 0x80 != 0)
    }

    fn hash64_many(preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        lanes::hash64_many(preimages, hashes);
    }

    fn label(kind: NodeKind, mut hash: Hash) -> Hash {
        hash[31] ^= u8::from(kind == NodeKind::Leaf);
        hash
    }
}

fn key(random: &mut Random) -> Key {
    let mut key = if random.one_in(2) { random.bytes() } else { [0x5a; 32] };
    let bits = if random.one_in(8) { 256 } else { 12 };
    for _ in 0..random.below(3) {
        let bit = random.below(bits);
        key[bit / 8] ^= 0x80 >> (bit % 8);
    }
    key
}

fn model(random: &mut Random) -> Model {
    (0..random.below(14)).map(|_| (key(random), random.value())).collect()
}

fn root<S: Scheme<Key = Key>>(model: &Model) -> Hash {
    let entries: Vec<_> = model.iter().map(|(key, value)| (*key, value)).collect();
    reference::root::<S, _>(&entries)
}

/// A key of the state, or any.
fn probe(random: &mut Random, model: &Model) -> Key {
    let known = model.keys().nth(random.below(2 * model.len())).copied();
    known.unwrap_or_else(|| key(random))
}

fn claims(random: &mut Random, model: &Model) -> Claims {
    let asked = (0..random.below(6)).map(|_| probe(random, model));
    let claims: BTreeMap<_, _> = asked.map(|key| (key, model.get(&key).cloned())).collect();
    claims.into_iter().collect()
}

fn all_kinds<S: Scheme<Key = Key>>(random: &mut Random) {
    let model = model(random);
    let mut trie: Trie<S> = model.iter().map(|(key, value)| (*key, value.clone())).collect();
    let root_before = root::<S>(&model);
    let claims = claims(random, &model);

    let bytes = trie.prove_many(claims.iter().map(|(key, _)| *key)).encode();
    let proof = MultiProof::<S>::decode(&bytes).unwrap();
    assert_eq!(proof.verify(&root_before, &claims), Ok(()));
    no_bit_can_change(random, &bytes, |bytes| {
        MultiProof::<S>::decode(bytes).is_ok_and(|it| it.verify(&root_before, &claims).is_ok())
    });

    let (from, through) = (probe(random, &model), probe(random, &model));
    let (from, through) = (from.min(through), from.max(through));
    let part = trie.prove_range(&from, &through, *random.pick(&[0, 400, usize::MAX]));
    let bytes = part.proof.encode();
    let next = RangeProof::<S>::decode(&bytes)
        .and_then(|proof| proof.verify(&root_before, &from, &through, &part.entries))
        .unwrap();
    let covered = model.range(from..=through).filter(|(key, _)| next.is_none_or(|it| **key < it));
    assert_eq!(covered.count(), part.entries.len());
    no_bit_can_change(random, &bytes, |bytes| {
        RangeProof::<S>::decode(bytes)
            .is_ok_and(|it| it.verify(&root_before, &from, &through, &part.entries).is_ok())
    });

    let write = |random: &mut Random| random.one_in(3).then(|| random.value());
    let writes: Claims =
        (0..random.below(8)).map(|_| (probe(random, &model), write(random))).collect();
    let bytes = trie.witness(claims.iter().map(|(key, _)| *key), writes.clone()).encode();
    let witness = Witness::<S>::decode(&bytes).unwrap();
    let verified = witness.verify(&root_before).unwrap();
    for (key, value) in &claims {
        let expected = value.as_ref().map_or(Lookup::Absent, |value| Lookup::Value(value));
        assert_eq!(verified.get(key), expected);
    }
    let mut after = model.clone();
    for (key, value) in &writes {
        match value {
            Some(value) => drop(after.insert(*key, value.clone())),
            None => drop(after.remove(key)),
        }
    }
    assert_eq!(verified.apply(writes), Ok(root::<S>(&after)));
    no_bit_can_change(random, &bytes, |bytes| {
        Witness::<S>::decode(bytes).is_ok_and(|it| it.verify(&root_before).is_ok())
    });
}

/// Tries some single-bit changes.
fn no_bit_can_change(random: &mut Random, honest: &[u8], accepts: impl Fn(&[u8]) -> bool) {
    for _ in 0..8 {
        let mut changed = honest.to_vec();
        changed[random.below(honest.len())] ^= 1 << random.below(8);
        assert!(!accepts(&changed));
    }
}

#[test]
fn a_scheme_whose_hashes_show_the_kind() {
    cases(5, |random, _| all_kinds::<NomtCompat<Blake2b256>>(random));
}

#[test]
fn a_scheme_whose_hashes_do_not_show_the_kind() {
    cases(5, |random, _| all_kinds::<KeysLast>(random));
}

/// A hash that shows a leaf spares the sibling's preimage.
#[test]
fn a_sibling_is_opened_only_where_its_hash_does_not_show_its_kind() {
    fn witness_size<S: Scheme<Key = Key>>() -> usize {
        let (low, high) = ([0; 32], [0xff; 32]);
        let mut trie: Trie<S> = [(low, vec![1]), (high, vec![2])].into_iter().collect();
        trie.witness([], [(low, None::<&[u8]>)]).as_bytes().len()
    }
    // A branch and the leaf that goes (63 bytes and its symbols), then a hash or another leaf.
    assert_eq!(witness_size::<NomtCompat<Blake2b256>>() + 32, witness_size::<KeysLast>());
}
