//! The names of a simulated directory: as the process sees them, as the device holds them, and the
//! changes between the two.

use super::random::{Random, Survival};
use std::collections::BTreeMap;

/// Which file a name stands for.
pub(super) type Entries = BTreeMap<String, u64>;

/// A change of names that is not synced.
#[derive(Debug, Clone)]
pub(super) enum NameChange {
    Create { name: String, inode: u64 },
    Remove { name: String, inode: u64 },
    Rename { from: String, to: String, inode: u64 },
}

impl NameChange {
    fn inode(&self) -> u64 {
        match self {
            Self::Create { inode, .. }
            | Self::Remove { inode, .. }
            | Self::Rename { inode, .. } => *inode,
        }
    }
}

/// One directory's names.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    pub(super) volatile: Entries,
    pub(super) durable: Entries,
    pub(super) pending: Vec<NameChange>,
}

impl Names {
    pub(super) fn change(&mut self, change: NameChange) {
        apply(&mut self.volatile, &change);
        self.pending.push(change);
    }

    pub(super) fn sync(&mut self) {
        for change in self.pending.drain(..) {
            apply(&mut self.durable, &change);
        }
    }

    /// A sync that failed: each change is durable now or never.
    pub(super) fn sync_failing(&mut self, random: &mut Random) {
        for change in self.pending.drain(..) {
            if random.coin() {
                apply(&mut self.durable, &change);
            }
        }
    }

    /// What the device holds after a power loss.
    pub(super) fn after_power_loss(&self, survival: Survival, random: &mut Random) -> Entries {
        let mut entries = self.durable.clone();
        for change in &self.pending {
            if survival.survives(random) {
                apply(&mut entries, change);
            }
        }
        entries
    }

    /// Whether any image of the directory, or one to come, names the file.
    pub(super) fn mentions(&self, inode: u64) -> bool {
        self.volatile.values().chain(self.durable.values()).any(|named| *named == inode)
            || self.pending.iter().any(|change| change.inode() == inode)
    }
}

fn apply(entries: &mut Entries, change: &NameChange) {
    match change {
        NameChange::Create { name, inode } => {
            entries.insert(name.clone(), *inode);
        }
        NameChange::Remove { name, inode } => forget(entries, name, *inode),
        NameChange::Rename { from, to, inode } => {
            forget(entries, from, *inode);
            entries.insert(to.clone(), *inode);
        }
    }
}

/// Takes a name out if it still stands for this file.
fn forget(entries: &mut Entries, name: &str, inode: u64) {
    if entries.get(name) == Some(&inode) {
        entries.remove(name);
    }
}
