//! What a range proof shows and hides, on small tries.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::scheme::EMPTY_ROOT;
use crate::trie::Trie;

fn key(first: u8) -> StateKey {
    let mut bytes = [0x5a; 31];
    bytes[0] = first;
    StateKey::new(bytes)
}

fn trie(firsts: &[u8]) -> Trie<GrayPaper> {
    firsts.iter().map(|first| (key(*first), alloc::vec![*first; 3])).collect()
}

const QUARTERS: [u8; 4] = [0x10, 0x50, 0x90, 0xd0];

#[test]
fn a_whole_state_takes_one_symbol() {
    let mut all = trie(&QUARTERS);
    let part = all.prove_range(&StateKey::MIN, &StateKey::MAX, usize::MAX);
    assert_eq!((part.entries.len(), part.proof.encode()), (4, alloc::vec![0x12, 0b1110_0000]));
    let root = all.root();
    let verdict = part.proof.verify(&root, &StateKey::MIN, &StateKey::MAX, &part.entries);
    assert_eq!(verdict, Ok(None));
    let mut none = trie(&[]);
    let part = none.prove_range(&StateKey::MIN, &StateKey::MAX, usize::MAX);
    assert_eq!((part.entries.len(), part.proof.encode()), (0, alloc::vec![0x12, 0b1100_0000]));
    let verdict = part.proof.verify(&EMPTY_ROOT, &StateKey::MIN, &StateKey::MAX, &part.entries);
    assert_eq!(verdict, Ok(None));
}

/// INV-RP-01 to INV-RP-03.
#[test]
fn entries_left_out_or_added_are_refused() {
    let mut trie = trie(&QUARTERS);
    let root = trie.root();
    let (from, through) = (key(0x10), key(0x90));
    let part = trie.prove_range(&from, &through, usize::MAX);
    assert_eq!(part.proof.verify(&root, &from, &through, &part.entries), Ok(None));
    for at in 0..part.entries.len() {
        let mut fewer = part.entries.clone();
        fewer.remove(at);
        assert!(part.proof.verify(&root, &from, &through, &fewer).is_err());
    }
    let mut more = part.entries.clone();
    more.insert(1, (key(0x20), Arc::from([1])));
    assert!(part.proof.verify(&root, &from, &through, &more).is_err());
    let mut beyond = part.entries.clone();
    beyond.push((key(0xd0), Arc::from([0xd0; 3])));
    let error = RangeProofError::OutOfRange { index: 3 };
    assert_eq!(part.proof.verify(&root, &from, &through, &beyond), Err(error));
    // The same proof does not show another range.
    assert!(part.proof.verify(&root, &from, &key(0xd0), &part.entries).is_err());
    assert!(part.proof.verify(&root, &StateKey::MAX, &from, &part.entries).is_err());
}

/// INV-RP-04 and INV-RP-06.
#[test]
fn a_budget_cuts_the_range_at_the_next_subtrie() {
    let mut trie = trie(&QUARTERS);
    let root = trie.root();
    let part = trie.prove_range(&StateKey::MIN, &StateKey::MAX, 0);
    assert_eq!(part.entries.len(), 1, "one entry is always there");
    assert!(!part.proof.claims_completeness());
    let next = part.proof.verify(&root, &StateKey::MIN, &StateKey::MAX, &part.entries);
    let mut second_quarter = [0; 31];
    second_quarter[0] = 0x40;
    assert_eq!(next, Ok(Some(StateKey::new(second_quarter))));
    // Called complete, it hides a part; and a complete one is not cut.
    let wider = part.proof.verify(&root, &StateKey::MIN, &key(0x30), &part.entries);
    assert_eq!(wider, Err(RangeProofError::NotCut));
    let mut bytes = part.proof.encode();
    bytes[0] = 0x12;
    let complete = RangeProof::<GrayPaper>::decode(&bytes).unwrap();
    assert_eq!(
        complete.verify(&root, &StateKey::MIN, &StateKey::MAX, &part.entries),
        Err(RangeProofError::NotAsked { depth: 0 })
    );
    let cut = RangeProof::<GrayPaper>::decode(&[0x13, 0b1110_0000]).unwrap();
    let all: Vec<_> = trie.iter().collect();
    assert_eq!(
        cut.verify(&root, &StateKey::MIN, &StateKey::MAX, &all),
        Err(RangeProofError::NotCut)
    );
}

#[test]
fn a_prefix_proof_shows_all_entries_under_it() {
    let mut trie = trie(&[0x10, 0x50, 0x52, 0x53, 0x90]);
    let root = trie.root();
    let prefix = Prefix::new(&[0x50], 5).unwrap();
    let part = trie.prove_prefix(&prefix);
    assert_eq!(part.entries.len(), 3);
    assert_eq!(part.proof.verify_prefix(&root, &prefix, &part.entries), Ok(()));
    assert!(part.proof.verify_prefix(&root, &prefix, &part.entries[1..]).is_err());
    // The only leaf on the prefix's path is not under it.
    let elsewhere = Prefix::new(&[0x98], 6).unwrap();
    let part = trie.prove_prefix(&elsewhere);
    assert_eq!(part.proof.verify_prefix(&root, &elsewhere, &part.entries), Ok(()));
    assert!(part.entries.is_empty());
    assert_eq!(Prefix::<StateKey>::new(&[0x98], 9), Err(PrefixError::TooLong { found: 9, max: 8 }));
}

/// INV-RP-05.
#[test]
fn a_needless_branch_is_refused() {
    // Two given sides are one given subtrie.
    let error = RangeProof::<GrayPaper>::decode(&[0x12, 0b0111_0111, 0]).unwrap_err();
    assert_eq!(error, OutlineError::NeedlessBranch { depth: 0 }.into());
    let error = RangeProof::<GrayPaper>::decode(&[0x12, 0b0110_1110]).unwrap_err();
    assert_eq!(error, OutlineError::NeedlessBranch { depth: 0 }.into());
}

/// A peer's request must not stop a server that does not look at it first.
#[test]
fn an_inverted_range_has_no_valid_proof() {
    for firsts in [&[][..], &[0x10], &QUARTERS, &[0x10, 0x11]] {
        let mut trie = trie(firsts);
        let root = trie.root();
        for (from, through) in [(0xc0, 0x40), (0x51, 0x50), (0xff, 0x00), (0x11, 0x10)] {
            let (from, through) = (key(from), key(through));
            let part = trie.prove_range(&from, &through, usize::MAX);
            assert_eq!(part.entries, []);
            assert_eq!(RangeProof::decode(part.proof.as_bytes()).as_ref(), Ok(&part.proof));
            let verdict = part.proof.verify(&root, &from, &through, &part.entries);
            assert_eq!(verdict, Err(RangeProofError::EmptyRange));
        }
    }
}
