//! Versions whose pages were dropped from memory are read back from their own images.

use crate::world::{Changes, Keys, Random, World, apply, as_changes, batch, reference_root, steps};
use bmt_core::{GrayPaper, StateKey};
use bmt_merkle::memory::{MemoryLeaves, MemoryPages};
use bmt_merkle::{
    CheckReport, Difference, MerkleError, MerkleOptions, PageDamage, PageId, PageSource,
    SourceError, StepId, Version,
};
use std::collections::HashSet;
use std::sync::Arc;

/// A checkpoint: writes the new pages, and deletes those that no version in `pinned` has.
fn checkpoint(world: &mut World, pinned: &[&Version<GrayPaper>]) {
    let unwritten = world.merkle.unwritten(&world.version);
    for page in &unwritten {
        let image = world.merkle.image(page).unwrap();
        world.pages.put(image);
    }
    world.merkle.set_written(&unwritten);
    let mut live: HashSet<PageId> = HashSet::new();
    for version in pinned.iter().copied().chain([&world.version]) {
        live.extend(page_ids(world, version));
    }
    world.pages.retain(|id| live.contains(id));
}

fn page_ids(world: &World, version: &Version<GrayPaper>) -> Vec<PageId> {
    let mut ids = Vec::new();
    world.merkle.for_each_page_id(version, &world.pages, |id| ids.push(*id)).unwrap();
    ids
}

fn small_cache() -> MerkleOptions {
    let mut options = MerkleOptions::default();
    options.cache_bytes = 0;
    options
}

#[test]
fn an_evicted_page_of_a_pinned_version_is_that_versions() {
    let mut random = Random::new(1);
    let mut world = World::with_options(small_cache());
    let mut pinned: Vec<(Version<GrayPaper>, MemoryLeaves<StateKey>)> = Vec::new();
    for step in 0..steps(25) {
        world.commit(&batch(&mut random, Keys::JamManyServices, &world.leaves, 800));
        let versions: Vec<_> = pinned.iter().map(|(version, _)| version.clone()).collect();
        checkpoint(&mut world, &versions.iter().collect::<Vec<_>>());
        world.merkle.set_cache_bytes(0);
        assert_eq!(world.merkle.resident_bytes(), 0, "every page can be loaded again");
        for (version, leaves) in &pinned {
            assert_eq!(version.root(), reference_root(leaves));
            let report = world.merkle.check(version, &world.pages, leaves).unwrap();
            assert_eq!(report.differences, [], "step {step}");
        }
        if step % 5 == 0 {
            pinned.push((world.version.clone(), world.leaves.clone()));
        }
        if step % 7 == 6 {
            pinned.remove(0);
        }
    }
}

#[test]
fn an_uncommitted_fork_lives_across_checkpoints_of_the_other_branch() {
    let mut random = Random::new(2);
    let keys = Keys::Uniform;
    let mut world = World::with_options(small_cache());
    for _ in 0..3 {
        world.commit(&batch(&mut random, keys, &world.leaves, 3000));
    }
    checkpoint(&mut world, &[]);
    // The fork stands on the version of that checkpoint, which stays pinned.
    let base = world.version.clone();
    let (mut fork, mut fork_leaves) = (base.clone(), world.leaves.clone());
    for counter in 0..u64::try_from(steps(15)).unwrap() {
        world.commit(&batch(&mut random, keys, &world.leaves, 500));
        checkpoint(&mut world, &[&base]);
        let changes = batch(&mut random, keys, &fork_leaves, 300);
        let birth = StepId { generation: 5, counter };
        let list = as_changes(&changes);
        let step = world.merkle.update(&fork, birth, &list, &world.pages, &fork_leaves).unwrap();
        fork = step.version;
        apply(&mut fork_leaves, &changes);
        world.merkle.set_cache_bytes(0);
        assert_eq!(fork.root(), reference_root(&fork_leaves), "fork, step {counter}");
        assert_eq!(world.version.root(), world.reference_root(), "main, step {counter}");
    }
    let report = world.merkle.check(&fork, &world.pages, &fork_leaves).unwrap();
    assert_eq!(report.differences, []);
}

#[test]
fn a_version_is_found_again_by_its_root_page() {
    let mut random = Random::new(3);
    for keys in Keys::ALL {
        let mut world = World::new();
        for _ in 0..4 {
            world.commit(&batch(&mut random, keys, &world.leaves, 2000));
        }
        checkpoint(&mut world, &[]);
        let stored = Version::stored(&world.merkle.root_page(&world.version));
        assert_eq!(stored.root(), world.version.root());
        let report = world.merkle.check(&stored, &world.pages, &world.leaves).unwrap();
        assert_eq!(report.differences, []);
        world.version = stored;
        world.commit(&batch(&mut random, keys, &world.leaves, 200));
        assert_eq!(world.version.root(), world.reference_root());
    }
}

#[test]
fn damage_of_an_image_is_an_error_that_names_the_page() {
    let mut random = Random::new(4);
    let mut world = World::new();
    let all: Changes =
        (0..4000).map(|_| (Keys::Uniform.key(&mut random), Some(vec![1; 32]))).collect();
    world.commit(&all);
    checkpoint(&mut world, &[]);
    let root = world.merkle.root_page(&world.version);
    for id in page_ids(&world, &world.version) {
        let good = world.pages.image_mut(&id).unwrap().clone();
        for _ in 0..20 {
            let mut bad = good.clone();
            bad[random.below(good.len())] ^= 1 << random.below(8);
            if random.one_in(4) {
                bad.truncate(random.below(good.len()));
            }
            *world.pages.image_mut(&id).unwrap() = bad;
            let read = world.merkle.page_stats(&Version::stored(&root), &world.pages);
            assert!(matches!(read, Err(MerkleError::DamagedPage { page, .. }) if page == id));
        }
        world.pages.remove(&id);
        let read = world.merkle.page_stats(&Version::stored(&root), &world.pages);
        assert!(matches!(read, Err(MerkleError::MissingPage { page }) if page == id));
        let image = bmt_merkle::PageImage { id, birth: root.birth, bytes: good };
        world.pages.put(image);
    }
    let mut other = root;
    other.checksum ^= 1;
    let read = world.merkle.page_stats(&Version::<GrayPaper>::stored(&other), &world.pages);
    assert!(matches!(
        read,
        Err(MerkleError::DamagedPage { reason: PageDamage::OtherImage { .. }, .. })
    ));
}

#[test]
fn the_check_reports_what_leaves_and_pages_do_not_agree_on() {
    let mut random = Random::new(5);
    let mut world = World::new();
    world.commit(&batch(&mut random, Keys::JamManyServices, &world.leaves, 3000));
    let honest = world.leaves.clone();
    for _ in 0..20 {
        let mut changes = batch(&mut random, Keys::JamManyServices, &honest, 1);
        if changes
            .iter()
            .all(|(key, value)| honest.entries.get(key).map(|value| value.to_vec()) == *value)
        {
            continue;
        }
        world.leaves = honest.clone();
        while changes.len() > 1 {
            changes.pop_first();
        }
        apply(&mut world.leaves, &changes);
        if world.leaves.entries == honest.entries {
            continue;
        }
        let report = world.merkle.check(&world.version, &world.pages, &world.leaves).unwrap();
        let key = changes.keys().next().unwrap();
        assert_eq!(report.differences.len(), 1);
        match &report.differences[0] {
            bmt_merkle::Difference::Frontier { prefix, .. } => assert!(prefix.contains(key)),
            other => panic!("{other:?}"),
        }
    }
}

/// A table in which reading some pages fails.
struct Failing<'a> {
    pages: &'a MemoryPages,
    failing: PageId,
    is_damage: bool,
}

impl PageSource for Failing<'_> {
    fn pages(&self, ids: &[PageId], each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        match ids.contains(&self.failing) {
            true => Err("a bucket is damaged".into()),
            false => self.pages.pages(ids, each),
        }
    }

    fn is_damage(&self, _: &SourceError) -> bool {
        self.is_damage
    }
}

#[test]
fn the_check_goes_on_beside_pages_that_are_missing_or_damaged() {
    let mut random = Random::new(6);
    let mut world = World::with_options(small_cache());
    let all: Changes =
        (0..20_000).map(|_| (Keys::Uniform.key(&mut random), Some(vec![1; 32]))).collect();
    world.commit(&all);
    checkpoint(&mut world, &[]);
    let whole = world.merkle.check(&world.version, &world.pages, &world.leaves).unwrap();
    assert_eq!((whole.difference_count, whole.differences.len()), (0, 0));
    let ids = page_ids(&world, &world.version);
    // The last three that have no pages below them.
    let mut alone = Vec::new();
    for id in ids.iter().rev() {
        let image = world.pages.image_mut(id).unwrap().clone();
        world.pages.remove(id);
        world.merkle.set_cache_bytes(0);
        let report = world.merkle.check(&world.version, &world.pages, &world.leaves).unwrap();
        assert_eq!(report.difference_count, 1);
        if report.page_count == whole.page_count - 1 && alone.len() < 3 {
            alone.insert(0, *id);
        }
        let birth = StepId::default();
        world.pages.put(bmt_merkle::PageImage { id: *id, birth, bytes: image });
    }
    let [failing, bad, gone] = alone[..] else { unreachable!("three of {} pages", ids.len()) };
    world.pages.remove(&gone);
    world.pages.image_mut(&bad).unwrap()[100] ^= 1;
    world.merkle.set_cache_bytes(0);
    // Something to find in the pages after those, too.
    let key = *world.leaves.entries.keys().next().unwrap();
    world.leaves.entries.insert(key, Arc::from([9; 32].as_slice()));
    let pages = Failing { pages: &world.pages, failing, is_damage: true };
    let report = world.merkle.check(&world.version, &pages, &world.leaves).unwrap();
    assert_eq!(report.page_count, whole.page_count - 3);
    assert_eq!(report.difference_count, 4);
    let unreadable: Vec<PageId> = report
        .differences
        .iter()
        .filter_map(|difference| match difference {
            Difference::UnreadablePage { page, .. } => Some(*page),
            _ => None,
        })
        .collect();
    assert_eq!(unreadable, [failing, bad, gone]);
    let pages = Failing { is_damage: false, ..pages };
    let ended = world.merkle.check(&world.version, &pages, &world.leaves);
    assert!(matches!(ended, Err(MerkleError::Pages(_))));
}

#[test]
fn a_report_lists_so_many_differences_and_counts_the_others() {
    let mut random = Random::new(7);
    let mut world = World::new();
    let all: Changes =
        (0..20_000).map(|_| (Keys::Uniform.key(&mut random), Some(vec![1; 32]))).collect();
    world.commit(&all);
    let entry_count =
        world.merkle.check(&world.version, &world.pages, &world.leaves).unwrap().entry_count;
    let other: Arc<[u8]> = Arc::from([2; 32].as_slice());
    world.leaves.entries.values_mut().for_each(|value| *value = Arc::clone(&other));
    let report = world.merkle.check(&world.version, &world.pages, &world.leaves).unwrap();
    assert_eq!(report.differences.len(), CheckReport::<StateKey>::DIFFERENCES_MAX);
    assert_eq!(report.difference_count, u64::try_from(entry_count).unwrap());
    // Entries where the trie has none: a prefix with many of them is one difference, and not a long one.
    let report = world.merkle.check(&world.merkle.empty(), &world.pages, &world.leaves).unwrap();
    assert!(matches!(&report.differences[..],
        [Difference::Frontier { stored: None, computed, .. }] if computed.len() == 16));
}

#[test]
fn written_pages_keep_a_share_of_the_cache_however_many_wait_to_be_written() {
    let mut random = Random::new(8);
    let mut world = World::new();
    let all: Changes =
        (0..30_000).map(|_| (Keys::Uniform.key(&mut random), Some(vec![1; 32]))).collect();
    world.commit(&all);
    checkpoint(&mut world, &[]);
    let cache_bytes = world.merkle.resident_bytes() / 3;
    world.merkle.set_cache_bytes(cache_bytes);
    // Half of the pages are new, and nobody writes them.
    let base = world.version.clone();
    let changes: Changes = all.keys().take(15_000).map(|key| (*key, Some(vec![2; 32]))).collect();
    world.commit(&changes);
    let keys: Vec<StateKey> = all.keys().skip(20_000).take(3).copied().collect();
    let mut load_count = 0;
    for round in 0..8 {
        world.merkle.warm_up(&base, &keys, &world.pages).unwrap();
        let stats = world.merkle.stats();
        assert!(stats.unwritten_bytes > cache_bytes, "{stats:?}");
        let written = stats.resident_bytes - stats.unwritten_bytes;
        assert!(written > 0 && written <= cache_bytes / 4 + 40_000, "{stats:?}");
        if round < 2 {
            load_count = stats.page_load_count;
        }
        assert_eq!(stats.page_load_count, load_count, "what is in constant use stays");
    }
}
