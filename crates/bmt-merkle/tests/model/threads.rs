//! Page images don't depend on the number of threads.

use crate::frontier::{from_scratch, frontier};
use crate::world::{Changes, Keys, Random, World, batch, steps, value};
use bmt_core::StateKey;
use bmt_merkle::MerkleOptions;
use parking_lot::Mutex;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

#[test]
fn page_images_are_the_same_for_any_number_of_threads() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(400 + u64::try_from(seed).unwrap());
        let mut worlds = [1, 2, 8].map(|threads| {
            let mut options = MerkleOptions::default();
            options.threads = threads;
            World::with_options(options)
        });
        for _ in 0..steps(12) {
            let changes = batch(&mut random, keys, &worlds[0].leaves, 6000);
            let images = worlds.each_mut().map(|world| {
                let step = world.commit(&changes);
                let pages = step.new_pages.iter();
                let images = pages.map(|page| world.merkle.image(page).unwrap().bytes);
                (images.collect::<Vec<_>>(), step.hash_counts, step.frontier_changes)
            });
            assert!(images[0] == images[1] && images[0] == images[2], "{keys:?}");
        }
    }
}

/// More keys than one thread takes at a time go below one entry of the frontier, and away again.
#[test]
fn a_bottom_subtrie_that_gets_many_keys_is_divided_and_joined_again() {
    let mut random = Random::new(450);
    let key = |number: u32| {
        let mut bytes = [0x3c; 31];
        bytes[10..14].copy_from_slice(&number.wrapping_mul(0x0003_0001).to_be_bytes());
        StateKey::new(bytes)
    };
    let some: Changes = (0..3).map(|number| (key(7000 * number), Some(vec![1; 32]))).collect();
    let many: Changes = (0..20_000).map(|number| (key(number), Some(value(&mut random)))).collect();
    let none: Changes = many.keys().skip(2).map(|key| (*key, None)).collect();
    let mut all_images = Vec::new();
    for threads in [1, 2, 8] {
        let mut options = MerkleOptions::default();
        options.threads = threads;
        let mut world = World::with_options(options);
        // The entry has others beside it, so that it can go.
        world.commit(&[(StateKey::MIN, Some(vec![3; 700]))].into());
        for changes in [&some, &many, &none] {
            let step = world.commit(changes);
            assert_eq!(world.version.root(), world.reference_root());
            let fresh = from_scratch(&world);
            assert_eq!(frontier(&world, &world.version), frontier(&fresh, &fresh.version));
            let pages = step.new_pages.iter();
            let images: Vec<_> =
                pages.map(|page| world.merkle.image(page).unwrap().bytes).collect();
            all_images.push((images, step.frontier_changes, step.hash_counts));
        }
    }
    assert!(all_images[1].1.len() > 1000);
    assert!(all_images[..3] == all_images[3..6] && all_images[..3] == all_images[6..]);
}

/// A thread of the program's own pool does other work of that pool while it waits for something there. Here that work
/// wants the lock that the thread holds, as commits do.
#[test]
fn a_caller_from_another_pool_does_nothing_else_while_it_waits() {
    let (done, is_done) = channel();
    thread::spawn(move || {
        let mut options = MerkleOptions::default();
        options.threads = 2;
        let world = Mutex::new(World::with_options(options));
        let own = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        own.scope(|scope| {
            for round in 0..4 {
                let world = &world;
                scope.spawn(move |_| {
                    let mut world = world.lock();
                    let mut random = Random::new(470 + round);
                    let changes = batch(&mut random, Keys::Uniform, &world.leaves, 6000);
                    world.commit(&changes);
                });
            }
        });
        let world = world.into_inner();
        assert_eq!(world.version.root(), world.reference_root());
        done.send(()).unwrap();
    });
    is_done.recv_timeout(Duration::from_secs(120)).expect("nobody waits for himself");
}
