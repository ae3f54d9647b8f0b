//! Every target over its corpus and over mutations of it.
//!
//! `BMT_FUZZ_SECONDS` is how long all targets together run, 4 unless told otherwise.

extern crate std;

use super::*;
use std::env;
use std::time::{Duration, Instant};

/// A small generator (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % u64::try_from(bound.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    /// Changes a bit, a byte or the length, or puts in a part of `other`.
    fn mutate(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len());
        match self.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, self.byte()),
            2 if !bytes.is_empty() => drop(bytes.remove(at)),
            3 => {
                let part = &other[self.below(other.len() + 1)..];
                bytes.truncate(at);
                bytes.extend_from_slice(part);
            }
            4 if !bytes.is_empty() => bytes[at] = self.byte(),
            _ if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            _ => {}
        }
    }
}

#[test]
fn targets_hold_on_their_corpus_and_on_mutations_of_it() {
    let seconds: u64 = env::var("BMT_FUZZ_SECONDS").map_or(4, |text| text.parse().unwrap());
    let share = Duration::from_secs(seconds) / u32::try_from(FUZZ_TARGETS.len()).unwrap();
    for target in FUZZ_TARGETS {
        let corpus = (target.corpus)();
        corpus.iter().for_each(|bytes| (target.run)(bytes));
        let (mut random, mut count) = (Random(seconds), 0_u32);
        let end = Instant::now() + share;
        while Instant::now() < end || count < 100 {
            let mut bytes = corpus[random.below(corpus.len())].clone();
            let other = &corpus[random.below(corpus.len())];
            if random.below(16) == 0 {
                bytes = (0..random.below(200)).map(|_| random.byte()).collect();
            }
            for _ in 0..1 + random.below(3) {
                random.mutate(&mut bytes, other);
            }
            (target.run)(&bytes);
            count += 1;
        }
        std::println!("{}: {count} mutations", target.name);
    }
}
