//! The state that every layer should have: a plain sorted map, and the questions to ask of it.

use super::sample::Random;
use super::{Effort, Questions};
use crate::chain::{Op, Value};
use bmt_core::StateKey;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Default)]
pub(super) struct Expected {
    entries: BTreeMap<StateKey, Value>,
}

impl Expected {
    pub(super) fn entries(&self) -> &BTreeMap<StateKey, Value> {
        &self.entries
    }

    pub(super) fn apply(&mut self, ops: &[Op]) {
        for (key, change) in ops {
            match change {
                Some(value) => self.entries.insert(*key, value.clone()),
                None => self.entries.remove(key),
            };
        }
    }

    /// The keys to prove, and absent neighbours of each.
    pub(super) fn questions(&self, effort: Effort, seed: u64, is_last: bool) -> Questions {
        let mut random = Random::new(seed);
        let is_small = self.entries.len() <= effort.keys_proven_max;
        let present: Vec<_> = if is_small {
            self.entries.iter().map(|(key, value)| (*key, value.clone())).collect()
        } else {
            let places = random.distinct(effort.keys_sampled, self.entries.len());
            let mut wanted = places.into_iter().peekable();
            let chosen = self
                .entries
                .iter()
                .enumerate()
                .filter(|(place, _)| wanted.next_if_eq(place).is_some());
            chosen.map(|(_, (key, value))| (*key, value.clone())).collect()
        };
        let mut absent = BTreeSet::from([StateKey::MIN, StateKey::MAX]);
        for (key, _) in &present {
            let flipped = flip(key, random.below(8 * 31));
            absent.extend([Some(flipped), next(key), previous(key)].into_iter().flatten());
        }
        absent.retain(|key| !self.entries.contains_key(key));
        Questions {
            present,
            absent: absent.into_iter().collect(),
            all_entries: is_small || is_last,
        }
    }

    /// Says where the entries of a layer differ.
    pub(super) fn compare(&self, found: &[(StateKey, Value)]) -> Result<(), String> {
        let mut expected = self.entries.iter();
        for (key, value) in found {
            match expected.next() {
                None => return Err(format!("entry {key} is listed after the last one")),
                Some((want, _)) if want != key => {
                    return Err(format!("entry {key} is listed where {want} was expected"));
                }
                Some((_, want)) if want != value => {
                    return Err(format!("entry {key} is listed with another value"));
                }
                Some(_) => {}
            }
        }
        expected.next().map_or(Ok(()), |(key, _)| Err(format!("entry {key} is not listed")))
    }
}

fn flip(key: &StateKey, bit: usize) -> StateKey {
    let mut bytes = key.to_bytes();
    if let Some(byte) = bytes.get_mut(bit / 8) {
        *byte ^= 0x80 >> (bit % 8);
    }
    StateKey::new(bytes)
}

/// The key after `key`, if there is one.
fn next(key: &StateKey) -> Option<StateKey> {
    let mut bytes = key.to_bytes();
    for byte in bytes.iter_mut().rev() {
        let carried;
        (*byte, carried) = byte.overflowing_add(1);
        if !carried {
            return Some(StateKey::new(bytes));
        }
    }
    None
}

/// The key before `key`, if there is one.
fn previous(key: &StateKey) -> Option<StateKey> {
    let mut bytes = key.to_bytes();
    for byte in bytes.iter_mut().rev() {
        let borrowed;
        (*byte, borrowed) = byte.overflowing_sub(1);
        if !borrowed {
            return Some(StateKey::new(bytes));
        }
    }
    None
}
