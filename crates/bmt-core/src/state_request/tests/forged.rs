//! A liar who sends true nodes, of other paths than asked for, and some of the true pairs.

use super::*;
use alloc::collections::{BTreeMap, BTreeSet};

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

    fn key(&mut self) -> StateKey {
        key([0x00, 0x20, 0x30, 0x70, 0x80, 0xc0, 0xe0, 0xf0][self.below(8)])
    }

    fn request(&mut self) -> StateRequest {
        let (a, b) = (self.key(), self.key());
        let request = StateRequest::new(a.min(b), a.max(b), [0, 300, 700][self.below(3)]);
        if self.below(2) == 0 { request.with_end_path() } else { request }
    }
}

/// INV-SR-03 and INV-SR-04.
#[test]
fn an_accepted_response_hides_nothing() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut accepted, mut complete) = (0, 0);
    for _ in 0..CASES {
        let model: BTreeMap<StateKey, Vec<u8>> =
            (0..random.below(6)).map(|n| (random.key(), alloc::vec![7; 20 * n])).collect();
        let mut trie: Trie<GrayPaper> = model.iter().map(|(k, v)| (*k, v.clone())).collect();
        let (root, request) = (trie.root(), random.request());
        let mut response = StateResponse::default();
        let mut seen = BTreeSet::new();
        for _ in 0..1 + random.below(3) {
            let asked = if random.below(2) == 0 { request } else { random.request() };
            let nodes = trie.serve_state(&asked).nodes.into_iter();
            response.nodes.extend(nodes.filter(|node| seen.insert(*node)));
        }
        let end = [request.end, random.key()][random.below(2)].max(request.start);
        let pairs = model.range(request.start..=end).filter(|_| random.below(8) != 0);
        response.pairs = pairs.map(|(key, value)| (*key, value.clone())).collect();
        let Ok(coverage) = response.check(&root, &request) else { continue };
        accepted += 1;
        complete += usize::from(coverage.is_complete);
        let told = model.range(request.start..=coverage.through);
        assert!(told.eq(response.pairs.iter().map(|(key, value)| (key, value))));
        assert!(request.start <= coverage.through && coverage.through <= request.end);
        assert!(!coverage.is_complete || coverage.through == request.end);
    }
    assert!(accepted > 500 && complete > 100, "{accepted} accepted, {complete} complete");
}
