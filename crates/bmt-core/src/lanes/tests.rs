//! Every backend against the `blake2` crate and against blake2b_simd, on every tail length.

use super::*;
use alloc::vec;
use alloc::vec::Vec;
use quickcheck::QuickCheck;

/// Bytes that differ from place to place, also between lanes and words.
fn bytes(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed;
    core::iter::repeat_with(move || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        state.to_be_bytes()[0]
    })
}

fn preimages(count: usize) -> Vec<[u8; 64]> {
    let mut stream = bytes(1);
    (0..count).map(|_| core::array::from_fn(|_| stream.next().unwrap())).collect()
}

fn by_peer(message: &[u8]) -> Hash {
    let hash = blake2b_simd::Params::new().hash_length(32).hash(message);
    hash.as_bytes().try_into().unwrap()
}

fn available() -> impl Iterator<Item = Backend> {
    Backend::ALL.into_iter().filter(|backend| backend.is_available())
}

#[test]
fn nodes_of_every_backend_and_tail_length() {
    let nodes = preimages(3 * 8 + 7);
    let expected: Vec<Hash> = nodes.iter().map(|node| hash_one(node)).collect();
    assert_eq!(expected, nodes.iter().map(|node| by_peer(node)).collect::<Vec<_>>());
    for backend in available() {
        for count in 0..=nodes.len() {
            let mut hashes = vec![[0; 32]; count];
            hash64_many_with(backend, &nodes[..count], &mut hashes);
            assert_eq!(hashes, expected[..count], "{backend:?}, {count} nodes");
        }
    }
}

#[test]
fn the_portable_kernel_in_two_lanes() {
    let nodes = preimages(10);
    let mut hashes = [[0; 32]; 10];
    portable::two::hash64(nodes.as_chunks().0, hashes.as_chunks_mut().0);
    assert_eq!(hashes.to_vec(), nodes.iter().map(|node| hash_one(node)).collect::<Vec<_>>());
    let mut blocks = kernel::Blocks { bytes: [[[0; 64]; 2]; 2], lengths: [127, 33] };
    blocks.bytes[0].as_flattened_mut()[..127].fill(5);
    blocks.bytes[1].as_flattened_mut()[..33].fill(6);
    let mut pair = [[0; 32]; 2];
    portable::two::hash_blocks(&blocks, &mut pair);
    assert_eq!(pair, [hash_one(&[5; 127]), hash_one(&[6; 33])]);
}

/// Every length about a block, in every lane and tail, alone and beside longer values.
#[test]
fn values_of_every_length() {
    let stream: Vec<u8> = bytes(2).take(300).collect();
    let values: Vec<&[u8]> = (0..=140).chain([256, 300]).map(|length| &stream[..length]).collect();
    let expected: Vec<Hash> = values.iter().map(|value| hash_one(value)).collect();
    assert_eq!(expected, values.iter().map(|value| by_peer(value)).collect::<Vec<_>>());
    for backend in available() {
        for start in 0..values.len() {
            let end = values.len().min(start + 3 * backend.lanes() + start % 4);
            let mut hashes = vec![[0; 32]; end - start];
            hash_values_many_with(backend, &values[start..end], &mut hashes);
            assert_eq!(hashes, expected[start..end], "{backend:?}, {start}..{end}");
        }
    }
}

#[test]
fn values_of_mixed_lengths() {
    fn agree(lengths: Vec<u8>, seed: u64) -> bool {
        let stream: Vec<u8> = bytes(seed).take(256).collect();
        let values: Vec<&[u8]> =
            lengths.iter().map(|length| &stream[..usize::from(*length)]).collect();
        let expected: Vec<Hash> = values.iter().map(|value| hash_one(value)).collect();
        available().all(|backend| {
            let mut hashes = vec![[0; 32]; values.len()];
            hash_values_many_with(backend, &values, &mut hashes);
            hashes == expected
        })
    }
    QuickCheck::new().tests(200).quickcheck(agree as fn(Vec<u8>, u64) -> bool);
}

#[test]
fn the_best_backend_is_the_widest_available() {
    assert!(Backend::best().is_available());
    let widest = available().map(Backend::lanes).max();
    assert_eq!(Some(Backend::best().lanes()), widest);
}

#[test]
#[should_panic(expected = "one place for each hash")]
fn slices_of_two_lengths_are_a_programmer_mistake() {
    hash64_many(&[[0; 64]; 3], &mut [[0; 32]; 2]);
}
