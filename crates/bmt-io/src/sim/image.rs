//! The bytes of one simulated file: as the process sees them, as the device holds them, and the
//! changes between the two.

use super::random::{Random, Survival};

/// What a device writes whole or not at all.
pub(super) const SECTOR_BYTES: usize = 512;

/// A change that is not synced.
#[derive(Debug, Clone)]
pub(super) enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen { len: usize },
}

/// One file's bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Image {
    /// What reads see.
    pub(super) volatile: Vec<u8>,
    /// What a power loss leaves for certain.
    pub(super) durable: Vec<u8>,
    /// What leads from `durable` to `volatile`, oldest first. A failed sync may have taken changes
    /// out that will never be durable.
    pub(super) pending: Vec<Change>,
}

impl Image {
    /// A file whose bytes are durable.
    pub(super) fn settled(bytes: Vec<u8>) -> Self {
        Self { volatile: bytes.clone(), durable: bytes, pending: Vec::new() }
    }

    pub(super) fn change(&mut self, change: Change) {
        apply(&mut self.volatile, &change);
        self.pending.push(change);
    }

    pub(super) fn sync(&mut self) {
        for change in self.pending.drain(..) {
            apply(&mut self.durable, &change);
        }
    }

    /// A sync that failed: each change is durable now or never, or some sectors of it now and the
    /// others never.
    pub(super) fn sync_failing(&mut self, random: &mut Random) {
        for change in self.pending.drain(..) {
            match random.below(4) {
                0 => apply(&mut self.durable, &change),
                1 | 2 => apply_torn(&mut self.durable, &change, random),
                _ => {}
            }
        }
    }

    /// What the device holds after a power loss, with `in_flight` writes on their way.
    pub(super) fn after_power_loss(
        &self,
        in_flight: &[&Change],
        survival: Survival,
        random: &mut Random,
    ) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for change in self.pending.iter().chain(in_flight.iter().copied()) {
            if survival.survives(random) {
                match survival.tears(random) {
                    true => apply_torn(&mut bytes, change, random),
                    false => apply(&mut bytes, change),
                }
            }
        }
        bytes
    }
}

fn apply(image: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => put(image, *offset, bytes),
        Change::SetLen { len } => image.resize(*len, 0),
    }
}

fn put(image: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if image.len() < end {
        image.resize(end, 0);
    }
    image[offset..end].copy_from_slice(bytes);
}

/// Applies any subset of a write's sectors. The file may reach the write's end all the same; what was
/// not written then reads as zeros. A change of length is never torn.
fn apply_torn(image: &mut Vec<u8>, change: &Change, random: &mut Random) {
    let Change::Write { offset, bytes } = change else { return apply(image, change) };
    if random.coin() && image.len() < offset + bytes.len() {
        image.resize(offset + bytes.len(), 0);
    }
    for (at, sector) in sectors(*offset, bytes) {
        if random.coin() {
            put(image, at, sector);
        }
    }
}

/// The pieces of a write that lie in one sector each, with their offsets.
pub(super) fn sectors(offset: usize, bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let from = at;
        let to_boundary = SECTOR_BYTES - (offset + from) % SECTOR_BYTES;
        at = (from + to_boundary).min(bytes.len());
        (from < bytes.len()).then(|| (offset + from, &bytes[from..at]))
    })
}
