//! A state as the model knows it.

use crate::random::Random;
use bmt::{GrayPaper, Hash, StateKey};
use bmt_core::{Trie, reference};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Changes by key; `None` deletes.
pub(crate) type Changes = BTreeMap<StateKey, Option<Vec<u8>>>;

/// A state, its root, and a number that no other step has.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) step: u64,
    pub(crate) root: Hash,
    pub(crate) state: Trie<GrayPaper>,
}

impl Known {
    pub(crate) fn new(step: u64, mut state: Trie<GrayPaper>) -> Self {
        let root = state.root();
        Self { step, root, state }
    }

    /// The same state as another step.
    pub(crate) fn again(&self, step: u64) -> Self {
        Self { step, ..self.clone() }
    }

    pub(crate) fn changed(&self, step: u64, changes: &Changes) -> Self {
        let mut state = self.state.clone();
        for (key, value) in changes {
            match value {
                Some(value) => state.insert(*key, value.clone()),
                None => state.remove(key),
            };
        }
        Self::new(step, state)
    }

    pub(crate) fn get(&self, key: &StateKey) -> Option<Vec<u8>> {
        self.state.get(key).map(|value| value.to_vec())
    }

    /// What these keys have, each once, ascending.
    pub(crate) fn claims(&self, keys: &[StateKey]) -> Vec<(StateKey, Option<Vec<u8>>)> {
        let claims: BTreeMap<_, _> = keys.iter().map(|key| (*key, self.get(key))).collect();
        claims.into_iter().collect()
    }

    /// The incremental trie against the definition.
    pub(crate) fn check_reference(&self) {
        let entries: Vec<(StateKey, Arc<[u8]>)> = self.state.iter().collect();
        assert_eq!(reference::root::<GrayPaper, _>(&entries), self.root);
    }
}

/// The keys that a round uses: components, items of a few services, and keys that differ in one bit.
pub(crate) fn universe(count: usize) -> Vec<StateKey> {
    let special = [StateKey::MIN, StateKey::MAX];
    let neighbours = (0..8_u8).map(|bit| {
        let mut bytes = [0xff; 31];
        bytes[30] ^= 1 << bit;
        StateKey::new(bytes)
    });
    let others = (0..u32::try_from(count).unwrap()).map(|n| match n % 16 {
        0 => StateKey::component(u8::try_from(n / 16 % 256).unwrap()),
        1 => StateKey::service_component(255, n),
        2 => StateKey::service_preimage(n % 3, &[u8::try_from(n % 251).unwrap(); 32]),
        _ => StateKey::service_storage(n % 3, &n.to_le_bytes()),
    });
    let mut keys: Vec<_> = special.into_iter().chain(neighbours).chain(others).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A value of a length where something is done in another way, or of any other.
pub(crate) fn value(random: &mut Random) -> Vec<u8> {
    let length = match random.below(64) {
        0..24 => random.below(40),
        24..36 => random.pick(&[0, 31, 32, 33, 127, 128, 129, 1023, 1024, 1025]),
        36..60 => random.below(400),
        60..62 => 1000 + random.below(600),
        62 => 4000 + random.below(9000),
        _ => random.below(60_000),
    };
    let mut value = vec![0; length];
    for chunk in value.chunks_mut(8) {
        let bytes = random.next().to_le_bytes();
        chunk.copy_from_slice(&bytes[..chunk.len()]);
    }
    value
}
