//! Naturals, messages, and responses that are refused.

use super::natural::Fault;
use super::*;
use crate::gray_paper::GrayPaper;
use crate::trie::Trie;

fn key(first: u8) -> StateKey {
    let mut bytes = [0x5a; 31];
    bytes[0] = first;
    StateKey::new(bytes)
}

fn trie() -> Trie<GrayPaper> {
    [0x10, 0x50, 0x90, 0xd0].map(|first| (key(first), alloc::vec![first; 40])).into_iter().collect()
}

fn request(start: u8, end: u8) -> StateRequest {
    StateRequest::new(key(start), key(end), u32::MAX)
}

#[test]
fn naturals_have_one_form() {
    let cases: [(u64, &[u8]); 8] = [
        (0, &[0]),
        (127, &[0x7f]),
        (128, &[0x80, 0x80]),
        (40, &[0x28]),
        (1 << 14, &[0xc0, 0, 0x40]),
        ((1 << 56) - 1, &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        (1 << 56, &[0xff, 0, 0, 0, 0, 0, 0, 0, 1]),
        (u64::MAX, &[0xff; 9]),
    ];
    for (number, expected) in cases {
        let mut bytes = Vec::new();
        natural::push(&mut bytes, number);
        assert_eq!(bytes, expected);
        assert_eq!(natural::size(number), expected.len());
        assert_eq!(natural::read(expected), Ok((number, expected.len())));
        assert_eq!(natural::read(&expected[..expected.len() - 1]), Err(Fault::Early));
    }
    assert_eq!(natural::read(&[0x80, 0x7f]), Err(Fault::NotShortest));
    assert_eq!(natural::read(&[0xff, 0, 0, 0, 0, 0, 0, 0, 0]), Err(Fault::NotShortest));
}

#[test]
fn a_request_has_98_bytes() {
    let request = StateRequest::new(key(1), key(2), 0x0403_0201);
    let bytes = request.encode(&[9; 32]);
    assert_eq!((bytes.len(), &bytes[94..]), (98, &[1, 2, 3, 4][..]));
    assert_eq!(StateRequest::decode(&bytes), Ok(([9; 32], request)));
    assert!(StateRequest::decode(&bytes[1..]).is_err());
    assert!(StateRequest::decode(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn a_response_goes_through_its_bytes() {
    let response = trie().serve_state(&request(0x20, 0xa0));
    let bytes = response.encode();
    assert_eq!(bytes.len(), response.size_bytes() + 8);
    assert_eq!(StateResponse::decode(&bytes).as_ref(), Ok(&response));
    for length in 0..bytes.len() {
        assert!(StateResponse::decode(&bytes[..length]).is_err());
    }
    let nodes = StateResponse::from_messages(&[0; 65], &[]);
    assert_eq!(nodes, Err(StateResponseError::NodesLength { found: 65 }));
    let mut pair = [0; 33];
    pair[31] = 0x80;
    let pairs = StateResponse::from_messages(&[], &pair);
    assert_eq!(pairs, Err(StateResponseError::ValueLength { offset: 31 }));
}

/// INV-SR-01 to INV-SR-03.
#[test]
fn nodes_that_are_changed_are_refused() {
    let (mut trie, request) = (trie(), request(0x20, 0xa0));
    let root = trie.root();
    let honest = trie.serve_state(&request);
    let coverage = Coverage { through: key(0xa0), is_complete: true };
    assert_eq!(honest.check(&root, &request), Ok(coverage));
    let changed = |change: fn(&mut StateResponse)| {
        let mut response = honest.clone();
        change(&mut response);
        response.check(&root, &request).unwrap_err()
    };
    assert_eq!(
        changed(|it| it.nodes.push(it.nodes[0])),
        StateResponseError::DuplicateNode { index: it_last(&honest) }
    );
    assert_eq!(changed(|it| it.nodes.swap(0, 1)), StateResponseError::BeforeParent { index: 0 });
    assert_eq!(
        changed(|it| it.nodes.truncate(it.nodes.len() - 1)),
        StateResponseError::MissingNode { depth: 2 }
    );
    assert_eq!(
        changed(|it| it.nodes.push([7; 64])),
        StateResponseError::NotOnPath { index: it_last(&honest) }
    );
    assert_eq!(changed(|it| it.pairs.swap(0, 1)), StateResponseError::Unsorted { index: 1 });
    assert!(matches!(
        changed(|it| drop(it.pairs.remove(0))),
        StateResponseError::PairsDiffer { .. }
    ));
}

fn it_last(response: &StateResponse) -> usize {
    response.nodes.len()
}

/// INV-SR-04.
#[test]
fn only_the_end_path_shows_that_a_stretch_is_empty() {
    let mut trie: Trie<GrayPaper> =
        [0x10, 0x90, 0xd0].map(|first| (key(first), alloc::vec![first])).into_iter().collect();
    let root = trie.root();
    // Nothing is from 0x20 through 0x88, but the right half of the trie may begin at 0x80.
    let plain = request(0x20, 0x88);
    let response = trie.serve_state(&plain);
    let coverage = response.check(&root, &plain).unwrap();
    assert!(response.pairs.is_empty() && !coverage.is_complete);
    let with_end = plain.with_end_path();
    let response = trie.serve_state(&with_end);
    let coverage = response.check(&root, &with_end).unwrap();
    assert_eq!(coverage, Coverage { through: key(0x88), is_complete: true });
    assert_eq!(coverage.next_key(), None);
    // Who did not ask for it refuses it.
    assert!(response.check(&root, &plain).is_err());
}

mod forged;
