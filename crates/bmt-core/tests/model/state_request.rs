//! State requests page through any state, and answers that were tampered with are refused.

use crate::random::{Keys, Model, Random, cases, probe, reference_root, state, trie};
use bmt_core::StateKey;
use bmt_core::state_request::{StateRequest, StateResponse};

fn request(random: &mut Random, keys: Keys, model: &Model) -> StateRequest {
    let bytes_max = *random.pick(&[0, 300, 700, 2000, u32::MAX]);
    if random.one_in(3) {
        return StateRequest::new(StateKey::MIN, StateKey::MAX, bytes_max);
    }
    let (a, b) = (probe(random, keys, model), probe(random, keys, model));
    StateRequest::new(a.min(b), a.max(b), bytes_max)
}

#[test]
fn paging_with_the_end_path_gives_the_range() {
    cases(8, |random, keys| {
        let model = state(random, keys, 16);
        let (root, mut trie) = (reference_root(&model), trie(&model));
        let asked = request(random, keys, &model).with_end_path();
        let (mut next, mut seen) = (asked, Model::new());
        loop {
            let response = trie.serve_state(&next);
            assert!(response.pairs.len() <= 1 || response.size_bytes() <= asked.bytes_max as usize);
            let decoded = StateResponse::decode(&response.encode()).unwrap();
            let coverage = decoded.check(&root, &next).unwrap();
            seen.extend(decoded.pairs);
            match coverage.next_key() {
                Some(key) => next.start = key,
                None => break,
            }
        }
        let expected: Model = model
            .range(asked.start..=asked.end)
            .map(|(key, value)| (*key, value.clone()))
            .collect();
        assert_eq!(seen, expected);
    });
}

#[test]
fn what_is_covered_is_what_the_state_has() {
    let mut complete = 0;
    cases(12, |random, keys| {
        let model = state(random, keys, 16);
        let (root, mut trie) = (reference_root(&model), trie(&model));
        let asked = request(random, keys, &model);
        let response = trie.serve_state(&asked);
        let coverage = response.check(&root, &asked).unwrap();
        complete += usize::from(coverage.is_complete);
        let expected: Vec<_> = model
            .range(asked.start..=coverage.through)
            .map(|(key, value)| (*key, value.clone()))
            .collect();
        assert_eq!(response.pairs, expected);
        assert!(coverage.through <= asked.end);
        refuses_what_is_false(random, &root, &asked, &response);
    });
    assert!(complete > 200, "{complete} complete answers");
}

fn refuses_what_is_false(
    random: &mut Random,
    root: &[u8; 32],
    asked: &StateRequest,
    response: &StateResponse,
) {
    let mut other_root = *root;
    other_root[random.below(32)] ^= 1 << random.below(8);
    if !response.nodes.is_empty() {
        assert!(response.check(&other_root, asked).is_err());
        let mut changed = response.clone();
        let at = random.below(changed.nodes.len());
        changed.nodes[at][random.below(64)] ^= 1 << random.below(8);
        assert!(changed.check(root, asked).is_err());
        let mut fewer = response.clone();
        fewer.nodes.remove(at);
        assert!(fewer.check(root, asked).is_err());
    }
    if response.pairs.is_empty() {
        return;
    }
    let at = random.below(response.pairs.len());
    let mut changed = response.clone();
    changed.pairs[at].1.push(1);
    assert!(changed.check(root, asked).is_err());
    let mut fewer = response.clone();
    fewer.pairs.remove(at);
    // Without its last pair a response is another one, whose last path has needless nodes.
    let covered = fewer.check(root, asked).is_ok();
    assert!(!covered || at == response.pairs.len() - 1);
}
