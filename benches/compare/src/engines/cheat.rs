//! A toy engine, a map with a log, that can be told to cheat: it shows that the harness's checks
//! bite. It is never measured.

use crate::engine::{Committed, Engine, EngineKind, Outcome, RootScheme, Setup};
use crate::reference_root::reference_root;
use crate::workload::{Batch, Key, OpKind};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

/// One in so many writes is cheated with.
const CHEAT_EVERY: u64 = 100;

struct Toy {
    kind: EngineKind,
    state: BTreeMap<Key, Vec<u8>>,
    log: File,
    hoard: Vec<u8>,
    hoard_limit: usize,
    write_count: u64,
}

/// Opens the toy in the directory and reads its log.
///
/// # Errors
/// Those of the file.
pub fn open(kind: EngineKind, setup: &Setup<'_>) -> Outcome<Box<dyn Engine>> {
    let path = setup.dir.join("toy.log");
    let mut log = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    let mut bytes = Vec::new();
    log.read_to_end(&mut bytes)?;
    let mut state = BTreeMap::new();
    let mut rest = bytes.as_slice();
    while let Some((key, value)) = next_record(&mut rest) {
        match value {
            Some(value) => drop(state.insert(key, value)),
            None => drop(state.remove(&key)),
        }
    }
    let hoard_limit = (setup.memory_bytes + setup.memory_bytes / 2) as usize;
    Ok(Box::new(Toy { kind, state, log, hoard: Vec::new(), hoard_limit, write_count: 0 }))
}

/// A record is the key, the value's length in four bytes (all ones: deleted), and the value.
fn next_record(rest: &mut &[u8]) -> Option<(Key, Option<Vec<u8>>)> {
    let (key, tail) = rest.split_first_chunk::<32>()?;
    let (length, tail) = tail.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length);
    if length == u32::MAX {
        *rest = tail;
        return Some((*key, None));
    }
    let (value, tail) = tail.split_at_checked(length as usize)?;
    *rest = tail;
    Some((*key, Some(value.to_vec())))
}

impl Toy {
    /// Whether this write is one to cheat with, for a toy of kind `cheat`.
    fn cheats(&self, cheat: EngineKind) -> bool {
        self.kind == cheat && self.write_count.is_multiple_of(CHEAT_EVERY)
    }

    fn put(&mut self, key: Key, value: &[u8], record: &mut Vec<u8>) {
        let known = self.state.contains_key(&key);
        if known && self.cheats(EngineKind::CheatStaleValues)
            || !known && self.cheats(EngineKind::CheatLosesKeys)
        {
            return;
        }
        record.extend_from_slice(&key);
        record.extend_from_slice(&(value.len() as u32).to_le_bytes());
        record.extend_from_slice(value);
        self.state.insert(key, value.to_vec());
    }
}

impl Engine for Toy {
    fn commit(&mut self, batch: &Batch, _witness: bool) -> Outcome<Committed> {
        let mut record = Vec::new();
        let mut found_count = 0;
        for op in batch.ops() {
            self.write_count += 1;
            match op.kind {
                OpKind::Read => found_count += u64::from(self.state.contains_key(&op.key)),
                OpKind::Put => self.put(op.key, batch.value(op), &mut record),
                OpKind::Delete => {
                    record.extend_from_slice(&op.key);
                    record.extend_from_slice(&u32::MAX.to_le_bytes());
                    self.state.remove(&op.key);
                }
            }
        }
        self.log.write_all(&record)?;
        if self.kind != EngineKind::CheatNoSync {
            self.log.sync_data()?;
        }
        if self.kind == EngineKind::CheatMemory {
            // Not zeros, which the kernel need not back with memory.
            self.hoard.resize(self.hoard_limit, 1);
            std::hint::black_box(&self.hoard);
        }
        Ok(Committed { found_count, witness_bytes: None })
    }

    fn get(&mut self, key: &Key) -> Outcome<Option<Vec<u8>>> {
        Ok(self.state.get(key).cloned())
    }

    fn flush(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn close(self: Box<Self>) -> Outcome<()> {
        Ok(())
    }

    fn root(&self) -> Option<[u8; 32]> {
        let entries: Vec<_> = self.state.iter().map(|(key, value)| (*key, value.clone())).collect();
        let mut root = reference_root(RootScheme::NomtBlake3, &entries);
        if self.kind == EngineKind::CheatRoot {
            root[31] ^= 1;
        }
        Some(root)
    }

    fn notes(&self) -> String {
        format!("a toy that is {}", self.kind.name())
    }
}
