//! A liar who knows the whole state and writes any outline of it: what is accepted is true.
//!
//! The outlines are made from the true trie, each node shown in any way there is, so that many lead
//! to the true root without being what a builder makes.

use super::*;
use crate::Key;
use crate::gray_paper::GrayPaper;
use crate::multiproof::MultiProof;
use crate::nomt_compat::{Blake2b256, NomtCompat};
use crate::range_proof::RangeProof;
use crate::trie::Trie;
use crate::view::{Opened, TrieView};
use crate::witness::{Lookup, Witness};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

const CASES: usize = 4000;

/// A small generator (xorshift), for the same cases everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 20) % bound as u64).unwrap()
    }
}

type Model<S> = BTreeMap<<S as Scheme>::Key, Vec<u8>>;

/// Eight keys: forks in the first four bits, and in the last one.
fn key<S: Scheme>(random: &mut Random) -> S::Key {
    let mut bytes = vec![0x5a; S::Key::LEN];
    bytes[0] = [0x00, 0x20, 0x30, 0x70, 0x80, 0xc0, 0xe0, 0xf0][random.below(8)];
    bytes[1] = if random.below(6) == 0 { 0x5b } else { 0x5a };
    S::Key::from_slice(&bytes).unwrap()
}

fn state<S: Scheme>(random: &mut Random) -> (Model<S>, Trie<S>, Hash) {
    let count = random.below(6);
    let model: Model<S> =
        (0..count).map(|n| (key::<S>(random), vec![7; [0, 3, 33][(n + count) % 3]])).collect();
    let mut trie: Trie<S> = model.iter().map(|(key, value)| (*key, value.clone())).collect();
    let root = trie.root();
    (model, trie, root)
}

/// Shows the subtrie at `position` in any way.
fn forge<'t, S: Scheme>(
    random: &mut Random,
    trie: &&'t Trie<S>,
    node: Option<&<&'t Trie<S> as TrieView>::Node>,
    position: Position,
    pieces: &mut Vec<Piece<S>>,
) {
    let depth = position.depth();
    let Some(node) = node else {
        return pieces.push(if random.below(60) == 0 { Piece::Given } else { Piece::Empty });
    };
    let Ok(hash) = trie.hash(node);
    let Ok(opened) = trie.open(node);
    if random.below(4) == 0 {
        return pieces.push(Piece::hidden(hash, &position));
    }
    if random.below(8) == 0 {
        return pieces.push(Piece::Given);
    }
    match opened {
        Opened::Leaf(key) => {
            let Ok(preimage) = trie.leaf_preimage(node);
            let Ok(value) = trie.leaf_value(node);
            pieces.push(match random.below(5) {
                0 => Piece::Given,
                1 | 2 => Piece::Leaf { preimage, depth },
                3 => Piece::Value { key, depth, value },
                _ => Piece::Value { key, depth, value: Arc::from([9]) },
            });
        }
        Opened::Branch { left, right } => {
            pieces.push(Piece::Branch);
            forge(random, trie, left.as_ref(), position.left(), pieces);
            forge(random, trie, right.as_ref(), position.right(), pieces);
        }
    }
}

fn forged<S: Scheme>(random: &mut Random, trie: &Trie<S>, form: Form) -> Vec<u8> {
    let mut pieces = Vec::new();
    let Ok(top) = (&trie).top();
    forge(random, &trie, top.as_ref(), Position::TOP, &mut pieces);
    let mut bytes = write(form, &pieces);
    if random.below(4) == 0 {
        let bit = random.below(8 * bytes.len());
        bytes[bit / 8] ^= 0x80 >> (bit % 8);
    }
    bytes
}

fn multi_proofs<S: Scheme>(random: &mut Random) -> bool {
    let (model, trie, root) = state::<S>(random);
    let bytes = forged(random, &trie, Form::Multi);
    let Ok(proof) = MultiProof::<S>::decode(&bytes) else { return false };
    let mut accepted = false;
    for _ in 0..8 {
        let keys: BTreeMap<_, _> = (0..random.below(5)).map(|_| (key::<S>(random), ())).collect();
        let claims: Vec<_> = keys
            .into_keys()
            .map(|key| match random.below(6) {
                0 => (key, None),
                1 => (key, Some(vec![9])),
                _ => (key, model.get(&key).cloned()),
            })
            .collect();
        if proof.verify(&root, &claims).is_ok() {
            accepted = true;
            assert!(claims.iter().all(|(key, value)| model.get(key) == value.as_ref()));
        }
    }
    accepted
}

fn range_proofs<S: Scheme>(random: &mut Random) -> bool {
    let (model, trie, root) = state::<S>(random);
    let form = if random.below(2) == 0 { Form::Range } else { Form::RangeCut };
    let bytes = forged(random, &trie, form);
    let Ok(proof) = RangeProof::<S>::decode(&bytes) else { return false };
    let mut accepted = false;
    for _ in 0..8 {
        let (from, through) = (key::<S>(random), key::<S>(random));
        if from > through {
            continue;
        }
        let all: Vec<_> = model.range(from..=through).map(|(k, v)| (*k, v.clone())).collect();
        for count in 0..=all.len() {
            let mut some = all[..count].to_vec();
            if random.below(3) == 0 && count > 0 {
                some.remove(random.below(count));
            }
            let Ok(next) = proof.verify(&root, &from, &through, &some) else { continue };
            accepted = true;
            assert!(next.is_none_or(|next| from < next && next <= through));
            let is_told = |key: &S::Key| next.is_none_or(|next| *key < next);
            let told: Vec<_> = all.iter().filter(|(key, _)| is_told(key)).cloned().collect();
            assert_eq!(some, told);
        }
    }
    accepted
}

fn witnesses<S: Scheme>(random: &mut Random) -> bool {
    let (model, trie, root) = state::<S>(random);
    let bytes = forged(random, &trie, Form::Witness);
    let Ok(witness) = Witness::<S>::decode(&bytes) else { return false };
    let Ok(state) = witness.verify(&root) else { return false };
    let mut applied = false;
    for _ in 0..20 {
        let asked = key::<S>(random);
        match state.get(&asked) {
            Lookup::Value(value) => assert_eq!(model[&asked], value),
            Lookup::Absent => assert!(!model.contains_key(&asked)),
            Lookup::NotCovered => {}
        }
        let value = |random: &mut Random| (random.below(3) == 0).then(|| vec![1; 3]);
        let writes: Vec<_> =
            (0..random.below(4)).map(|_| (key::<S>(random), value(random))).collect();
        let Ok(found) = state.apply(writes.iter().cloned()) else { continue };
        let mut after = trie.clone();
        for (key, value) in &writes {
            match value {
                Some(value) => drop(after.insert(*key, value.clone())),
                None => drop(after.remove(key)),
            }
        }
        assert_eq!(found, after.root(), "{writes:?} on {model:?}");
        applied |= !writes.is_empty();
    }
    applied
}

fn many(seed: u64, case: fn(&mut Random) -> bool) {
    let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
    let accepted = (0..CASES).filter(|_| case(&mut random)).count();
    std::eprintln!("{accepted} of {CASES}");
    assert!(accepted > 100, "{accepted} of {CASES} forged outlines say anything");
}

#[test]
fn an_accepted_multi_proof_is_true() {
    many(1, multi_proofs::<GrayPaper>);
    many(2, multi_proofs::<NomtCompat<Blake2b256>>);
}

#[test]
fn an_accepted_range_proof_hides_nothing() {
    many(3, range_proofs::<GrayPaper>);
    many(4, range_proofs::<NomtCompat<Blake2b256>>);
}

#[test]
fn an_accepted_witness_gives_true_values_and_roots() {
    many(5, witnesses::<GrayPaper>);
    many(6, witnesses::<NomtCompat<Blake2b256>>);
}
