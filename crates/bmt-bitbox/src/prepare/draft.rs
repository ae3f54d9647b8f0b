//! What a batch changes, bucket by bucket.

use crate::PageId;
use crate::batch::Batch;
use crate::copy::{self, Move};
use crate::core::Core;
use crate::faults::Faults;
use crate::format::meta::{TOMBSTONE, is_live};
use crate::page::Place;
use crate::probe::Fingerprint;
use crate::set::{OpenTable, TableSet};
use std::collections::{BTreeMap, HashSet};

/// A page to write, and the bucket that was reserved for it in the target.
#[derive(Debug)]
pub(crate) struct Put<'a> {
    pub(crate) bucket: u32,
    pub(crate) meta_byte: u8,
    pub(crate) id: &'a PageId,
    pub(crate) payload: &'a [u8],
}

/// All that one batch does.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) batch: u64,
    /// In order of buckets.
    pub(crate) puts: Vec<Put<'a>>,
    pub(crate) moves: Vec<Move>,
    /// Copies of pages that this batch replaces: nothing, unless it is abandoned.
    withheld: Vec<Move>,
    /// Places of pages that are replaced or deleted.
    pub(crate) superseded: Vec<Place>,
    /// Empty buckets of the target that become tombstones.
    passed: Vec<u32>,
    target: u64,
    /// The new meta byte of every bucket that changes, by table.
    edits: BTreeMap<u64, BTreeMap<u32, u8>>,
}

/// What is left of a draft once everything is written.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) batch: u64,
    pub(crate) puts: Vec<(Place, u8)>,
    pub(crate) moves: Vec<Move>,
    pub(crate) withheld: Vec<Move>,
    pub(crate) superseded: Vec<Place>,
    pub(crate) passed: Vec<Place>,
}

impl<'a> Draft<'a> {
    /// Reserves buckets for a batch whose changes have these places now.
    pub(crate) fn allocate(
        core: &Core,
        number: u64,
        batch: &'a Batch<'_>,
        existing: &[Option<Place>],
        moves: Vec<Move>,
    ) -> Self {
        let superseded: Vec<Place> = existing.iter().flatten().copied().collect();
        let mut puts = Vec::with_capacity(batch.put_count());
        // Readers wait for this much and no more.
        let mut set = core.set.write();
        let target = set.target().file.number;
        let (moves, withheld) = match core.faults().keeps_stale_copies() {
            true => (moves, Vec::new()),
            false => sort_out(&mut set, moves, &superseded),
        };
        let buckets = &mut set.target_mut().buckets;
        let also_free = also_free(core.faults(), &superseded, target);
        for ((id, change), place) in batch.changes().zip(existing) {
            let Some(payload) = &change.payload else { continue };
            let fingerprint = Fingerprint::of(core.salt, id);
            let in_place =
                place.filter(|it| core.faults().overwrites_live_buckets() && it.table == target);
            let bucket = match in_place {
                Some(place) => Some(place.bucket),
                None => buckets.reserve(fingerprint, &also_free),
            };
            let Some(bucket) = bucket else {
                unreachable!("INV-BB-08: the target has room for the batch")
            };
            puts.push(Put { bucket, meta_byte: fingerprint.meta_byte(), id, payload });
        }
        let passed: Vec<u32> = buckets.passed().collect();
        drop(set);
        puts.sort_unstable_by_key(|put| put.bucket);
        let mut edits = edits_of(&puts, &moves, &superseded, target);
        for bucket in &passed {
            edits.entry(target).or_default().entry(*bucket).or_insert(TOMBSTONE);
        }
        Self { batch: number, puts, moves, withheld, superseded, passed, target, edits }
    }

    /// The buckets of a table that change, and their new meta bytes.
    pub(crate) fn edits(&self, table: u64) -> impl Iterator<Item = (u32, u8)> {
        self.edits_from(table, 0)
    }

    /// The same from some bucket on.
    pub(crate) fn edits_from(&self, table: u64, first: u32) -> impl Iterator<Item = (u32, u8)> {
        let edits = self.edits.get(&table);
        edits.into_iter().flat_map(move |edits| edits.range(first..)).map(|(at, byte)| (*at, *byte))
    }

    /// Whether any bucket of a table changes.
    pub(crate) fn changes_table(&self, table: u64) -> bool {
        self.edits.contains_key(&table)
    }

    /// Live buckets of a table once this is in force.
    pub(crate) fn live_count_after(&self, table: &OpenTable) -> u64 {
        let (mut gone, mut come) = (0, 0);
        for (bucket, byte) in self.edits(table.file.number) {
            gone += u64::from(table.buckets.is_live(bucket));
            come += u64::from(is_live(byte));
        }
        table.buckets.live_count() - gone + come
    }

    /// Takes everything back: the buckets are free again, and the copies wait for the next batch.
    pub(crate) fn release(self, core: &Core) {
        release(core, &self.into_changes());
    }

    /// Forgets the payloads.
    pub(crate) fn into_changes(self) -> Changes {
        let place = |bucket| Place { table: self.target, bucket };
        Changes {
            batch: self.batch,
            puts: self.puts.iter().map(|put| (place(put.bucket), put.meta_byte)).collect(),
            moves: self.moves,
            withheld: self.withheld,
            superseded: self.superseded,
            passed: self.passed.into_iter().map(place).collect(),
        }
    }
}

/// A deliberate fault: what the batch replaces is free for the batch itself.
fn also_free(faults: Faults, superseded: &[Place], target: u64) -> HashSet<u32> {
    match faults.reuses_buckets_early() {
        false => HashSet::new(),
        true => {
            let in_target = superseded.iter().filter(|place| place.table == target);
            in_target.map(|place| place.bucket).collect()
        }
    }
}

/// The new meta byte of every bucket that changes, by table. What is taken out comes first, so that what
/// is put in wins.
fn edits_of(
    puts: &[Put<'_>],
    moves: &[Move],
    superseded: &[Place],
    target: u64,
) -> BTreeMap<u64, BTreeMap<u32, u8>> {
    let mut edits: BTreeMap<u64, BTreeMap<u32, u8>> = BTreeMap::new();
    for place in superseded.iter().copied().chain(moves.iter().map(|it| it.from)) {
        edits.entry(place.table).or_default().insert(place.bucket, TOMBSTONE);
    }
    for it in moves {
        edits.entry(it.to.table).or_default().insert(it.to.bucket, it.meta_byte);
    }
    if !puts.is_empty() {
        let bytes = puts.iter().map(|put| (put.bucket, put.meta_byte));
        edits.entry(target).or_default().extend(bytes);
    }
    edits
}

/// Takes changes back that are not committed.
pub(crate) fn release(core: &Core, changes: &Changes) {
    core.pending.lock().moves.extend(changes.moves.iter().chain(&changes.withheld));
    let mut set = core.set.write();
    for (place, _) in &changes.puts {
        if let Some(table) = set.get_mut(place.table) {
            table.buckets.release(place.bucket);
        }
    }
}

/// The copies that go live, and those of pages that this batch replaces. Copies to another table than the
/// target, and of pages that are not live any more, are given up.
fn sort_out(set: &mut TableSet, moves: Vec<Move>, superseded: &[Place]) -> (Vec<Move>, Vec<Move>) {
    let target = set.target().file.number;
    let is_good = |set: &TableSet, it: &Move| {
        it.to.table == target
            && set.get(it.from.table).is_some_and(|table| table.buckets.is_live(it.from.bucket))
    };
    let (good, stale) = moves.into_iter().partition::<Vec<_>, _>(|it| is_good(set, it));
    copy::release_in(set, &stale);
    let superseded: HashSet<Place> = superseded.iter().copied().collect();
    good.into_iter().partition(|it| !superseded.contains(&it.from))
}
