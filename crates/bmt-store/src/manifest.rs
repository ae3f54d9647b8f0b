//! The manifest: that a directory is a database, of which scheme, and which of its pages and records are
//! its state.
//!
//! # Format
//!
//! Version 2, `docs/format/manifest.md`: a record in two checksummed slots.
#![deny(clippy::indexing_slicing)]

mod fields;

use crate::error::{Corruption, OpenError};
use crate::open::io_error;
use bmt_beatree::Meta;
use bmt_bitbox::TableNames;
use bmt_io::Directory;
use bmt_io::slots::{OtherSlot, Slots, SlotsError};
use bmt_merkle::{RootPage, StepId};
use bmt_rollback::Window;
use bmt_seglog::Position;
use fields::{Fields, Put};

/// The manifest's file.
pub(crate) const FILE: &str = "MANIFEST";
/// The manifest while it is being made.
pub(crate) const NEW_FILE: &str = "MANIFEST.new";
/// The only version that this build reads and writes.
pub(crate) const VERSION: u32 = 2;

/// The kind of record in the slots: "MNF1" in little-endian.
pub(crate) const KIND: u32 = 0x3146_4e4d;

/// What the manifest says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    pub(crate) scheme: u32,
    pub(crate) salt: u64,
    /// The log reached this record, durably, when the manifest was stored: a log that ends before it
    /// is damaged.
    pub(crate) log_through: u64,
    /// `None` while the database is being made; nothing was ever committed then.
    pub(crate) state: Option<State>,
}

/// The state that the pages hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// The newest commit that the trie's pages hold, and the ordered store's pages hold at least.
    pub(crate) position: Position,
    /// The newest commit that any page may hold.
    pub(crate) pages_through: u64,
    pub(crate) root: bmt_core::Hash,
    /// Where the trie begins; `None` if it never had a page.
    pub(crate) root_page: Option<RootPage>,
    pub(crate) weight_max: u32,
    pub(crate) weight_version: u32,
    pub(crate) key_count: u64,
    pub(crate) tree: Meta,
    pub(crate) table: TableNames,
    /// The undoable commits.
    pub(crate) window: Runs,
}

/// The window of a manifest: its encoding, and its head and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Runs {
    pub(crate) head: u64,
    pub(crate) bytes: u64,
    pub(crate) runs: Vec<u8>,
}

impl Runs {
    pub(crate) fn of(window: &Window) -> Self {
        Self { head: window.head(), bytes: window.bytes(), runs: window.encode() }
    }
}

/// Why a checksummed record is not a manifest that this build can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadManifest {
    Version(u32),
    Features(u64),
    Malformed(&'static str),
}

impl Manifest {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(512);
        out.put_u64(0);
        out.put_u32(VERSION);
        out.put_u32(self.scheme);
        out.put_u64(self.salt);
        out.put_u64(u64::from(self.state.is_some()));
        out.put_u64(self.log_through);
        let Some(state) = &self.state else { return out };
        out.put_u64(state.position.sequence);
        out.put_u64(state.position.chain);
        out.put_u64(state.pages_through);
        out.extend_from_slice(&state.root);
        let none =
            RootPage { root: [0; 32], birth: StepId::default(), checksum: 0, items_bytes: 0 };
        let page = state.root_page.unwrap_or(none);
        out.put_u64(page.birth.generation);
        out.put_u64(page.birth.counter);
        out.put_u64(page.checksum);
        out.put_u32(u32::from(page.items_bytes));
        out.put_u32(u32::from(state.root_page.is_some()));
        out.put_u32(state.weight_max);
        out.put_u32(state.weight_version);
        out.put_u64(state.key_count);
        out.extend_from_slice(&state.tree.encode());
        out.extend_from_slice(&state.table.encode());
        out.put_u64(state.window.head);
        out.put_u64(state.window.bytes);
        out.extend_from_slice(&state.window.runs);
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, BadManifest> {
        let mut fields = Fields(bytes);
        let features = fields.u64()?;
        let version = fields.u32()?;
        if version != VERSION {
            return Err(BadManifest::Version(version));
        }
        if features != 0 {
            return Err(BadManifest::Features(features));
        }
        let (scheme, salt) = (fields.u32()?, fields.u64()?);
        let (made, log_through) = (fields.u64()?, fields.u64()?);
        let state = match made {
            0 if fields.0.is_empty() => None,
            1 => Some(State::decode(fields)?),
            _ => {
                return Err(BadManifest::Malformed(
                    "a manifest is of a database made or being made",
                ));
            }
        };
        Ok(Self { scheme, salt, log_through, state })
    }
}

impl State {
    fn decode(mut fields: Fields<'_>) -> Result<Self, BadManifest> {
        let position = Position { sequence: fields.u64()?, chain: fields.u64()? };
        let pages_through = fields.u64()?;
        let root = fields.array::<32>()?;
        let birth = StepId { generation: fields.u64()?, counter: fields.u64()? };
        let (checksum, items_bytes, has_page) = (fields.u64()?, fields.u32()?, fields.u32()?);
        let items_bytes = u16::try_from(items_bytes)
            .map_err(|_| BadManifest::Malformed("a root page is smaller than 64 KiB"))?;
        let root_page = match has_page {
            0 => None,
            1 => Some(RootPage { root, birth, checksum, items_bytes }),
            _ => return Err(BadManifest::Malformed("there is a root page or none")),
        };
        let (weight_max, weight_version) = (fields.u32()?, fields.u32()?);
        let key_count = fields.u64()?;
        let tree = Meta::decode(fields.take(bmt_beatree::META_BYTES)?)
            .map_err(|_| BadManifest::Malformed("the ordered store's meta record is one"))?;
        let table = TableNames::decode(fields.take(bmt_bitbox::TABLE_NAMES_BYTES)?)
            .map_err(|_| BadManifest::Malformed("the names of tables are such"))?;
        let (head, bytes) = (fields.u64()?, fields.u64()?);
        let window = Runs { head, bytes, runs: fields.0.to_vec() };
        if pages_through < position.sequence || head > position.sequence {
            return Err(BadManifest::Malformed("positions are in order"));
        }
        let state = Self {
            position,
            pages_through,
            root,
            root_page,
            weight_max,
            weight_version,
            key_count,
            tree,
            table,
            window,
        };
        Ok(state)
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
    /// Makes the manifest of a new database whose other files do not exist yet; durable on return.
    pub(crate) fn create(
        directory: &dyn Directory,
        scheme: u32,
        salt: u64,
    ) -> Result<Self, OpenError> {
        let manifest = Manifest { scheme, salt, log_through: 0, state: None };
        let slots = Slots::create(directory, FILE, KIND, 1, &manifest.encode())?;
        Ok(Self { manifest, damaged_slot: None, slots })
    }

    /// Loads the manifest and checks that it is of this scheme. Writes nothing.
    pub(crate) fn load(directory: &dyn Directory, scheme: u32) -> Result<Self, OpenError> {
        let (slots, record) = Slots::open(directory, FILE, KIND)?;
        let manifest = Manifest::decode(&record.payload)?;
        if manifest.scheme != scheme {
            return Err(OpenError::SchemeMismatch { stored: manifest.scheme, asked: scheme });
        }
        let damaged_slot = match record.other {
            OtherSlot::Damaged(damage) => Some(damage.to_string()),
            _ => None,
        };
        Ok(Self { manifest, damaged_slot, slots })
    }

    /// Makes what was loaded durable in both slots: it may have been in the system's cache only.
    pub(crate) fn settle(&mut self) -> Result<(), OpenError> {
        Ok(self.slots.settle()?)
    }

    /// Grows with every manifest that is stored.
    pub(crate) fn generation(&self) -> u64 {
        self.slots.sequence()
    }

    /// Stores a manifest in both slots; durable on return.
    pub(crate) fn store(&mut self, manifest: Manifest) -> Result<(), SlotsError> {
        self.slots.store_both(self.slots.sequence() + 1, &manifest.encode())?;
        self.manifest = manifest;
        Ok(())
    }

    /// Says that the log reaches this record, which must be durable; durable on return.
    pub(crate) fn store_log_through(&mut self, sequence: u64) -> Result<(), SlotsError> {
        if sequence <= self.manifest.log_through {
            return Ok(());
        }
        let mut manifest = self.manifest.clone();
        manifest.log_through = sequence;
        self.slots.store(self.slots.sequence() + 1, &manifest.encode())?;
        self.manifest = manifest;
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
            BadManifest::Malformed(rule) => {
                Corruption::new(FILE, 0, format!("it does not hold that {rule}")).into()
            }
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
