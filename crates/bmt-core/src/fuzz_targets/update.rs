//! A target for the whole way of an update without the state.

use crate::gray_paper::GrayPaper;
use crate::key::StateKey;
use crate::trie::Trie;
use crate::witness::{Lookup, Witness};
use alloc::vec;
use alloc::vec::Vec;

/// Bytes of an instruction: what to do, where the key forks, and how long a value is.
const INSTRUCTION: usize = 3;

/// Runs instructions: some make a state, the others read, set and delete. The witness for them gives
/// what the state has, and the root that the state comes to.
pub fn stateless_update(bytes: &[u8]) {
    let mut before = Trie::<GrayPaper>::new();
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    for instruction in bytes.chunks_exact(INSTRUCTION).take(64) {
        let &[what, place, length] = instruction else { return };
        let key = key(what >> 2, place);
        let value = vec![place; usize::from(length)];
        match what & 0b11 {
            0 => drop(before.insert(key, value)),
            1 => reads.push(key),
            2 => writes.push((key, Some(value))),
            _ => writes.push((key, None)),
        }
    }
    let made = before.witness(reads.iter().copied(), writes.iter().cloned());
    let witness = Witness::<GrayPaper>::decode(&made.encode());
    let root = before.root();
    let verified = witness.as_ref().ok().and_then(|witness| witness.verify(&root).ok());
    let Some(verified) = verified else { unreachable!("an honest witness is read and verifies") };
    for key in &reads {
        let expected = before.get(key).map_or(Lookup::Absent, |value| Lookup::Value(value));
        assert_eq!(verified.get(key), expected, "a read key is known");
    }
    let mut after = before.clone();
    for (key, value) in &writes {
        match value {
            Some(value) => drop(after.insert(*key, value.clone())),
            None => drop(after.remove(key)),
        }
    }
    assert_eq!(verified.apply(writes), Ok(after.root()), "the witness gives the next root");
}

/// A key that leaves one of 64 common paths at the bit `place`.
fn key(path: u8, place: u8) -> StateKey {
    let mut bytes = [path & 1; 31];
    bytes[0] = path << 2;
    let place = usize::from(place) % 248;
    bytes[place / 8] ^= 0x80 >> (place % 8);
    StateKey::new(bytes)
}

pub(super) fn corpus() -> Vec<Vec<u8>> {
    let insert_then_delete = (0..20).flat_map(|n| [0, n * 12, n, 3, n * 12, n]);
    vec![
        insert_then_delete.collect(),
        vec![0, 5, 1, 0, 200, 40, 1, 5, 0, 3, 5, 0],
        vec![0, 247, 1, 4, 247, 1, 2, 246, 50, 7, 247, 0],
    ]
}
