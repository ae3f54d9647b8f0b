//! Prints how large proofs of 1, 10 and 1,000 keys of 1,000,000 uniform ones are, ours and nomt's:
//! mean and maximum, as lines `figure NAME VALUE bytes`, and `ratio NAME VALUE`, times smaller.
//!
//! `cargo run --release --manifest-path benches/compare/Cargo.toml --example proof_sizes [SAMPLES]`
//!
//! | name | what is counted |
//! |---|---|
//! | `path` | ours: `PathProof::encode`; nomt: borsh of its `PathProof`; one key |
//! | `multi` | ours: `MultiProof::encode`; nomt: borsh of its `MultiProof`, a terminal once |
//! | `plain` | for each key a count of two bytes, every sibling, and the 64 bytes of the leaf |
//!
//! Ours are in the scheme `NomtCompat<Blake3>`, whose trie is nomt's: nomt's proofs are made from the
//! same siblings (the test `nomt_differential` shows that they are), and every proof that is counted
//! has been accepted by its own verifier. In this scheme a leaf refers to its value by hash, as in
//! nomt, so no proof holds a value. Ours do not hold the keys and value hashes that are claimed
//! either, since a verifier knows them; nomt's do, and compare.

use bmt_compare::workload::Random;
use bmt_core::nomt_compat::{Blake3, NomtCompat};
use bmt_core::{Hash, MultiProof, PathProof, Scheme, Trie};
use nomt_core::hasher::Blake3Hasher;
use nomt_core::proof::{self as nomt_proof, PathProofTerminal};
use nomt_core::trie::LeafData;
use nomt_core::trie_pos::TriePosition;
use std::collections::BTreeMap;

type Ours = NomtCompat<Blake3>;
type Key = [u8; 32];

/// Keys in the trie; those with a number from here on are absent.
const KEY_COUNT: u64 = 1_000_000;
/// Proofs of each kind, unless said otherwise.
const SAMPLE_COUNT: u64 = 1_000;
/// The value of every key.
const VALUE: [u8; 32] = [7; 32];

fn main() {
    let samples = std::env::args().nth(1).map_or(SAMPLE_COUNT, |text| text.parse().unwrap());
    let mut trie: Trie<Ours> = (0..KEY_COUNT).map(|number| (key(number), VALUE)).collect();
    let state = State {
        root: trie.root(),
        sorted: {
            let mut keys: Vec<Key> = (0..KEY_COUNT).map(key).collect();
            keys.sort_unstable();
            keys
        },
        trie,
    };
    println!("{samples} samples of each kind");
    for (claim, is_present) in [("present", true), ("absent", false)] {
        let mut random = Random::new(u64::from(is_present));
        for key_count in [1, 10, 1_000] {
            measure(&state, claim, key_count, samples, &mut random);
        }
    }
}

/// The key with this number.
fn key(number: u64) -> Key {
    let mut random = Random::new(number);
    let mut key = [0; 32];
    key.chunks_exact_mut(8).for_each(|word| word.copy_from_slice(&random.next().to_le_bytes()));
    key
}

struct State {
    trie: Trie<Ours>,
    root: Hash,
    /// The keys of the trie, to find the leaf that the path of an absent key ends at.
    sorted: Vec<Key>,
}

/// Sizes of one way to prove.
#[derive(Default)]
struct Sizes(Vec<u64>);

impl Sizes {
    fn add(&mut self, size: usize) {
        self.0.push(size as u64);
    }

    fn mean(&self) -> f64 {
        self.0.iter().sum::<u64>() as f64 / self.0.len() as f64
    }

    fn max(&self) -> f64 {
        self.0.iter().copied().max().unwrap_or(0) as f64
    }

    fn print(&self, name: &str) {
        println!("figure {name}_mean {:.1} bytes", self.mean());
        println!("figure {name}_max {} bytes", self.max());
    }

    /// How many times smaller these are.
    fn print_ratio(&self, name: &str, theirs: &Self) {
        println!("ratio {name}_mean {:.3}", theirs.mean() / self.mean());
        println!("ratio {name}_max {:.3}", theirs.max() / self.max());
        let never_larger = self.0.iter().zip(&theirs.0).all(|(ours, theirs)| ours <= theirs);
        println!("  {name}: never larger in a sample: {never_larger}");
    }
}

fn measure(state: &State, claim: &str, key_count: u64, samples: u64, random: &mut Random) {
    let [mut path, mut multi, mut nomt_path, mut nomt_multi, mut plain] =
        [(); 5].map(|()| Sizes::default());
    for _ in 0..samples {
        let mut claims = BTreeMap::new();
        while (claims.len() as u64) < key_count {
            let number = random.below(KEY_COUNT);
            if claim == "present" {
                claims.insert(key(number), Some(VALUE));
            } else {
                claims.insert(key(KEY_COUNT + number), None);
            }
        }
        let claims: Vec<(Key, Option<[u8; 32]>)> = claims.into_iter().collect();
        let proofs: Vec<_> =
            claims.iter().map(|(key, _)| (*key, state.trie.prove_hashed(key))).collect();
        plain.add(proofs.iter().map(|(_, proof)| 2 + 32 * proof.depth() + 64).sum());
        multi.add(multi_size(state, &claims));
        let theirs: Vec<_> =
            proofs.iter().map(|(key, proof)| nomt_proof(state, key, proof)).collect();
        if let ([(key, ours)], [theirs]) = (&proofs[..], &theirs[..]) {
            path.add(path_size(state, ours, key, claims[0].1.as_ref()));
            nomt_path.add(borsh::to_vec(theirs).unwrap().len());
        }
        nomt_multi.add(nomt_multi_size(state, theirs));
    }
    let name = |kind: &str| format!("proof_{kind}_{claim}_{key_count}_of_1e6");
    if key_count == 1 {
        path.print(&format!("{}_bmt", name("path")));
        nomt_path.print(&format!("{}_nomt", name("path")));
        path.print_ratio(&format!("{}_vs_nomt", name("path")), &nomt_path);
        path.print_ratio(&format!("{}_vs_plain", name("path")), &plain);
    }
    multi.print(&format!("{}_bmt", name("multi")));
    nomt_multi.print(&format!("{}_nomt", name("multi")));
    plain.print(&name("plain"));
    multi.print_ratio(&format!("{}_vs_nomt", name("multi")), &nomt_multi);
    multi.print_ratio(&format!("{}_vs_plain", name("multi")), &plain);
}

/// The size of our path proof, which verifies.
fn path_size(state: &State, proof: &PathProof<Ours>, key: &Key, value: Option<&[u8; 32]>) -> usize {
    let bytes = proof.encode();
    let proof = PathProof::<Ours>::decode(&bytes).unwrap();
    match value {
        Some(value) => proof.verify_present(&state.root, key, value).unwrap(),
        None => proof.verify_absent(&state.root, key).unwrap(),
    }
    bytes.len()
}

/// The size of our multi-proof, which verifies.
fn multi_size(state: &State, claims: &[(Key, Option<[u8; 32]>)]) -> usize {
    let keys = claims.iter().map(|(key, _)| *key);
    let Ok(proof) = MultiProof::build(&&state.trie, keys);
    let bytes = proof.encode();
    MultiProof::<Ours>::decode(&bytes).unwrap().verify(&state.root, claims).unwrap();
    bytes.len()
}

/// nomt's path proof of the key, which verifies.
fn nomt_proof(state: &State, key: &Key, ours: &PathProof<Ours>) -> nomt_proof::PathProof {
    let depth = ours.depth() as u16;
    let end = TriePosition::from_path_and_depth(*key, depth);
    let at_or_after = state.sorted.partition_point(|other| other < key);
    let near =
        &state.sorted[at_or_after.saturating_sub(1)..state.sorted.len().min(at_or_after + 1)];
    let at_end = |other: &&Key| TriePosition::from_path_and_depth(**other, depth) == end;
    let terminal = match near.iter().find(at_end) {
        Some(key_path) => {
            let value_hash = Ours::hash_value(&VALUE);
            PathProofTerminal::Leaf(LeafData { key_path: *key_path, value_hash })
        }
        None => PathProofTerminal::Terminator(end),
    };
    let proof = nomt_proof::PathProof { terminal, siblings: ours.siblings().collect() };
    let path = TriePosition::from_path_and_depth(*key, 256);
    let verified = proof.verify::<Blake3Hasher>(path.path(), state.root).unwrap();
    assert_eq!(verified.confirm_nonexistence(key).unwrap(), !ours.claims_presence());
    proof
}

/// The size of nomt's multi-proof of what these prove, which verifies.
fn nomt_multi_size(state: &State, mut proofs: Vec<nomt_proof::PathProof>) -> usize {
    proofs.sort_by(|one, other| one.terminal.path().cmp(other.terminal.path()));
    proofs.dedup_by(|one, other| one.terminal == other.terminal);
    let proof = nomt_proof::MultiProof::from_path_proofs(proofs);
    let verified = nomt_proof::verify_multi_proof::<Blake3Hasher>(&proof, state.root);
    assert!(verified.is_ok());
    borsh::to_vec(&proof).unwrap().len()
}
