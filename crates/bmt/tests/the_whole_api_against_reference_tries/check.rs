//! Whether what is read is what the model has.

use crate::known::Known;
use crate::random::Random;
use bmt::{
    GrayPaper, Hash, Overlay, PathProof, PrepareError, Range, ReadAtError, ReadError, ReadSession,
    SessionError, StateKey, Value,
};

/// Errors that say that an old state was given up.
pub(crate) trait Expiry: std::fmt::Display {
    fn is_expiry(&self) -> bool;
}

impl Expiry for ReadError {
    fn is_expiry(&self) -> bool {
        matches!(self, Self::SnapshotExpired)
    }
}

impl Expiry for SessionError {
    fn is_expiry(&self) -> bool {
        matches!(self, Self::Read(error) if error.is_expiry())
    }
}

impl Expiry for PrepareError {
    fn is_expiry(&self) -> bool {
        matches!(self, Self::Read(error) if error.is_expiry())
    }
}

impl Expiry for ReadAtError {
    fn is_expiry(&self) -> bool {
        matches!(self, Self::Read(error) if error.is_expiry())
    }
}

/// `None` if the state has expired and may.
pub(crate) fn unless_expired<T, E: Expiry>(expires: bool, result: Result<T, E>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) if expires && error.is_expiry() => None,
        Err(error) => panic!("{error}"),
    }
}

/// States up to this size are compared entry by entry each time.
const ALL_ENTRIES_MAX: usize = 80;

pub(crate) fn value_is(found: Option<&Value>, expected: Option<&Vec<u8>>) {
    assert_eq!(found.map(|value| &**value), expected.map(|value| &**value));
}

pub(crate) fn proof_is(
    proof: &PathProof<GrayPaper>,
    root: &Hash,
    key: &StateKey,
    value: Option<&Vec<u8>>,
) {
    match value {
        Some(value) => proof.verify_present(root, key, value).unwrap(),
        None => proof.verify_absent(root, key).unwrap(),
    }
}

/// A few entries from either end of a range, or all of them.
pub(crate) fn range_is(
    mut range: Range<GrayPaper>,
    expected: impl DoubleEndedIterator<Item = (StateKey, Vec<u8>)>,
    all: bool,
    random: &mut Random,
) -> Result<(), ReadError> {
    let (mut expected, mut left) = (expected, if all { usize::MAX } else { 12 });
    while left > 0 {
        left -= 1;
        let is_back = random.one_in(3);
        let (found, wanted) = match is_back {
            true => (range.next_back().transpose()?, expected.next_back()),
            false => (range.next().transpose()?, expected.next()),
        };
        assert_eq!(found.map(|(key, value)| (key, value.to_vec())), wanted);
        if wanted.is_none() {
            break;
        }
    }
    Ok(())
}

/// Two keys to bound a range with.
pub(crate) fn bounds(keys: &[StateKey], random: &mut Random) -> (StateKey, StateKey) {
    let (one, two) = (random.pick(keys), random.pick(keys));
    (one.min(two), one.max(two))
}

/// Asks a session some of everything.
pub(crate) fn session_is(
    session: &ReadSession<GrayPaper>,
    known: &Known,
    keys: &[StateKey],
    random: &mut Random,
) -> Result<(), ReadError> {
    assert_eq!(session.root(), known.root);
    assert_eq!(session.key_count(), known.state.len() as u64);
    let key = random.pick(keys);
    let value = known.get(&key);
    value_is(session.get(&key)?.as_ref(), value.as_ref());
    proof_is(&session.prove(&key)?, &known.root, &key, value.as_ref());
    match random.below(6) {
        0 => {
            let many: Vec<_> = (0..random.below(12)).map(|_| random.pick(keys)).collect();
            let found = session.get_many(&many)?;
            for (key, found) in many.iter().zip(&found) {
                value_is(found.as_ref(), known.get(key).as_ref());
            }
            let proof = session.prove_many(&many)?;
            proof.verify(&known.root, &known.claims(&many)).unwrap();
        }
        1 => {
            let (from, to) = bounds(keys, random);
            let expected = known.state.range(from..to).map(|(key, value)| (key, value.to_vec()));
            range_is(session.range(from..to)?, expected, false, random)?;
        }
        2 => {
            let prefix = bmt::Prefix::new(&key, random.below(20));
            let inside = |(key, _): &(StateKey, _)| prefix.contains(key);
            let all = known.state.range(*prefix.first_key()..).take_while(inside);
            let expected: Vec<_> = all.map(|(key, value)| (key, value.to_vec())).collect();
            range_is(session.prefix(&prefix)?, expected.into_iter(), true, random)?;
        }
        _ if known.state.len() <= ALL_ENTRIES_MAX || random.one_in(200) => {
            let expected = known.state.iter().map(|(key, value)| (key, value.to_vec()));
            range_is(session.range(..)?, expected, true, random)?;
        }
        _ => {}
    }
    Ok(())
}

/// Asks an overlay some of everything.
pub(crate) fn overlay_is(
    overlay: &Overlay<GrayPaper>,
    known: &Known,
    keys: &[StateKey],
    random: &mut Random,
) -> Result<(), ReadError> {
    assert_eq!(overlay.root(), known.root);
    if random.one_in(2) {
        return session_is(&overlay.begin_read(), known, keys, random);
    }
    let key = random.pick(keys);
    let value = known.get(&key);
    value_is(overlay.get(&key)?.as_ref(), value.as_ref());
    proof_is(&overlay.prove(&key)?, &known.root, &key, value.as_ref());
    let many = [key, random.pick(keys), key];
    let found = overlay.get_many(&many)?;
    many.iter().zip(&found).for_each(|(key, found)| {
        value_is(found.as_ref(), known.get(key).as_ref());
    });
    overlay.prove_many(&many)?.verify(&known.root, &known.claims(&many)).unwrap();
    let (from, to) = bounds(keys, random);
    let expected = known.state.range(from..=to).map(|(key, value)| (key, value.to_vec()));
    range_is(overlay.range(from..=to)?, expected, false, random)
}
