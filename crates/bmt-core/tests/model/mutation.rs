//! Every single-bit change of every kind of proof of small tries, and every honest proof against
//! another key, value or root, is refused: exhaustively.

use crate::random::{Model, reference_root, trie};
use bmt_core::witness::Lookup;
use bmt_core::{
    GrayPaper, Hash, MultiProof, PathProof, RangeProof, StateKey, StateRequest, StateResponse,
    Witness,
};

/// Keys of the small world: forks at once, after some bits, and at the last bit.
fn world() -> [StateKey; 6] {
    let key = |first: u8, last: u8| {
        let mut bytes = [0x5a; 31];
        (bytes[0], bytes[30]) = (first, last);
        StateKey::new(bytes)
    };
    [key(0x00, 0), key(0x04, 0), key(0x80, 0), key(0x80, 1), key(0xc0, 0), key(0xff, 0)]
}

/// All states over some of the world's keys; those with the deepest fork are few, and dear.
fn states() -> Vec<Model> {
    let keys = world();
    let lengths = [0, 1, 32, 33, 2, 50];
    (0_u8..64)
        .filter(|set| set & 0b1100 != 0b1100 || *set == 0b1100 || *set == 0b11_1111)
        .map(|set| {
            let kept = (0..6).filter(|n| set & (1 << n) != 0);
            kept.map(|n| (keys[n], vec![7; lengths[n]])).collect()
        })
        .collect()
}

/// Calls `accepts` with every single-bit change of `honest`, none of which it may accept.
fn no_bit_can_change(name: &str, honest: &[u8], accepts: impl Fn(&[u8]) -> bool) {
    assert!(accepts(honest), "{name}: the honest proof is accepted");
    let mut changed = honest.to_vec();
    for bit in 0..8 * honest.len() {
        changed[bit / 8] ^= 0x80 >> (bit % 8);
        assert!(!accepts(&changed), "{name}: bit {bit} of {}", honest.len());
        changed[bit / 8] ^= 0x80 >> (bit % 8);
    }
}

fn other_roots(root: &Hash) -> impl Iterator<Item = Hash> {
    let root = *root;
    (0..256).map(move |bit| {
        let mut other = root;
        other[bit / 8] ^= 0x80 >> (bit % 8);
        other
    })
}

#[test]
fn path_proofs() {
    for model in states() {
        let (root, mut trie) = (reference_root(&model), trie(&model));
        for key in world() {
            let value = model.get(&key);
            let proof = trie.prove(&key);
            let holds = |proof: &PathProof<GrayPaper>,
                         root: &Hash,
                         key: &StateKey,
                         value: Option<&Vec<u8>>| match value {
                Some(value) => proof.verify_present(root, key, value).is_ok(),
                None => proof.verify_absent(root, key).is_ok(),
            };
            no_bit_can_change("path proof", &proof.encode(), |bytes| {
                PathProof::<GrayPaper>::decode(bytes)
                    .is_ok_and(|proof| holds(&proof, &root, &key, value))
            });
            assert!(!other_roots(&root).any(|root| holds(&proof, &root, &key, value)));
            for other in world() {
                assert!(!holds(&proof, &root, &other, Some(&vec![9])));
                assert!(!model.contains_key(&other) || !holds(&proof, &root, &other, None));
                assert!(other == key || value.is_none() || !holds(&proof, &root, &other, value));
            }
        }
    }
}

#[test]
fn multi_proofs() {
    for model in states() {
        let (root, mut trie) = (reference_root(&model), trie(&model));
        for set in [0b1_u8, 0b10_0000, 0b1010, 0b10_1011, 0b11_1111] {
            let asked = (0..6).filter(|n| set & (1 << n) != 0).map(|n| world()[n]);
            let claims: Vec<_> = asked.map(|key| (key, model.get(&key).cloned())).collect();
            let proof = trie.prove_many(claims.iter().map(|(key, _)| *key));
            no_bit_can_change("multi-proof", &proof.encode(), |bytes| {
                MultiProof::<GrayPaper>::decode(bytes)
                    .is_ok_and(|proof| proof.verify(&root, &claims).is_ok())
            });
            assert!(!other_roots(&root).any(|root| proof.verify(&root, &claims).is_ok()));
            for at in 0..claims.len() {
                for value in [None, Some(vec![9]), Some(vec![])] {
                    let mut other = claims.clone();
                    other[at].1 = value;
                    assert_eq!(proof.verify(&root, &other).is_ok(), other == claims);
                }
                let mut fewer = claims.clone();
                fewer.remove(at);
                if proof.verify(&root, &fewer).is_ok() {
                    assert_eq!(trie.prove_many(fewer.iter().map(|(key, _)| *key)), proof);
                }
            }
        }
    }
}

#[test]
fn range_proofs() {
    for model in states() {
        let (root, mut trie) = (reference_root(&model), trie(&model));
        for (from, through) in [(0, 5), (1, 2), (3, 4), (2, 2)] {
            let (from, through) = (world()[from], world()[through]);
            for bytes_max in [0, usize::MAX] {
                let part = trie.prove_range(&from, &through, bytes_max);
                let holds = |proof: &RangeProof<GrayPaper>, root: &Hash| {
                    proof.verify(root, &from, &through, &part.entries).is_ok()
                };
                no_bit_can_change("range proof", &part.proof.encode(), |bytes| {
                    RangeProof::<GrayPaper>::decode(bytes).is_ok_and(|proof| holds(&proof, &root))
                });
                assert!(!other_roots(&root).any(|root| holds(&part.proof, &root)));
                for at in 0..part.entries.len() {
                    let mut fewer = part.entries.clone();
                    fewer.remove(at);
                    assert!(part.proof.verify(&root, &from, &through, &fewer).is_err());
                    let mut other = part.entries.clone();
                    other[at].1 = vec![9].into();
                    assert!(part.proof.verify(&root, &from, &through, &other).is_err());
                }
            }
        }
    }
}

#[test]
fn witnesses() {
    for model in states() {
        let (root, mut trie) = (reference_root(&model), trie(&model));
        for read in [0, 2, 5] {
            for delete in [1, 2, 4] {
                let deletes = [(world()[delete], None::<&[u8]>)];
                let witness = trie.witness([world()[read]], deletes);
                no_bit_can_change("witness", &witness.encode(), |bytes| {
                    Witness::<GrayPaper>::decode(bytes)
                        .is_ok_and(|witness| witness.verify(&root).is_ok())
                });
                assert!(!other_roots(&root).any(|root| witness.verify(&root).is_ok()));
                let verified = witness.verify(&root).unwrap();
                for key in world() {
                    match verified.get(&key) {
                        Lookup::Value(value) => assert_eq!(model[&key], value),
                        Lookup::Absent => assert!(!model.contains_key(&key)),
                        Lookup::NotCovered => assert!(key != world()[read]),
                    }
                }
            }
        }
    }
}

/// The deepest fork is left out: its nodes alone have 120,000 bits.
#[test]
fn state_responses() {
    let is_deep =
        |model: &Model| model.contains_key(&world()[2]) && model.contains_key(&world()[3]);
    for model in states().into_iter().filter(|model| !is_deep(model)) {
        let (root, mut trie) = (reference_root(&model), trie(&model));
        for (start, end) in [(0, 5), (1, 2), (3, 4)] {
            let plain = StateRequest::new(world()[start], world()[end], 300);
            for request in [plain, plain.with_end_path()] {
                let response = trie.serve_state(&request);
                let holds =
                    |response: &StateResponse, root: &Hash| response.check(root, &request).is_ok();
                no_bit_can_change("state response", &response.encode(), |bytes| {
                    StateResponse::decode(bytes).is_ok_and(|response| holds(&response, &root))
                });
                assert!(!other_roots(&root).any(|root| holds(&response, &root)));
                for at in 0..response.nodes.len() {
                    let mut fewer = response.clone();
                    fewer.nodes.remove(at);
                    assert!(!holds(&fewer, &root));
                }
            }
        }
    }
}

#[cfg(feature = "unstable")]
#[test]
fn compact_proofs() {
    use bmt_core::CompactProof;
    use bmt_core::compact_proof::Query;
    let listed = |set: &[usize]| Query::new(set.iter().map(|n| world()[*n]).collect(), &[]);
    let range: [(&[u8], &[u8]); 1] = [(&[0x02], &[0x80])];
    let queries = [listed(&[0]), listed(&[1, 3, 5]), Query::new(vec![world()[5]], &range)];
    for model in states() {
        let (root, mut trie) = (reference_root(&model), trie(&model));
        for query in queries.clone().map(Result::unwrap) {
            let (proof, entries) = trie.prove_compact(&query);
            no_bit_can_change("compact proof", &proof.encode(), |bytes| {
                CompactProof::decode(bytes).is_ok_and(|proof| proof.verify(&root, &entries).is_ok())
            });
            assert!(!other_roots(&root).any(|root| proof.verify(&root, &entries).is_ok()));
            for at in 0..entries.len() {
                let mut fewer = entries.clone();
                fewer.remove(at);
                assert!(proof.verify(&root, &fewer).is_err());
                let mut other = entries.clone();
                other[at].1 = vec![9].into();
                assert!(proof.verify(&root, &other).is_err());
            }
        }
    }
}
