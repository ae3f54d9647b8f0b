//! The trie's part of a check: everything is hashed again from the entries of the newest state.

use super::finding::Hex;
use super::{Check, CheckError, CheckPart, CheckProgress, Finding, FindingKind};
use crate::error::ReadError;
use crate::inspect::table_file_name;
use crate::keys::tree_key;
use crate::layout::TREE_FILE;
use crate::leaves::Leaves;
use bmt_core::{Hash, Key, LeafValue, Scheme};
use bmt_merkle::{Difference, LeafEntry, LeafSource, Prefix, SourceError};
use parking_lot::Mutex;
use std::marker::PhantomData;
use std::sync::Arc;

/// Bytes of values that are read at a time, to be hashed again.
const VALUES_AT_ONCE_BYTES: usize = 8 << 20;

impl<S: Scheme> Check<'_, S> {
    pub(super) fn trie(&mut self) -> Result<(), CheckError> {
        let view = &self.version.view;
        let total = view.key_count;
        self.begin(CheckPart::Trie, total);
        let entries = Entries::<S> {
            leaves: Leaves::new(&view.tree),
            tree: &view.tree,
            seen: Mutex::new(Seen { key_count: 0, wrong: Vec::new() }),
            progress: Mutex::new(&mut *self.progress),
            total,
            scheme: PhantomData,
        };
        let checked = self.engine.merkle.check(&view.trie, &*view.pin, &entries);
        let Seen { key_count, wrong } = entries.seen.into_inner();
        self.report.key_count = key_count;
        for WrongHash { key, expected, found } in wrong {
            let reason = format!("the hash beside the value of key {}", Hex(key.as_bytes()));
            let finding = Finding::new(FindingKind::ValueHash, TREE_FILE, reason);
            self.find(finding.instead(Hex(&expected), Hex(&found)));
        }
        let file = table_file_name(self.engine.table.names().target.table);
        let report = match checked {
            Ok(report) => report,
            Err(error) => return self.trie_damage(&file, error),
        };
        for difference in &report.differences {
            self.find(described(&file, difference));
        }
        // Counted, but not listed.
        let listed_count = report.differences.len() as u64;
        self.report.finding_count += report.difference_count.saturating_sub(listed_count);
        let is_unread = |difference: &_| matches!(difference, Difference::UnreadablePage { .. });
        // The entries below a page that can't be read were not counted.
        if key_count != total && !report.differences.iter().any(is_unread) {
            let reason = "the entries are not as many as the commit says";
            let finding = Finding::new(FindingKind::KeyCount, TREE_FILE, reason);
            self.find(finding.instead(total, key_count));
        }
        Ok(())
    }
}

fn described<K: Key>(file: &str, difference: &Difference<K>) -> Finding {
    let place = |prefix: &Prefix<K>| {
        format!("at prefix {} of {} bits", Hex(prefix.first_key().as_bytes()), prefix.bits())
    };
    let finding = |reason: String| Finding::new(FindingKind::Trie, file, reason);
    match difference {
        Difference::Frontier { prefix, stored, computed } => {
            let stored = stored.map_or_else(
                || "nothing".to_owned(),
                |entry| entry_name(&entry.hash, entry.weight),
            );
            let computed: Vec<String> =
                computed.iter().map(|entry| entry_name(&entry.hash, entry.weight)).collect();
            let computed = match computed.is_empty() {
                true => "nothing".to_owned(),
                false => computed.join(" and "),
            };
            let reason = format!("the entries {} give another subtrie", place(prefix));
            finding(reason).instead(computed, stored)
        }
        Difference::NotMaximal { prefix, weight } => {
            finding(format!("subtries {} weigh {weight} together and should be one", place(prefix)))
        }
        Difference::PageHash { prefix, stored, computed } => {
            finding(format!("the page {} has another hash", place(prefix)))
                .instead(Hex(computed), Hex(stored))
        }
        Difference::SmallPage { prefix, items_bytes } => {
            finding(format!("the page {} has only {items_bytes} bytes of items", place(prefix)))
        }
        Difference::UnreadablePage { prefix, reason, .. } => {
            let reason = format!("the page {} can't be read: {reason}", place(prefix));
            Finding::new(FindingKind::TriePage, file, reason)
        }
        other => finding(format!("{other:?}")),
    }
}

fn entry_name(hash: &Hash, weight: u32) -> String {
    format!("{} of weight {weight}", Hex(hash))
}

/// A value and a hash beside it that is not its own.
struct WrongHash<K> {
    key: K,
    expected: Hash,
    found: Hash,
}

/// What was seen of the entries.
struct Seen<K> {
    key_count: u64,
    wrong: Vec<WrongHash<K>>,
}

/// The entries of a version, counted, with every stored hash of a value compared with the value.
struct Entries<'a, S: Scheme> {
    leaves: Leaves<'a, S::Key>,
    tree: &'a bmt_beatree::Version,
    seen: Mutex<Seen<S::Key>>,
    progress: Mutex<&'a mut (dyn FnMut(CheckProgress) + Send)>,
    total: u64,
    scheme: PhantomData<S>,
}

impl<S: Scheme> Entries<'_, S> {
    /// Hashes values again, as many at a time as memory may take.
    fn compare(&self, mut hashed: &[(S::Key, usize, Hash)]) -> Result<(), ReadError> {
        while !hashed.is_empty() {
            let mut bytes = 0;
            let fits = |(_, len, _): &&(S::Key, usize, Hash)| {
                bytes += *len;
                bytes <= VALUES_AT_ONCE_BYTES
            };
            let count = hashed.iter().take_while(fits).count().max(1);
            let (now, rest) = hashed.split_at(count);
            let keys: Vec<bmt_beatree::Key> = now.iter().map(|(key, _, _)| tree_key(key)).collect();
            let values = self.tree.get_many(&keys)?;
            for ((key, _, stored), value) in now.iter().zip(values) {
                let expected = S::hash_value(value.as_deref().unwrap_or_default());
                if expected != *stored {
                    let found = *stored;
                    self.seen.lock().wrong.push(WrongHash { key: *key, expected, found });
                }
            }
            hashed = rest;
        }
        Ok(())
    }
}

impl<S: Scheme> LeafSource<S::Key> for Entries<'_, S> {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<S::Key>],
        mut each: impl FnMut(usize, LeafEntry<'_, S::Key>),
    ) -> Result<(), SourceError> {
        let (mut count, mut hashed) = (0, Vec::new());
        self.leaves.leaf_entries(prefixes, |at, entry| {
            count += 1;
            if let LeafValue::Hashed(hash) = entry.value {
                hashed.push((entry.key, entry.value_len, *hash));
            }
            each(at, entry);
        })?;
        self.compare(&hashed)?;
        let done = {
            let mut seen = self.seen.lock();
            seen.key_count += count;
            seen.key_count
        };
        let progress = CheckProgress { part: CheckPart::Trie, done, total: self.total };
        (self.progress.lock())(progress);
        Ok(())
    }

    fn values(&self, keys: &[S::Key]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        self.leaves.values(keys)
    }
}
