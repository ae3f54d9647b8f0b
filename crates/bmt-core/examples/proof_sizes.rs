//! Prints how large proofs of 1, 10 and 1,000 keys of 1,000,000 are: mean and maximum of 1,000
//! samples, as lines `figure NAME VALUE bytes`.
//!
//! `cargo run --release -p bmt-core --example proof_sizes [SAMPLES]`
//!
//! Not run by CI: it is a measurement of minutes.
//!
//! The plain list is what a proof without a format of its own would be: for each key a count of two
//! bytes, every sibling, and the 64 bytes of the leaf.

#![expect(clippy::print_stdout, reason = "a program that prints figures")]

use bmt_core::{GrayPaper, StateKey, Trie};

const KEYS: u64 = 1_000_000;

/// SplitMix64: the same keys everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The key with this number, uniform; those from [`KEYS`] on are absent.
fn key(number: u64) -> StateKey {
    let mut random = Random(number);
    let mut bytes = [0; 31];
    bytes.chunks_mut(8).for_each(|chunk| {
        let word = random.next().to_le_bytes();
        chunk.copy_from_slice(&word[..chunk.len()]);
    });
    StateKey::new(bytes)
}

/// Mean and maximum of some sizes.
#[derive(Default)]
struct Sizes {
    sum: u64,
    max: u64,
    count: u64,
}

impl Sizes {
    fn add(&mut self, size: usize) {
        self.sum += size as u64;
        self.max = self.max.max(size as u64);
        self.count += 1;
    }

    fn print(&self, name: &str) {
        println!("figure {name}_mean {} bytes", self.sum / self.count.max(1));
        println!("figure {name}_max {} bytes", self.max);
    }
}

fn measure(trie: &mut Trie<GrayPaper>, samples: u64, count: u64, first: u64, name: &str) {
    let (mut multi, mut paths, mut plain) = (Sizes::default(), Sizes::default(), Sizes::default());
    let mut random = Random(count);
    for _ in 0..samples {
        let keys: Vec<StateKey> = (0..count).map(|_| key(first + random.next() % KEYS)).collect();
        let proofs: Vec<_> = keys.iter().map(|key| trie.prove(key)).collect();
        paths.add(proofs.iter().map(|proof| proof.encode().len()).sum());
        plain.add(proofs.iter().map(|proof| 2 + 32 * proof.depth() + 64).sum());
        multi.add(trie.prove_many(keys).as_bytes().len());
    }
    multi.print(&format!("multi_proof_{name}_{count}_of_1e6"));
    paths.print(&format!("path_proofs_{name}_{count}_of_1e6"));
    plain.print(&format!("plain_lists_{name}_{count}_of_1e6"));
}

fn main() {
    let samples = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1000);
    let mut trie: Trie<GrayPaper> = (0..KEYS).map(|number| (key(number), vec![7; 32])).collect();
    trie.root();
    for count in [1, 10, 1000] {
        measure(&mut trie, samples, count, 0, "present");
        measure(&mut trie, samples, count, KEYS, "absent");
    }
}
