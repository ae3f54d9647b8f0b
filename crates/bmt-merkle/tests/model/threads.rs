//! Page images don't depend on the number of threads.

use crate::world::{Keys, Random, World, batch, steps};
use bmt_merkle::MerkleOptions;

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
