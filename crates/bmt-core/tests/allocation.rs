//! Reading and verifying allocates at most 4 times its input and 4 KiB, whatever the input says.
//!
//! INV-OU-06, INV-WI-05, INV-SR-05 and INV-CP-05.

#![expect(unsafe_code, reason = "a global allocator that counts")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_core::{
    GrayPaper, MultiProof, PathProof, RangeProof, StateKey, StateRequest, StateResponse, Trie,
    Witness,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

thread_local! {
    /// Bytes this thread has asked for, freed or not.
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: the caller keeps what this function's own contract asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps what this function's own contract asks for.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `work` on `input` and checks what it asked for in all.
fn bounded(name: &str, input: &[u8], work: impl FnOnce(&[u8])) {
    at_most(4 * input.len() + 4096, name, input, work);
}

fn at_most(most: usize, name: &str, input: &[u8], work: impl FnOnce(&[u8])) {
    let before = ALLOCATED.get();
    work(input);
    let allocated = ALLOCATED.get() - before;
    assert!(allocated <= most, "{name}: {allocated} bytes for {} of input", input.len());
}

fn key(n: u32) -> StateKey {
    StateKey::service_storage(n % 3, &n.to_le_bytes())
}

/// Uniform keys, and ones that differ in their last two bytes alone.
fn state() -> Trie<GrayPaper> {
    let deep = (0..2000_u16).map(|n| {
        let mut bytes = [0x5a; 31];
        bytes[29..].copy_from_slice(&n.to_be_bytes());
        (StateKey::new(bytes), Vec::new())
    });
    (0..2000).map(|n| (key(n), vec![7; usize::try_from(n % 70).unwrap()])).chain(deep).collect()
}

/// The honest bytes, and what a liar may make of them.
fn variants(honest: &[u8]) -> Vec<Vec<u8>> {
    let mut found = vec![honest.to_vec()];
    let step = honest.len() / 50 + 1;
    for at in (0..honest.len()).step_by(step) {
        let mut changed = honest.to_vec();
        changed[at] ^= 0x10;
        found.push(changed);
        found.push(honest[..at].to_vec());
    }
    let first = honest.first().copied().unwrap_or_default();
    for fill in [0, 0x55, 0x6d, 0x77, 0xdb, 0xee, 0xff] {
        for length in [1, 40, 1000, 50_000] {
            found.push([&[first][..], &vec![fill; length]].concat());
        }
    }
    found
}

fn sets() -> Vec<Vec<StateKey>> {
    let deep = state().range(StateKey::new([0x5a; 31])..).take(900).map(|(key, _)| key).collect();
    let counts = [1, 10, 1000].map(|count| (0..count).map(|n| key(n * 2)).collect());
    counts.into_iter().chain([deep]).collect()
}

/// INV-PP-06
#[test]
fn path_proofs() {
    let mut trie = state();
    let root = trie.root();
    let nearly = StateKey::new([0x5a; 31]);
    for key in [key(1), key(5000), nearly] {
        for bytes in variants(&trie.prove(&key).encode()) {
            bounded("path proof", &bytes, |bytes| {
                if let Ok(proof) = PathProof::<GrayPaper>::decode(bytes) {
                    black_box(proof.verify_absent(&root, &key).is_ok());
                    black_box(proof.verify_present(&root, &key, b"x").is_ok());
                }
            });
        }
    }
}

#[test]
fn multi_proofs() {
    let mut trie = state();
    let root = trie.root();
    for set in sets() {
        let mut claims: Vec<_> = set.iter().map(|key| (*key, trie.get(key).cloned())).collect();
        claims.sort();
        let honest = trie.prove_many(set).encode();
        for bytes in variants(&honest) {
            bounded("multi-proof", &bytes, |bytes| {
                if let Ok(proof) = MultiProof::<GrayPaper>::decode(bytes) {
                    assert_eq!(proof.verify(&root, &claims).is_ok(), bytes == honest);
                }
            });
        }
    }
}

#[test]
fn range_proofs() {
    let mut trie = state();
    let root = trie.root();
    for (from, bytes_max) in [(StateKey::MIN, 3000), (key(7), usize::MAX), (key(9), 20_000)] {
        let part = trie.prove_range(&from, &StateKey::MAX, bytes_max);
        for bytes in variants(&part.proof.encode()) {
            bounded("range proof", &bytes, |bytes| {
                if let Ok(proof) = RangeProof::<GrayPaper>::decode(bytes) {
                    black_box(proof.verify(&root, &from, &StateKey::MAX, &part.entries).is_ok());
                }
            });
        }
    }
}

#[test]
fn witnesses() {
    let mut trie = state();
    let root = trie.root();
    for set in sets() {
        let deletes = set.iter().map(|key| (*key, None::<&[u8]>));
        for bytes in variants(&trie.witness(set.iter().copied(), deletes).encode()) {
            bounded("witness", &bytes, |bytes| {
                if let Ok(witness) = Witness::<GrayPaper>::decode(bytes)
                    && let Ok(verified) = witness.verify(&root)
                {
                    for key in &set {
                        black_box(verified.get(key));
                    }
                }
            });
        }
    }
}

#[test]
fn state_responses() {
    let mut trie = state();
    let root = trie.root();
    for bytes_max in [0, 5000, 100_000, u32::MAX] {
        let request = StateRequest::new(key(3), StateKey::MAX, bytes_max);
        for bytes in variants(&trie.serve_state(&request).encode()) {
            bounded("state response", &bytes, |bytes| {
                if let Ok(response) = StateResponse::decode(bytes) {
                    black_box(response.check(&root, &request).is_ok());
                }
            });
        }
        let pairs = [0; 32 * 1000];
        bounded("empty values", &pairs, |pairs| {
            assert_eq!(StateResponse::from_messages(&[], pairs).unwrap().pairs.len(), 1000);
        });
    }
}

#[cfg(feature = "unstable")]
#[test]
fn compact_proofs() {
    use bmt_core::CompactProof;
    use bmt_core::compact_proof::Query;
    let mut trie = state();
    let root = trie.root();
    for mut set in sets() {
        set.sort();
        let query = Query::new(set, &[]).unwrap();
        let (proof, entries) = trie.prove_compact(&query);
        for bytes in variants(&proof.encode()) {
            bounded("compact proof", &bytes, |bytes| {
                if let Ok(proof) = CompactProof::decode(bytes)
                    && let Ok(claims) = proof.verify(&root, &entries)
                {
                    black_box(claims.check_query(&query).is_ok());
                    for key in query.keys() {
                        black_box(claims.get(key));
                    }
                }
            });
        }
    }
}
