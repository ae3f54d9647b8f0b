//! A liar who knows the whole state and shows its nodes in any way: what is accepted is true.

use super::*;
use crate::key::Key;
use crate::outline::{BitWriter, Position};
use crate::view::{Opened, TrieView};
use alloc::collections::{BTreeMap, BTreeSet};

const CASES: usize = 6000;

/// A small generator (xorshift), for the same cases everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 20) % bound as u64).unwrap()
    }

    fn key(&mut self) -> StateKey {
        let mut bytes = [0x5a; 31];
        bytes[0] = [0x00, 0x20, 0x30, 0x70, 0x80, 0xc0, 0xe0, 0xf0][self.below(8)];
        StateKey::new(bytes)
    }
}

#[derive(Default)]
struct Forger {
    tags: Vec<u8>,
    hashes: Vec<u8>,
    raw: Vec<(StateKey, usize, [u8; 64])>,
    entries: BTreeMap<StateKey, Vec<u8>>,
}

impl Forger {
    fn show<'t>(
        &mut self,
        random: &mut Random,
        trie: &&'t Trie<GrayPaper>,
        node: Option<&<&'t Trie<GrayPaper> as TrieView>::Node>,
        position: Position,
    ) {
        let Some(node) = node else { return self.tags.push(2) };
        let Ok(opened) = trie.open(node);
        match (opened, random.below(5)) {
            (_, 0) => {
                let Ok(mut hash) = trie.hash(node);
                hash[0] &= if position.is_left() { 0x7f } else { 0xff };
                self.tags.push(1);
                self.hashes.extend_from_slice(&hash);
            }
            (Opened::Leaf(key), 1 | 2) => {
                let Ok(preimage) = trie.leaf_preimage(node);
                self.tags.push(3);
                self.raw.push((key, position.depth(), preimage));
            }
            (Opened::Leaf(key), _) => {
                let Ok(value) = trie.leaf_value(node);
                self.tags.push(2);
                self.entries.insert(key, value.to_vec());
            }
            (Opened::Branch { left, right }, _) => {
                let tags_before = self.tags.len();
                self.tags.push(0);
                self.show(random, trie, left.as_ref(), position.left());
                self.show(random, trie, right.as_ref(), position.right());
                if self.tags[tags_before..] == [0, 2, 2] {
                    self.tags.truncate(tags_before);
                    self.tags.push(2);
                }
            }
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bits = BitWriter::new(alloc::vec![0]);
        for tag in &self.tags {
            bits.push(tag & 2 != 0);
            bits.push(tag & 1 != 0);
        }
        let mut bytes = bits.into_bytes();
        bytes.extend_from_slice(&self.hashes);
        let mut bits = BitWriter::new(bytes);
        self.raw.iter().for_each(|(key, depth, _)| bits.push_from(key.as_bytes(), *depth));
        let mut bytes = bits.into_bytes();
        for (_, _, preimage) in &self.raw {
            let (form, length) = match preimage[0] {
                0xc0 => (33, 32),
                head => (head & 0x3f, usize::from(head & 0x3f)),
            };
            bytes.push(form);
            bytes.extend_from_slice(&preimage[32..32 + length]);
        }
        bytes
    }
}

fn query(random: &mut Random) -> Query {
    let (a, b) = (random.key(), random.key());
    let range = (a.min(b), a.max(b));
    let keys: BTreeSet<_> = (0..random.below(4)).map(|_| random.key()).collect();
    let outside = keys.into_iter().filter(|key| *key < range.0 || *key > range.1).collect();
    let ranges = [(range.0.as_bytes(), range.1.as_bytes())];
    Query::new(outside, &ranges[..random.below(2)]).unwrap()
}

/// INV-CP-03 and INV-CP-04.
#[test]
fn an_accepted_proof_is_true() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut accepted, mut answered) = (0, 0);
    for _ in 0..CASES {
        let model: BTreeMap<StateKey, Vec<u8>> =
            (0..random.below(6)).map(|n| (random.key(), alloc::vec![7; 11 * n])).collect();
        let mut trie: Trie<GrayPaper> = model.iter().map(|(k, v)| (*k, v.clone())).collect();
        let root = trie.root();
        let mut forger = Forger::default();
        let Ok(top) = (&&trie).top();
        forger.show(&mut random, &&trie, top.as_ref(), Position::TOP);
        let mut bytes = forger.bytes();
        if random.below(4) == 0 {
            let bit = random.below(8 * bytes.len());
            bytes[bit / 8] ^= 0x80 >> (bit % 8);
        }
        let Ok(proof) = CompactProof::decode(&bytes) else { continue };
        let mut entries: Vec<_> = forger.entries.into_iter().collect();
        match random.below(8) {
            0 => drop(entries.pop()),
            1 => entries.push((StateKey::MAX, alloc::vec![1])),
            _ => {}
        }
        let Ok(claims) = proof.verify(&root, &entries) else { continue };
        accepted += 1;
        for _ in 0..8 {
            let key = random.key();
            match claims.get(&key) {
                Claim::Value(value) => assert_eq!(model[&key], value),
                Claim::Present => assert!(model.contains_key(&key)),
                Claim::Absent => assert!(!model.contains_key(&key)),
                Claim::NotCovered => {}
            }
            let query = query(&mut random);
            if claims.check_query(&query).is_ok() {
                answered += 1;
                let asked = |key: &StateKey| query.asks_for(key);
                let given = entries.iter().filter(|(key, _)| asked(key)).map(|(k, v)| (k, v));
                assert!(given.eq(model.iter().filter(|(key, _)| asked(key))));
            }
        }
    }
    assert!(accepted > 500 && answered > 500, "{accepted} accepted, {answered} answered");
}
