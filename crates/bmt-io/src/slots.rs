//! A small record in two checksummed slots of one file: what a manifest needs.
//!
//! # Format
//! Two slots of 4096 bytes, at offsets 0 and 4096; each holds a whole record under a checksum. See
//! `docs/format/slots.md`, whose invariants `INV-SL-nn` this module cites.

mod layout;

use crate::error::IoError;
use crate::storage::{Directory, File};
pub use layout::{SLOT_BYTES, SLOT_PAYLOAD_BYTES_MAX, SlotDamage};
use layout::{Slot, decode, encode};
use std::sync::Arc;

/// An operation on a slot file failed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SlotsError {
    /// The storage failed.
    #[error(transparent)]
    Io(#[from] IoError),
    /// Neither slot holds a valid record.
    #[error("{file:?} has no valid slot: {first} (offset 0); {second} (offset 4096)")]
    NoValidSlot {
        /// The file.
        file: String,
        /// What is wrong with the slot at offset 0.
        first: SlotDamage,
        /// What is wrong with the slot at offset 4096.
        second: SlotDamage,
    },
    /// Both slots are valid, have the same sequence number, and differ.
    #[error("{file:?}: both slots have sequence {sequence} and they differ")]
    Conflict {
        /// The file.
        file: String,
        /// The sequence number of both.
        sequence: u64,
    },
    /// An undamaged slot has a format version or feature flags that this release does not know.
    #[error(
        "{file:?} at offset {offset_bytes}: format version {version} with flags {flags:#x}, \
         this release knows version 1 with none"
    )]
    Unsupported {
        /// The file.
        file: String,
        /// The slot's offset.
        offset_bytes: u64,
        /// Its format version.
        version: u32,
        /// Its feature flags.
        flags: u32,
    },
    /// An undamaged slot holds a record of another kind.
    #[error(
        "{file:?} at offset {offset_bytes}: a record of kind {found:#010x}, expected {expected:#010x}"
    )]
    WrongKind {
        /// The file.
        file: String,
        /// The slot's offset.
        offset_bytes: u64,
        /// The kind that was asked for.
        expected: u32,
        /// The kind in the slot.
        found: u32,
    },
    /// The record does not fit.
    #[error(
        "a record of {len_bytes} bytes does not fit a slot, which takes {SLOT_PAYLOAD_BYTES_MAX}"
    )]
    TooLong {
        /// The record's length.
        len_bytes: usize,
    },
    /// The sequence number is not above the newest one.
    #[error("{file:?}: sequence {sequence} does not follow {newest}")]
    NotNewer {
        /// The file.
        file: String,
        /// The sequence number that was given.
        sequence: u64,
        /// The newest one in the file.
        newest: u64,
    },
    /// An earlier write or sync failed; what the slots hold is known only after opening them again.
    #[error("{file:?}: a write failed earlier; open it again")]
    Poisoned {
        /// The file.
        file: String,
    },
}

/// A record loaded from a slot file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedRecord {
    /// The record's sequence number.
    pub sequence: u64,
    /// The record.
    pub payload: Vec<u8>,
    /// What the other slot holds.
    pub other: OtherSlot,
}

/// What the slot that was not loaded holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherSlot {
    /// The same record.
    Same,
    /// An older record.
    Older {
        /// Its sequence number.
        sequence: u64,
    },
    /// Nothing valid: a store was interrupted, or the slot is damaged.
    Damaged(SlotDamage),
}

/// A slot file, open for loading and storing.
///
/// A crash at any point leaves the record that was stored last, or the one before it while a store has
/// not returned. Durable when [`Slots::store`] returns: one write of 4096 bytes and one `fdatasync`.
#[derive(Debug)]
pub struct Slots {
    file: Arc<dyn File>,
    kind: u32,
    /// Where the newest record is, 0 or 1.
    newest_index: usize,
    newest_sequence: u64,
    payload: Vec<u8>,
    poisoned: bool,
}

impl Slots {
    /// Makes the file `name` with `payload` as record `sequence` in both slots; durable, name
    /// included, when it returns. A crash leaves the whole file or none of that name: it is written as
    /// `name.new` (replacing what a crash may have left there) and renamed.
    ///
    /// `kind` tells record types apart; choose one at random for each.
    ///
    /// # Errors
    /// [`SlotsError::TooLong`]; [`IoError::AlreadyExists`] if `name` is there; what the storage says.
    pub fn create(
        directory: &dyn Directory,
        name: &str,
        kind: u32,
        sequence: u64,
        payload: &[u8],
    ) -> Result<Self, SlotsError> {
        check_len(payload)?;
        if directory.entries()?.iter().any(|entry| entry == name) {
            // Fails, with the error that says so.
            directory.create(name)?;
        }
        let draft = format!("{name}.new");
        match directory.remove(&draft) {
            Ok(()) | Err(IoError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        let file = directory.create(&draft)?;
        for index in 0..2 {
            let slot = encode(&Slot { index, kind, sequence, payload });
            file.write_all_at(&slot, offset_of(index))?;
        }
        file.sync_data()?;
        directory.rename(&draft, name)?;
        directory.sync()?;
        drop(file);
        let file = directory.open(name)?;
        let payload = payload.to_vec();
        let newest_sequence = sequence;
        Ok(Self { file, kind, newest_index: 0, newest_sequence, payload, poisoned: false })
    }

    /// Opens the file `name` and loads the newest valid record.
    ///
    /// The record may be in the system's cache only, if a process died in a store: call
    /// [`Slots::settle`] before acting on it in a way that outlives a power loss.
    ///
    /// # Errors
    /// [`SlotsError::NoValidSlot`], [`SlotsError::Conflict`], [`SlotsError::Unsupported`],
    /// [`SlotsError::WrongKind`], and what the storage says ([`IoError::NotFound`] if there is no file).
    pub fn open(
        directory: &dyn Directory,
        name: &str,
        kind: u32,
    ) -> Result<(Self, LoadedRecord), SlotsError> {
        let file = directory.open(name)?;
        let bytes = [read_slot(&*file, 0)?, read_slot(&*file, 1)?];
        let first = check(name, kind, 0, decode(&bytes[0], 0))?;
        let second = check(name, kind, 1, decode(&bytes[1], 1))?;
        let (newest, other) = choose(name, first, second)?;
        let record =
            LoadedRecord { sequence: newest.sequence, payload: newest.payload.to_vec(), other };
        let slots = Self {
            kind,
            newest_index: newest.index,
            newest_sequence: newest.sequence,
            payload: newest.payload.to_vec(),
            poisoned: false,
            file,
        };
        Ok((slots, record))
    }

    /// The newest record's sequence number.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.newest_sequence
    }

    /// The newest record.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Stores a record over the older slot (INV-SL-01); durable when it returns.
    ///
    /// # Errors
    /// [`SlotsError::TooLong`] and [`SlotsError::NotNewer`] change nothing. Any other error leaves it
    /// unknown whether the record is durable, and poisons this handle.
    pub fn store(&mut self, sequence: u64, payload: &[u8]) -> Result<(), SlotsError> {
        self.check_poison()?;
        check_len(payload)?;
        if sequence <= self.newest_sequence {
            let (file, newest) = (self.file.name().to_owned(), self.newest_sequence);
            return Err(SlotsError::NotNewer { file, sequence, newest });
        }
        let target = 1 - self.newest_index;
        self.write(target, sequence, payload)?;
        self.newest_index = target;
        self.newest_sequence = sequence;
        payload.clone_into(&mut self.payload);
        Ok(())
    }

    /// Stores a record in both slots, one after the other: two writes, two `fdatasync`.
    ///
    /// Damage to either slot then leaves the same record.
    ///
    /// # Errors
    /// As [`Slots::store`].
    pub fn store_both(&mut self, sequence: u64, payload: &[u8]) -> Result<(), SlotsError> {
        self.store(sequence, payload)?;
        self.copy_to_other()
    }

    /// Makes the newest record durable where it is, then in the other slot too. Can be repeated.
    ///
    /// The record is written again, with the same bytes, and not only synced: after a failed sync the
    /// system may show bytes as clean that the device never got, and the other slot would then be
    /// overwritten while it holds the only durable record (INV-SL-05).
    ///
    /// # Errors
    /// An error poisons this handle; the newest record is not harmed.
    pub fn settle(&mut self) -> Result<(), SlotsError> {
        self.check_poison()?;
        self.copy_to(self.newest_index)?;
        self.copy_to_other()
    }

    /// The newest record's slot stays the one that is not overwritten next (INV-SL-02).
    fn copy_to_other(&mut self) -> Result<(), SlotsError> {
        self.copy_to(1 - self.newest_index)
    }

    fn copy_to(&mut self, index: usize) -> Result<(), SlotsError> {
        let payload = core::mem::take(&mut self.payload);
        let written = self.write(index, self.newest_sequence, &payload);
        self.payload = payload;
        written
    }

    fn write(&mut self, index: usize, sequence: u64, payload: &[u8]) -> Result<(), SlotsError> {
        let slot = encode(&Slot { index, kind: self.kind, sequence, payload });
        let written =
            self.file.write_all_at(&slot, offset_of(index)).and_then(|()| self.file.sync_data());
        self.poison_unless(written)
    }

    fn poison_unless(&mut self, result: Result<(), IoError>) -> Result<(), SlotsError> {
        self.poisoned = result.is_err();
        result.map_err(SlotsError::Io)
    }

    fn check_poison(&self) -> Result<(), SlotsError> {
        match self.poisoned {
            true => Err(SlotsError::Poisoned { file: self.file.name().to_owned() }),
            false => Ok(()),
        }
    }
}

fn check_len(payload: &[u8]) -> Result<(), SlotsError> {
    match payload.len() {
        len_bytes if len_bytes > SLOT_PAYLOAD_BYTES_MAX => Err(SlotsError::TooLong { len_bytes }),
        _ => Ok(()),
    }
}

fn offset_of(index: usize) -> u64 {
    crate::units::len_u64(index * SLOT_BYTES)
}

/// One slot's bytes; a file that ends before it reads as zeros, which no valid slot is.
fn read_slot(file: &dyn File, index: usize) -> Result<[u8; SLOT_BYTES], SlotsError> {
    let mut bytes = [0; SLOT_BYTES];
    match file.read_exact_at(&mut bytes, offset_of(index)) {
        Ok(()) => Ok(bytes),
        Err(IoError::UnexpectedEnd { .. }) => Ok([0; SLOT_BYTES]),
        Err(error) => Err(error.into()),
    }
}

/// Separates damage, which the other slot can make up for, from a file that is not ours to read.
fn check<'a>(
    name: &str,
    kind: u32,
    index: usize,
    decoded: Result<Slot<'a>, SlotDamage>,
) -> Result<Result<Slot<'a>, SlotDamage>, SlotsError> {
    let (file, offset_bytes) = (name.to_owned(), offset_of(index));
    match decoded {
        Err(SlotDamage::Unsupported { version, flags }) => {
            Err(SlotsError::Unsupported { file, offset_bytes, version, flags })
        }
        Ok(slot) if slot.kind != kind => {
            let found = slot.kind;
            Err(SlotsError::WrongKind { file, offset_bytes, expected: kind, found })
        }
        other => Ok(other),
    }
}

/// The newest valid slot (INV-SL-03), and what the other one is.
fn choose<'a>(
    name: &str,
    first: Result<Slot<'a>, SlotDamage>,
    second: Result<Slot<'a>, SlotDamage>,
) -> Result<(Slot<'a>, OtherSlot), SlotsError> {
    let file = || name.to_owned();
    match (first, second) {
        (Err(first), Err(second)) => Err(SlotsError::NoValidSlot { file: file(), first, second }),
        (Ok(valid), Err(damage)) | (Err(damage), Ok(valid)) => {
            Ok((valid, OtherSlot::Damaged(damage)))
        }
        (Ok(first), Ok(second)) if first.sequence == second.sequence => {
            if first.payload != second.payload {
                return Err(SlotsError::Conflict { file: file(), sequence: first.sequence });
            }
            Ok((first, OtherSlot::Same))
        }
        (Ok(first), Ok(second)) => {
            let (newer, older) =
                if first.sequence > second.sequence { (first, second) } else { (second, first) };
            Ok((newer, OtherSlot::Older { sequence: older.sequence }))
        }
    }
}

#[cfg(test)]
mod tests;
