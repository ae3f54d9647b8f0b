//! Merging against a map, from both ends.

use super::Merged;
use quickcheck::QuickCheck;
use std::collections::BTreeMap;
use std::convert::Infallible;

type Entries = BTreeMap<u8, u16>;
type Changes = BTreeMap<u8, Option<u16>>;

fn agrees(entries: Entries, changes: Changes, from_back: Vec<bool>) -> bool {
    let mut expected = entries.clone();
    for (key, value) in &changes {
        match value {
            Some(value) => expected.insert(*key, *value),
            None => expected.remove(key),
        };
    }
    let mut expected = expected.into_iter();
    let mut found = Merged::new(entries.into_iter().map(Ok::<_, Infallible>), changes.into_iter());
    // Past the end, so that it also stays over.
    let ends = from_back.iter().copied().chain(std::iter::repeat_n(false, 520));
    ends.into_iter().all(|is_back| {
        let (found, expected) = match is_back {
            true => (found.next_back(), expected.next_back()),
            false => (found.next(), expected.next()),
        };
        found.map(|Ok(entry)| entry) == expected
    })
}

#[test]
fn it_is_a_map_with_changes_from_both_ends() {
    let agrees = agrees as fn(Entries, Changes, Vec<bool>) -> bool;
    QuickCheck::new().tests(1000).quickcheck(agrees);
}

#[test]
fn an_error_from_either_end_is_told_once_and_ends_it() {
    for is_back in [false, true] {
        let entries = [Ok((1, 'a')), Err("damaged"), Ok((3, 'c'))];
        let mut merged = Merged::new(entries.into_iter(), [(2, Some('b'))].into_iter());
        let mut found = Vec::new();
        for _ in 0..5 {
            found.push(if is_back { merged.next_back() } else { merged.next() });
        }
        let first = if is_back { (3, 'c') } else { (1, 'a') };
        assert_eq!(found, [Some(Ok(first)), Some(Err("damaged")), None, None, None]);
    }
}
