//! Which keys are asked for.

use super::expected::Expected;
use super::sample::Random;
use super::*;
use std::collections::BTreeSet;

fn state(count: u16) -> Expected {
    let mut expected = Expected::default();
    for n in 0..count {
        let key = StateKey::service_storage(1, &n.to_le_bytes());
        expected.apply(&[(key, Some(n.to_le_bytes().as_slice().into()))]);
    }
    expected
}

fn effort() -> Effort {
    Effort { keys_proven_max: 100, keys_sampled: 10, ..Effort::default() }
}

#[test]
fn a_small_state_is_asked_for_every_key() {
    let expected = state(100);
    let questions = expected.questions(effort(), 1, false);
    let present: Vec<_> = questions.present.iter().map(|(key, _)| *key).collect();
    assert_eq!(present, expected.entries().keys().copied().collect::<Vec<_>>());
    assert!(questions.all_entries);
}

#[test]
fn a_large_state_is_asked_for_a_seeded_sample() {
    let expected = state(101);
    let [one, same, other] = [1, 1, 2].map(|seed| expected.questions(effort(), seed, false));
    assert_eq!(one.present.len(), 10);
    assert_eq!((&one.present, &one.absent), (&same.present, &same.absent));
    assert_ne!(one.present, other.present);
    assert!(!one.all_entries && expected.questions(effort(), 1, true).all_entries);
    for (key, value) in &one.present {
        assert_eq!(expected.entries().get(key), Some(value));
    }
}

#[test]
fn absent_keys_are_neighbours_and_never_present() {
    let mut expected = Expected::default();
    let [low, next] = [0, 1].map(|last| {
        let mut bytes = [0; 31];
        bytes[30] = last;
        StateKey::new(bytes)
    });
    expected.apply(&[(low, Some(b"".as_slice().into())), (next, Some(b"".as_slice().into()))]);
    let absent: BTreeSet<_> = expected.questions(effort(), 3, false).absent.into_iter().collect();
    let mut two = [0; 31];
    two[30] = 2;
    assert!(absent.contains(&StateKey::new(two)), "the key after the last one");
    assert!(absent.contains(&StateKey::MAX), "the greatest key");
    assert!(!absent.contains(&low) && !absent.contains(&next));
    let empty = Expected::default().questions(effort(), 3, false);
    assert_eq!((empty.present.len(), empty.absent), (0, vec![StateKey::MIN, StateKey::MAX]));
}

#[test]
fn a_sample_is_of_distinct_numbers_in_range() {
    let mut random = Random::new(7);
    for (count, limit) in [(0, 5), (3, 5), (5, 5), (9, 5), (1_000, 1_000_000)] {
        let chosen = random.distinct(count, limit);
        assert_eq!(chosen.len(), count.min(limit));
        assert!(chosen.iter().all(|number| *number < limit));
    }
}

#[test]
fn a_listing_that_differs_is_refused() {
    let expected = state(5);
    let entries: Vec<_> = expected.entries().iter().map(|(k, v)| (*k, v.clone())).collect();
    assert_eq!(expected.compare(&entries), Ok(()));
    assert!(expected.compare(&entries[..4]).is_err());
    assert!(expected.compare(&entries[1..]).is_err());
    let longer = [&entries[..], &[(StateKey::MAX, b"".as_slice().into())]].concat();
    assert!(expected.compare(&longer).is_err());
    let mut other = entries;
    other[2].1 = b"other".as_slice().into();
    assert!(expected.compare(&other).is_err());
}
