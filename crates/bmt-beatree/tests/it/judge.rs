//! The judge of crash tests: runs a workload on a store until something goes wrong, recovers (crashing in
//! recovery too), and says whether the store kept its promises.

use crate::key_sets::KeySet;
use crate::model::{Model, value_hash};
use crate::random::Random;
use bmt_beatree::{Background, Batch, Durability, Faults, Key, Store, StoreError, StoreOptions};
use bmt_io::{Fault, SimDisk, When};
use std::sync::Arc;

/// Steps of a workload.
const STEP_COUNT: u64 = 100;
/// Keys of a workload: few, so that leaves are rewritten and emptied.
const KEY_COUNT: usize = 600;

/// A workload by its seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trial {
    pub(crate) seed: u64,
    pub(crate) faults: Faults,
    /// The disk says that it has synced, and has not.
    pub(crate) lies: bool,
}

/// What the store must hold: the last commit that was acknowledged as durable, or a later one.
#[derive(Debug, Clone)]
struct Promise {
    /// The states after each commit, from the one that is sure on.
    states: Vec<Model>,
}

impl Promise {
    fn newest(&self) -> &Model {
        &self.states[self.states.len() - 1]
    }

    /// The newest state is sure now.
    fn settle(&mut self) {
        self.states.drain(..self.states.len() - 1);
    }
}

impl Trial {
    /// The workload of a seed, without deliberate faults.
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, faults: Faults::default(), lies: false }
    }

    fn options(self) -> StoreOptions {
        let durability =
            if self.seed.is_multiple_of(3) { Durability::Eventual } else { Durability::Immediate };
        StoreOptions {
            buffer_bytes: 60_000,
            leaf_cache_bytes: 100_000,
            background: Background::Inline,
            durability,
            segment_bytes: 64 << 10,
            salt: Some(self.seed),
            value_hasher: value_hash,
            slice_changes_min: 60,
            faults: self.faults,
            ..StoreOptions::default()
        }
    }

    fn open(self, disk: &SimDisk) -> Result<Store, StoreError> {
        Store::open_in(disk.directory(), self.options())
    }

    /// How many operations the workload has.
    pub(crate) fn operation_count(self) -> Result<u64, String> {
        let disk = SimDisk::new(self.seed);
        let mut promise = Promise { states: vec![Model::new()] };
        self.work(&disk, &mut promise)?;
        Ok(disk.operation_count())
    }

    pub(crate) fn crash_at(self, number: u64) -> Result<(), String> {
        self.fail_at(number, Fault::Crash)
    }

    /// Lets something go wrong with one operation, and judges what comes after.
    pub(crate) fn fail_at(self, number: u64, fault: Fault) -> Result<(), String> {
        let disk = SimDisk::new(self.seed);
        disk.inject(When::Number(number), fault);
        disk.set_ignore_sync(self.lies);
        let mut promise = Promise { states: vec![Model::new()] };
        self.work(&disk, &mut promise)?;
        let mut random = Random(self.seed ^ (number << 20));
        let mut disk = after_crash(&disk, &mut random);
        for _ in 0..random.below(3) {
            disk = self.crash_in_recovery(&disk, &mut random);
        }
        let store = self.open(&disk).map_err(|error| format!("open: {error}"))?;
        promise.states = vec![judge(&store, &promise)?];
        // Nothing that recovery showed may depend on what only the page cache knows.
        self.look_again(&disk.power_loss(random.next()), &promise)?;
        // The store goes on.
        let mut model = promise.newest().clone();
        for _ in 0..=random.below(3) {
            let (batch, next) = changes(&mut random, &model);
            store.commit(batch).map_err(|error| format!("commit after recovery: {error}"))?;
            model = next;
        }
        store.close().map_err(|error| format!("close after recovery: {error}"))?;
        self.look_again(&disk.power_loss(random.next()), &Promise { states: vec![model] })
    }

    fn crash_in_recovery(self, disk: &SimDisk, random: &mut Random) -> SimDisk {
        let probe = disk.process_crash();
        drop(self.open(&probe));
        let disk = disk.process_crash();
        disk.crash_at(random.next() % probe.operation_count().max(1));
        drop(self.open(&disk));
        after_crash(&disk, random)
    }

    fn look_again(self, disk: &SimDisk, promise: &Promise) -> Result<(), String> {
        let store = self.open(disk).map_err(|error| format!("second open: {error}"))?;
        judge(&store, promise).map_err(|what| format!("second open: {what}")).map(drop)
    }

    /// Works until the disk fails.
    fn work(self, disk: &SimDisk, promise: &mut Promise) -> Result<(), String> {
        let mut random = Random(self.seed);
        let is_immediate = self.options().durability == Durability::Immediate;
        let mut store = match self.open(disk) {
            Ok(store) => store,
            Err(_) if is_expected(disk) => return Ok(()),
            Err(error) => return Err(format!("create: {error}")),
        };
        let mut snapshot = None;
        for step in 0..STEP_COUNT {
            let result = match random.below(100) {
                0..80 => {
                    let (batch, model) = changes(&mut random, promise.newest());
                    promise.states.push(model);
                    let result = store.commit(batch).map(drop);
                    match &result {
                        Ok(()) if is_immediate => promise.settle(),
                        // Refused for certain: the state is as it was.
                        Err(error) if !is_unknown(error) => drop(promise.states.pop()),
                        _ => {}
                    }
                    result
                }
                80..86 => store.sync().inspect(|()| promise.settle()),
                86..92 => store.checkpoint().inspect(|()| promise.settle()),
                92..96 => {
                    snapshot = match snapshot.take() {
                        None => Some((store.snapshot(), promise.newest().clone())),
                        Some((snapshot, model)) => {
                            if let Err(what) = compare(snapshot.iter(), &model)
                                && !is_expected(disk)
                            {
                                return Err(format!("snapshot, step {step}: {what}"));
                            }
                            None
                        }
                    };
                    Ok(())
                }
                _ => {
                    snapshot = None;
                    let closed = store.close().inspect(|()| promise.settle());
                    let opened = closed.and_then(|()| self.open(disk));
                    match opened {
                        Ok(opened) => store = opened,
                        Err(_) if is_expected(disk) => return Ok(()),
                        Err(error) => return Err(format!("reopen: {error}")),
                    }
                    Ok(())
                }
            };
            match result {
                Ok(()) => {}
                Err(_) if is_expected(disk) => return Ok(()),
                Err(error) => return Err(format!("step {step}: {error}")),
            }
        }
        Ok(())
    }
}

/// Whether the commit may be there after all.
fn is_unknown(error: &StoreError) -> bool {
    matches!(error, StoreError::OutcomeUnknown { .. })
}

/// Whether an operation may fail now: something was made to go wrong, and it has been met.
fn is_expected(disk: &SimDisk) -> bool {
    disk.clear_faults() == 0
}

/// A commit and the state after it.
fn changes(random: &mut Random, model: &Model) -> (Batch, Model) {
    let (mut batch, mut model) = (Batch::new(), model.clone());
    let deletes = random.pick(&[0, 20, 90]);
    for _ in 0..random.pick(&[1, 5, 40, 150]) {
        let key = KeySet::Jam.key(u64::try_from(random.below(KEY_COUNT)).unwrap());
        if random.below(100) < deletes {
            batch.delete(key);
            model.remove(&key);
            continue;
        }
        let len = match random.below(200) {
            0 => 4000 + random.below(20_000),
            1..10 => random.pick(&[1280, 1281, 4072, 4073]),
            _ => random.below(100),
        };
        let value = random.bytes(len);
        batch.put(key, value.clone());
        model.insert(key, value.into());
    }
    (batch, model)
}

/// The state that the store holds, if it is one of those that it may hold.
fn judge(store: &Store, promise: &Promise) -> Result<Model, String> {
    let report = store.check(|_, _| {}).map_err(|error| format!("check: {error}"))?;
    if let Some(finding) = report.findings.first() {
        return Err(format!("check: {finding}"));
    }
    let mut found = Model::new();
    for entry in store.range(..) {
        let (key, value) = entry.map_err(|error| format!("range: {error}"))?;
        found.insert(key, value.to_vec().into());
    }
    match promise.states.contains(&found) {
        true => Ok(found),
        false => Err(format!(
            "{} entries; expected one of {:?}",
            found.len(),
            promise.states.iter().map(Model::len).collect::<Vec<_>>()
        )),
    }
}

fn compare<V: AsRef<[u8]>>(
    mut found: impl Iterator<Item = Result<(Key, V), bmt_beatree::TreeError>>,
    model: &Model,
) -> Result<(), String> {
    for (key, value) in model {
        let entry = found.next().ok_or("too few entries")?.map_err(|error| error.to_string())?;
        if entry.0 != *key || Arc::from(entry.1.as_ref()) != *value {
            return Err(format!("another entry at {key:02x?}"));
        }
    }
    if found.next().is_some() { Err("too many entries".to_owned()) } else { Ok(()) }
}

/// A power loss, or a process crash, after which a power loss may still come.
fn after_crash(disk: &SimDisk, random: &mut Random) -> SimDisk {
    match random.below(4) {
        0 => disk.process_crash(),
        1 => disk.power_loss_losing_all(),
        _ => disk.power_loss(random.next()),
    }
}
