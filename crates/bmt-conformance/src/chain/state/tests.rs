//! Forks compose to the same states as whole copies would give.

use super::*;
use bmt_core::Key;

/// A state and a made-up root that names it.
type Copy = (Hash, BTreeMap<StateKey, Value>);

fn key(n: u64) -> StateKey {
    StateKey::component(u8::try_from(n % 12).unwrap())
}

fn line(
    parent: Option<Hash>,
    root: Hash,
    set: &[(StateKey, Value)],
    del: &[StateKey],
) -> ChainLine {
    ChainLine {
        file: "test".into(),
        line_number: 2,
        at: String::new(),
        parent,
        root,
        set: set.to_vec(),
        del: del.to_vec(),
        replace_all: parent.is_none(),
    }
}

/// A root by content, as the trie's is; any injective function does.
fn root_of(entries: &BTreeMap<StateKey, Value>) -> Hash {
    let mut bytes = Vec::new();
    for (key, value) in entries {
        bytes.extend_from_slice(key.as_bytes());
        bytes.extend_from_slice(&value.len().to_le_bytes());
        bytes.extend_from_slice(value);
    }
    <bmt_core::GrayPaper as bmt_core::Scheme>::hash_value(&bytes)
}

fn next(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *seed >> 33
}

fn apply(entries: &mut BTreeMap<StateKey, Value>, ops: &[Op]) {
    for (key, after) in ops {
        replace(entries, *key, after.clone());
    }
}

#[test]
fn random_forks_and_whole_states_equal_whole_copies() {
    for round in 0..50 {
        let mut seed = round;
        let mut state = ChainState::new();
        let mut store = BTreeMap::new();
        let mut copies: Vec<Copy> = Vec::new();
        let mut forks = 0;
        for _ in 0..60 {
            let whole = copies.is_empty() || next(&mut seed).is_multiple_of(9);
            let base = match whole {
                true => None,
                false => {
                    let at = usize::try_from(next(&mut seed)).unwrap() % copies.len();
                    Some(
                        copies
                            [if next(&mut seed).is_multiple_of(2) { copies.len() - 1 } else { at }]
                        .clone(),
                    )
                }
            };
            let mut after = base.clone().map(|(_, entries)| entries).unwrap_or_default();
            let mut own: BTreeMap<StateKey, Option<Value>> = BTreeMap::new();
            for _ in 0..next(&mut seed) % 6 {
                let set = whole || !next(&mut seed).is_multiple_of(3);
                let value: Value = vec![1; usize::try_from(next(&mut seed) % 3).unwrap()].into();
                own.insert(key(next(&mut seed)), set.then_some(value));
            }
            let own: Vec<Op> = own.into_iter().collect();
            apply(&mut after, &own);
            let set: Vec<_> = own.iter().filter_map(|(k, v)| v.clone().map(|v| (*k, v))).collect();
            let del: Vec<_> = own.iter().filter(|(_, v)| v.is_none()).map(|(k, _)| *k).collect();
            let root = root_of(&after);
            let line = line(base.as_ref().map(|(root, _)| *root), root, &set, &del);
            let before = store.clone();
            let step = state.advance(&line).unwrap();
            assert!(step.ops.windows(2).all(|pair| pair[0].0 < pair[1].0), "ascending, once each");
            apply(&mut store, &step.ops);
            assert_eq!(store, after, "round {round}");
            assert_eq!(*state.entries(), after);
            for (key, value) in &step.ops {
                let named = !whole && own.iter().any(|(own, _)| own == key);
                assert!(named || before.get(key) != value.as_ref(), "nothing is changed to itself");
            }
            forks += usize::from(step.is_fork);
            copies.push((root, after));
        }
        assert!(forks > 5, "forks were tried: {forks}");
    }
}

#[test]
fn a_step_on_the_newest_state_is_exactly_the_line() {
    let value: Value = b"v".as_slice().into();
    let mut state = ChainState::new();
    state.advance(&line(None, [1; 32], &[(key(1), value.clone())], &[])).unwrap();
    let same = line(Some([1; 32]), [1; 32], &[(key(1), value.clone())], &[key(2)]);
    let step = state.advance(&same).unwrap();
    assert!(!step.is_fork);
    assert_eq!(step.ops, [(key(1), Some(value)), (key(2), None)]);
    let empty = state.advance(&line(Some([1; 32]), [1; 32], &[], &[])).unwrap();
    assert_eq!(empty.ops, []);
}

#[test]
fn an_unknown_parent_leaves_the_state_as_it_was() {
    let value: Value = b"v".as_slice().into();
    let mut state = ChainState::new();
    let parentless = line(Some([0; 32]), [1; 32], &[], &[]);
    assert!(state.advance(&parentless).is_err(), "the empty state is no line's");
    state.advance(&line(None, [1; 32], &[(key(1), value.clone())], &[])).unwrap();
    let error = state.advance(&line(Some([9; 32]), [2; 32], &[], &[key(1)])).unwrap_err();
    assert!(matches!(error.fault, ChainFault::UnknownParent { parent } if parent == [9; 32]));
    assert_eq!(*state.entries(), BTreeMap::from([(key(1), value)]));
    assert!(state.knows_root(&[1; 32]) && !state.knows_root(&[2; 32]));
    assert_eq!(state.roots().count(), 1);
}

#[test]
fn a_whole_state_replaces_what_a_store_held() {
    let (old, new): (Value, Value) = (b"old".as_slice().into(), b"new".as_slice().into());
    let held =
        BTreeMap::from([(key(1), old.clone()), (key(2), old.clone()), (key(3), old.clone())]);
    let mut state = ChainState::starting_from(held);
    let whole = line(None, [1; 32], &[(key(2), old), (key(3), new.clone())], &[]);
    let step = state.advance(&whole).unwrap();
    assert_eq!(step.ops, [(key(1), None), (key(3), Some(new))]);
    assert!(!step.is_fork);
}
