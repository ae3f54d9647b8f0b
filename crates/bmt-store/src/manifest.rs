//! The manifest: that a directory is a database, of which scheme, with which log.
//!
//! # Format
//!
//! Version 1, `docs/format/manifest.md`: a record in two checksummed slots.
#![deny(clippy::indexing_slicing)]

use crate::error::{Corruption, OpenError};
use crate::open::io_error;
use bmt_io::Directory;
use bmt_io::slots::{OtherSlot, Slots, SlotsError};

/// The manifest's file.
pub(crate) const FILE: &str = "MANIFEST";
/// The manifest while it is being made.
pub(crate) const NEW_FILE: &str = "MANIFEST.new";
/// The only version that this build reads and writes.
pub(crate) const VERSION: u32 = 1;

const BYTES: usize = 40;
/// The kind of record in the slots: "MNF1" in little-endian.
const KIND: u32 = 0x3146_4e4d;

/// What the manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) scheme: u32,
    pub(crate) log_salt: u64,
    /// Whether the log exists; before, nothing was ever committed.
    pub(crate) log_made: bool,
    /// The log reached this record, durably, when the manifest was stored: a log that ends before it
    /// is damaged.
    pub(crate) log_through: u64,
}

/// Why a checksummed record is not a manifest that this build can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadManifest {
    Version(u32),
    Features(u64),
    Malformed(&'static str),
}

impl Manifest {
    pub(crate) fn encode(&self) -> [u8; BYTES] {
        let fields = [
            0,
            u64::from(VERSION) | (u64::from(self.scheme) << 32),
            self.log_salt,
            u64::from(self.log_made),
            self.log_through,
        ];
        let mut bytes = [0; BYTES];
        for (to, field) in bytes.chunks_exact_mut(8).zip(fields) {
            to.copy_from_slice(&field.to_le_bytes());
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadManifest> {
        let mut fields = bytes.chunks_exact(8).map(|chunk| {
            let mut field = [0; 8];
            field.copy_from_slice(chunk);
            u64::from_le_bytes(field)
        });
        let mut next = || fields.next().ok_or(BadManifest::Malformed("the manifest is too short"));
        let (features, version_scheme) = (next()?, next()?);
        let [version, scheme] = [version_scheme & u64::from(u32::MAX), version_scheme >> 32]
            .map(|half| u32::try_from(half).unwrap_or_default());
        if version != VERSION {
            return Err(BadManifest::Version(version));
        }
        if features != 0 {
            return Err(BadManifest::Features(features));
        }
        let (log_salt, log_made, log_through) = (next()?, next()?, next()?);
        if log_made > 1 || bytes.len() != BYTES {
            return Err(BadManifest::Malformed("a manifest of version 1 has 40 bytes"));
        }
        Ok(Self { scheme, log_salt, log_made: log_made == 1, log_through })
    }
}

/// The manifest of an open database.
#[derive(Debug)]
pub(crate) struct ManifestFile {
    pub(crate) manifest: Manifest,
    /// What was wrong with one of the two slots, in words; the other one was valid.
    pub(crate) damaged_slot: Option<String>,
    slots: Slots,
}

impl ManifestFile {
    /// Makes the manifest of a new database whose log does not exist yet; durable on return.
    pub(crate) fn create(
        directory: &dyn Directory,
        scheme: u32,
        log_salt: u64,
    ) -> Result<Self, OpenError> {
        let manifest = Manifest { scheme, log_salt, log_made: false, log_through: 0 };
        let slots = Slots::create(directory, FILE, KIND, 1, &manifest.encode())?;
        Ok(Self { manifest, damaged_slot: None, slots })
    }

    /// Loads the manifest, checks that it is of this scheme, and makes it durable in both slots.
    pub(crate) fn load(directory: &dyn Directory, scheme: u32) -> Result<Self, OpenError> {
        let (mut slots, record) = Slots::open(directory, FILE, KIND)?;
        let manifest = Manifest::decode(&record.payload)?;
        if manifest.scheme != scheme {
            return Err(OpenError::SchemeMismatch { stored: manifest.scheme, asked: scheme });
        }
        // What was read may have been in the system's cache only.
        slots.settle()?;
        let damaged_slot = match record.other {
            OtherSlot::Damaged(damage) => Some(damage.to_string()),
            _ => None,
        };
        Ok(Self { manifest, damaged_slot, slots })
    }

    /// Says that the log reaches this record, which must be durable; durable on return.
    pub(crate) fn store_log_through(&mut self, sequence: u64) -> Result<(), SlotsError> {
        if sequence <= self.manifest.log_through {
            return Ok(());
        }
        self.manifest.log_through = sequence;
        self.slots.store(self.slots.sequence() + 1, &self.manifest.encode())
    }

    /// Says that the log exists; durable on return.
    pub(crate) fn store_log_made(&mut self) -> Result<(), OpenError> {
        self.manifest.log_made = true;
        self.slots.store_both(self.slots.sequence() + 1, &self.manifest.encode())?;
        Ok(())
    }
}

impl From<BadManifest> for OpenError {
    fn from(bad: BadManifest) -> Self {
        match bad {
            BadManifest::Version(found) => {
                Self::UnsupportedVersion { file: FILE.to_owned(), found, supported: VERSION }
            }
            BadManifest::Features(found) => {
                Self::UnsupportedFeatures { file: FILE.to_owned(), found }
            }
            BadManifest::Malformed(reason) => Corruption::new(FILE, 0, reason).into(),
        }
    }
}

impl From<SlotsError> for OpenError {
    fn from(error: SlotsError) -> Self {
        match error {
            SlotsError::Io(source) => io_error(source),
            SlotsError::Unsupported { file, version: 1, flags, .. } => {
                Self::UnsupportedFeatures { file, found: u64::from(flags) }
            }
            SlotsError::Unsupported { file, version, .. } => {
                Self::UnsupportedVersion { file, found: version, supported: 1 }
            }
            other => Corruption::new(FILE, 0, other.to_string()).into(),
        }
    }
}

#[cfg(test)]
mod tests;
