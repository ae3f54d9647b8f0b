//! An owner that does no more than the crate's documentation says: a table of images with snapshots,
//! checkpoints that run beside commits and delete what was replaced, versions that are kept, chains of
//! uncommitted steps that are committed or dropped. No page stays in memory that need not.

use crate::epochs::{Epochs, PageEpoch};
use crate::world::{Changes, Keys, Random, World, apply, as_changes, batch, reference_root, steps};
use bmt_core::{GrayPaper, StateKey};
use bmt_merkle::memory::{MemoryLeaves, MemoryPages};
use bmt_merkle::{MerkleOptions, PageHandle, ROOT_PAGE_BYTES, RootPage, Step, StepId, Version};
use std::collections::HashSet;
use std::sync::Arc;

type Handles = Vec<Arc<PageHandle<StateKey>>>;

/// A version that somebody keeps, with its entries.
#[derive(Clone)]
struct Kept {
    version: Version<GrayPaper>,
    leaves: MemoryLeaves<StateKey>,
    pages: Arc<PageEpoch<MemoryPages>>,
}

/// A step that is not committed, on the newest version or on another step.
struct Pending {
    step: Step<GrayPaper>,
    changes: Changes,
    after: Kept,
}

/// A checkpoint that has taken its version.
struct Running {
    version: Version<GrayPaper>,
    replaced: Handles,
}

struct Owner {
    world: World,
    table: MemoryPages,
    epochs: Epochs<MemoryPages>,
    newest: Kept,
    /// A chain on the newest version.
    chain: Vec<Pending>,
    replaced: Handles,
    running: Option<Running>,
    manifest: Option<[u8; ROOT_PAGE_BYTES]>,
}

impl Owner {
    fn new() -> Self {
        let mut options = MerkleOptions::default();
        options.cache_bytes = 0;
        let world = World::with_options(options);
        let table = MemoryPages::default();
        let epochs = Epochs::new(table.clone());
        let (version, leaves) = (world.version.clone(), MemoryLeaves::default());
        let newest = Kept { version, leaves, pages: epochs.current() };
        let (chain, replaced) = (Vec::new(), Vec::new());
        Self { world, table, epochs, newest, chain, replaced, running: None, manifest: None }
    }

    /// Prepares a step on the end of the chain.
    fn prepare(&mut self, random: &mut Random, keys: Keys) {
        let birth = self.world.birth();
        let base = self.chain.last().map_or(&self.newest, |pending| &pending.after).clone();
        // Small ones leave most pages to be shared.
        let most = if random.one_in(2) { 3 } else { 1500 };
        let changes = batch(random, keys, &base.leaves, most);
        let list = as_changes(&changes);
        // A chain reads pages as its newest committed ancestor does.
        let pages = &self.newest.pages;
        let merkle = &self.world.merkle;
        let step = merkle.update(&base.version, birth, &list, pages, &base.leaves).unwrap();
        let mut after = base;
        after.version = step.version.clone();
        apply(&mut after.leaves, &changes);
        self.chain.push(Pending { step, changes, after });
    }

    /// Commits the first step of the chain.
    fn commit(&mut self) {
        if self.chain.is_empty() {
            return;
        }
        let Pending { step, changes, after } = self.chain.remove(0);
        assert!(changes.is_empty() || step.version.root() == after.version.root());
        self.replaced.extend(step.replaced_pages);
        self.newest = Kept { pages: self.epochs.current(), ..after };
    }

    fn begin(&mut self) {
        self.epochs.begin();
        let replaced = std::mem::take(&mut self.replaced);
        self.running = Some(Running { version: self.newest.version.clone(), replaced });
    }

    /// Ends the checkpoint, or gives it up.
    fn end(&mut self, is_given_up: bool) {
        let Some(Running { version, mut replaced }) = self.running.take() else { return };
        let merkle = &self.world.merkle;
        let unwritten = merkle.unwritten(&version);
        let images: Vec<_> = unwritten.iter().map(|page| merkle.image(page).unwrap()).collect();
        if is_given_up {
            replaced.append(&mut self.replaced);
            self.replaced = replaced;
            return;
        }
        for page in replaced {
            if let Some(id) = merkle.stored_id(&page) {
                assert!(self.table.remove(&id), "what was stored is deleted once");
            }
        }
        images.into_iter().for_each(|image| self.table.put(image));
        self.manifest = Some(merkle.root_page(&version).encode());
        self.epochs.end(self.table.clone());
        merkle.set_written(&unwritten);
    }

    fn assert_is_whole(&self, kept: &Kept, pages: &PageEpoch<MemoryPages>, what: &str) {
        assert_eq!(kept.version.root(), reference_root(&kept.leaves), "{what}");
        let merkle = &self.world.merkle;
        let report = merkle.check(&kept.version, &pages, &kept.leaves).unwrap();
        assert_eq!(report.differences, [], "{what}");
        let keys: Vec<StateKey> = kept.leaves.entries.keys().step_by(7).copied().collect();
        let sample = merkle.check_at(&kept.version, &keys, &pages, &kept.leaves).unwrap();
        assert_eq!(sample.differences, [], "{what}");
    }
}

#[test]
fn kept_versions_and_chains_find_their_pages_beside_any_checkpoints() {
    for (seed, keys) in Keys::ALL.into_iter().enumerate() {
        let mut random = Random::new(600 + u64::try_from(seed).unwrap());
        let mut owner = Owner::new();
        let mut all_kept: Vec<Kept> = Vec::new();
        for step in 0..steps(80) {
            match random.below(8) {
                0..4 => owner.prepare(&mut random, keys),
                4 | 5 => owner.commit(),
                6 if owner.running.is_none() => owner.begin(),
                6 => owner.end(random.one_in(5)),
                _ if random.one_in(3) => owner.chain.clear(),
                _ => all_kept.push(owner.newest.clone()),
            }
            owner.world.merkle.set_cache_bytes(0);
            let what = format!("{keys:?}, step {step}");
            all_kept.push(owner.newest.clone());
            all_kept.iter().for_each(|kept| owner.assert_is_whole(kept, &kept.pages, &what));
            if let Some(Pending { after, .. }) = owner.chain.last() {
                owner.assert_is_whole(after, &owner.newest.pages, &what);
            }
            all_kept.pop();
            if all_kept.len() > 3 {
                all_kept.remove(random.below(3));
            }
        }
    }
}

#[test]
fn the_table_has_the_pages_of_the_newest_checkpoint_and_no_others() {
    let mut random = Random::new(7);
    let mut owner = Owner::new();
    for _ in 0..steps(40) {
        for _ in 0..1 + random.below(4) {
            owner.prepare(&mut random, Keys::JamManyServices);
            owner.commit();
        }
        owner.begin();
        owner.end(random.one_in(4));
        let Some(manifest) = &owner.manifest else { continue };
        let stored = Version::stored(&RootPage::decode(manifest).unwrap());
        let mut ids = HashSet::new();
        let merkle = &owner.world.merkle;
        merkle.for_each_page_id(&stored, &owner.table, |id| _ = ids.insert(*id)).unwrap();
        assert_eq!(ids.len(), owner.table.count());
    }
    owner.begin();
    owner.end(false);
    owner.world.version = owner.newest.version.clone();
    assert_eq!(owner.world.merkle.stats().unwritten_bytes, 0);
}

#[test]
fn what_steps_hold_in_memory_is_known() {
    let mut random = Random::new(8);
    let mut world = World::new();
    world.merkle.set_cache_bytes(0);
    let all: Changes =
        (0..20_000).map(|_| (Keys::Uniform.key(&mut random), Some(vec![1; 32]))).collect();
    world.commit(&all);
    let first = world.merkle.stats();
    assert_eq!(first.unwritten_bytes, first.resident_bytes);
    let unwritten = world.merkle.unwritten(&world.version);
    for page in &unwritten {
        world.pages.put(world.merkle.image(page).unwrap());
    }
    world.merkle.set_written(&unwritten);
    assert_eq!(world.merkle.stats().unwritten_bytes, 0);
    let World { merkle, version, leaves, pages, .. } = &world;
    let changes = batch(&mut random, Keys::Uniform, leaves, 200);
    let birth = StepId { generation: 3, counter: 1 };
    let step = merkle.update(version, birth, &as_changes(&changes), pages, leaves).unwrap();
    let held = merkle.stats().unwritten_bytes;
    assert!(held > 0 && held <= step.memory_bytes());
    drop(step);
    assert_eq!(merkle.stats().unwritten_bytes, 0);
    assert!(merkle.stats().page_eviction_count > 0 && merkle.stats().page_load_count > 0);
}
