//! Model tests of the buckets: random batches against a map, with pins.

use super::Buckets;
use crate::PageId;
use crate::format::geometry::Geometry;
use crate::pins::Pins;
use crate::probe::{Fingerprint, Path};
use quickcheck::{TestResult, quickcheck};
use std::collections::{BTreeMap, HashSet};

const SALT: u64 = 7;

/// What the disk would hold: the id in each bucket, and a value for each image.
type Disk = BTreeMap<u32, (PageId, u64)>;

fn id(number: u8) -> PageId {
    [number; 32]
}

/// The value of an id as a batch sees it; also how many buckets had to be looked into.
fn find(buckets: &Buckets, disk: &Disk, id: &PageId, view: u64) -> Option<u64> {
    let fingerprint = Fingerprint::of(SALT, id);
    let mut path = Path::new(fingerprint, buckets.geometry());
    while let Some(bucket) = buckets.next_match(&mut path, fingerprint.meta_byte(), view) {
        match disk.get(&bucket) {
            Some((found, value)) if found == id => return Some(*value),
            _ => {}
        }
    }
    None
}

fn bucket_of(buckets: &Buckets, disk: &Disk, id: &PageId, view: u64) -> Option<u32> {
    let fingerprint = Fingerprint::of(SALT, id);
    let mut path = Path::new(fingerprint, buckets.geometry());
    core::iter::from_fn(|| buckets.next_match(&mut path, fingerprint.meta_byte(), view))
        .find(|bucket| disk.get(bucket).is_some_and(|(found, _)| found == id))
}

struct World {
    buckets: Buckets,
    disk: Disk,
    pins: Pins,
    /// What each pinned batch sees, and what is current.
    views: BTreeMap<u64, BTreeMap<u8, u64>>,
    current: BTreeMap<u8, u64>,
    held: Vec<u64>,
}

impl World {
    fn new(bits: u32) -> Self {
        Self {
            buckets: Buckets::new(Geometry::new(bits).unwrap()),
            disk: Disk::new(),
            pins: Pins::new(0),
            views: BTreeMap::new(),
            current: BTreeMap::new(),
            held: Vec::new(),
        }
    }

    /// One batch of a single change: the number's low bits choose the id, the others the change.
    fn step(&mut self, number: u16) {
        let key = u8::try_from(number % 29).unwrap();
        let batch = self.pins.current + 1;
        let old = bucket_of(&self.buckets, &self.disk, &id(key), batch - 1);
        assert_eq!(old.is_some(), self.current.contains_key(&key));
        let is_full = self.buckets.live_count() + self.buckets.pinned_count() > 12;
        let new = (!(number / 29).is_multiple_of(3) && !is_full).then(|| {
            let free = self.buckets.reserve(Fingerprint::of(SALT, &id(key)), &HashSet::new());
            free.expect("a table that is not full has a free bucket")
        });
        if let Some(old) = old {
            self.buckets.retire(old, batch, &self.pins);
        }
        self.current.remove(&key);
        if let Some(new) = new {
            self.disk.insert(new, (id(key), batch));
            let meta_byte = Fingerprint::of(SALT, &id(key)).meta_byte();
            self.buckets.fill(new, meta_byte, batch, &self.pins);
            self.current.insert(key, batch);
        }
        self.pins.current = batch;
        if (number / 87).is_multiple_of(3) {
            self.held.push(self.pins.take());
            self.views.insert(batch, self.current.clone());
        } else if number / 87 % 3 == 1 && !self.held.is_empty() {
            let batch = self.held.swap_remove(usize::from(number) % self.held.len());
            self.pins.release(batch);
            self.buckets.collect(&self.pins);
        }
    }

    fn check(&self) -> bool {
        let sees = |view: u64, expected: &BTreeMap<u8, u64>| {
            (0..29).all(|key| {
                find(&self.buckets, &self.disk, &id(key), view) == expected.get(&key).copied()
            })
        };
        let live = self.buckets.live_count() == self.current.len() as u64;
        live && sees(self.pins.current, &self.current)
            && self.held.iter().all(|batch| sees(*batch, &self.views[batch]))
    }
}

quickcheck! {
    fn every_pin_sees_its_own_pages(steps: Vec<u16>, wide: bool) -> TestResult {
        let mut world = World::new(if wide { 6 } else { 5 });
        for number in steps.iter().cycle().take(steps.len() * 4) {
            world.step(number.rotate_left(3));
            if !world.check() {
                return TestResult::failed();
            }
        }
        while let Some(batch) = world.held.pop() {
            world.pins.release(batch);
            world.buckets.collect(&world.pins);
        }
        let left = world.buckets.pinned_count() + world.buckets.reserved_count();
        TestResult::from_bool(left == 0 && world.buckets.born.is_empty() && world.check())
    }
}

#[test]
fn tombstones_are_used_again() {
    let mut world = World::new(4);
    for number in 0..20_000u16 {
        world.step(number);
    }
    assert!(world.check());
    assert!(world.buckets.empty_count() + world.buckets.tombstone_count() > 0);
    assert_eq!(world.buckets.reserved_count(), 0);
}

#[test]
fn a_table_without_an_empty_bucket_is_searched_to_its_end() {
    let geometry = Geometry::new(4).unwrap();
    let mut buckets = Buckets::new(geometry);
    let pins = Pins::new(0);
    for number in 0..16 {
        let fingerprint = Fingerprint::of(SALT, &id(number));
        let bucket = buckets.reserve(fingerprint, &HashSet::new()).unwrap();
        buckets.fill(bucket, fingerprint.meta_byte(), 1, &pins);
    }
    assert_eq!((buckets.live_count(), buckets.empty_count()), (16, 0));
    let fingerprint = Fingerprint::of(SALT, &id(99));
    assert_eq!(buckets.reserve(fingerprint, &HashSet::new()), None);
    let mut path = Path::new(fingerprint, geometry);
    while buckets.next_match(&mut path, fingerprint.meta_byte(), 1).is_some() {}
    assert_eq!(path.probe_count(), 16);
}

#[test]
fn a_reservation_that_comes_to_nothing_cuts_no_path() {
    let geometry = Geometry::new(4).unwrap();
    let mut buckets = Buckets::new(geometry);
    let pins = Pins::new(0);
    // Two reservations for one id: the second lies past the first.
    let fingerprint = Fingerprint::of(SALT, &id(1));
    let first = buckets.reserve(fingerprint, &HashSet::new()).unwrap();
    let second = buckets.reserve(fingerprint, &HashSet::new()).unwrap();
    assert_ne!(first, second);
    buckets.release(first);
    buckets.fill(second, fingerprint.meta_byte(), 1, &pins);
    let mut path = Path::new(fingerprint, geometry);
    assert_eq!(buckets.next_match(&mut path, fingerprint.meta_byte(), 1), None, "it is cut");
    let passed: Vec<u32> = buckets.passed().collect();
    assert_eq!(passed, [first]);
    passed.into_iter().for_each(|bucket| buckets.pass(bucket));
    let mut path = Path::new(fingerprint, geometry);
    assert_eq!(buckets.next_match(&mut path, fingerprint.meta_byte(), 1), Some(second));
    assert_eq!((buckets.passed().count(), buckets.tombstone_count()), (0, 1));
}
