//! The fast root against the reference, on the shapes of key sets that states have.

use super::*;
use crate::gray_paper::GrayPaper;
use crate::key::{Key, StateKey};
use crate::nomt_compat::{Blake2b256, NomtCompat};
use crate::reference;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use quickcheck::{Arbitrary, Gen, QuickCheck};

/// A set of keys of one shape, as 32 bytes each, with value lengths.
#[derive(Debug, Clone)]
pub(crate) struct KeySet(Vec<([u8; 32], u8)>);

impl Arbitrary for KeySet {
    fn arbitrary(g: &mut Gen) -> Self {
        let shape: fn(&mut Gen) -> [u8; 32] =
            *g.choose(&[uniform as fn(&mut Gen) -> _, jam, long_prefix]).unwrap();
        let count = *g.choose(&[0, 1, 2, 3, 9, 40, 200]).unwrap();
        Self((0..count).map(|_| (shape(g), u8::arbitrary(g) % 140)).collect())
    }

    fn shrink(&self) -> alloc::boxed::Box<dyn Iterator<Item = Self>> {
        alloc::boxed::Box::new(self.0.shrink().map(Self))
    }
}

fn uniform(g: &mut Gen) -> [u8; 32] {
    core::array::from_fn(|_| u8::arbitrary(g))
}

/// Components, account records, and storage items of three services.
fn jam(g: &mut Gen) -> [u8; 32] {
    let service = *g.choose(&[0, 7, 0x0102_0304]).unwrap();
    let key = match u8::arbitrary(g) % 8 {
        0 => StateKey::component(u8::arbitrary(g) % 17),
        1 => StateKey::service_component(255, service),
        _ => StateKey::service_storage(service, &u64::arbitrary(g).to_le_bytes()),
    };
    padded(&key)
}

/// Keys that share 240 bits, in 31 bytes.
fn long_prefix(g: &mut Gen) -> [u8; 32] {
    let mut key = [0x5a; 32];
    key[30..].copy_from_slice(&u16::arbitrary(g).to_be_bytes());
    key
}

fn padded(key: &StateKey) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..31].copy_from_slice(key.as_bytes());
    bytes
}

/// Sorted entries without repetition.
pub(crate) fn entries_of<S: Scheme>(keys: &KeySet) -> Vec<(S::Key, Vec<u8>)> {
    let entry = |(key, length): &([u8; 32], u8)| {
        let key = S::Key::from_slice(&key[..S::Key::LEN]).unwrap();
        (key, vec![length ^ 0x33; usize::from(*length)])
    };
    keys.0.iter().map(entry).collect::<BTreeMap<_, _>>().into_iter().collect()
}

fn agrees<S: Scheme>(keys: &KeySet) -> bool {
    let entries = entries_of::<S>(keys);
    root_sorted::<S, _>(&entries) == reference::root::<S, _>(&entries)
}

#[test]
fn any_set_has_the_reference_root() {
    fn property(keys: KeySet) -> bool {
        agrees::<GrayPaper>(&keys) && agrees::<NomtCompat<Blake2b256>>(&keys)
    }
    QuickCheck::new().tests(300).quickcheck(property as fn(KeySet) -> bool);
}

#[cfg(all(feature = "nomt-blake3", feature = "nomt-sha2"))]
#[test]
fn any_set_has_the_reference_root_under_other_hashes() {
    use crate::nomt_compat::{Blake3, Sha256};

    fn property(keys: KeySet) -> bool {
        agrees::<NomtCompat<Blake3>>(&keys) && agrees::<NomtCompat<Sha256, Blake3>>(&keys)
    }
    QuickCheck::new().tests(100).quickcheck(property as fn(KeySet) -> bool);
}

/// More entries than a wave holds, of mixed shapes, also in many pieces at once.
fn many() -> Vec<(StateKey, [u8; 33])> {
    let mut keys: Vec<StateKey> = (0..9000_u32)
        .map(|index| match index % 3 {
            0 => StateKey::service_storage(9, &index.to_le_bytes()),
            1 => StateKey::truncate(GrayPaper::hash_value(&index.to_le_bytes())),
            _ => {
                let mut bytes = [0xa5; 31];
                bytes[27..].copy_from_slice(&index.to_be_bytes());
                StateKey::new(bytes)
            }
        })
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|key| (key, [3; 33])).collect()
}

#[test]
fn more_entries_than_a_wave_holds() {
    let entries = many();
    let root = reference::root::<GrayPaper, _>(&entries);
    assert_eq!(root_sorted::<GrayPaper, _>(&entries), root);
    #[cfg(feature = "rayon")]
    assert_eq!(root_sorted_parallel::<GrayPaper, _>(&entries), root);
}

#[test]
#[should_panic(expected = "keys are strictly ascending")]
fn a_repeated_key_is_a_programmer_mistake() {
    let _root = root_sorted::<GrayPaper, _>(&[(StateKey::MIN, []), (StateKey::MIN, [])]);
}

#[test]
#[should_panic(expected = "share their first bits")]
fn keys_of_two_subtries_are_a_programmer_mistake() {
    Wave::<GrayPaper>::new().add_sorted(1, &[(StateKey::MIN, []), (StateKey::MAX, [])]);
}

#[cfg(feature = "rayon")]
#[test]
#[should_panic(expected = "keys")]
fn keys_out_of_order_are_a_programmer_mistake_in_parallel_too() {
    let mut entries = many();
    entries.swap(1, 8990);
    let _root = root_sorted_parallel::<GrayPaper, _>(&entries);
}
