//! What the slot file says: where pages and log begin.
//!
//! # Format
//! 128 bytes; `docs/format/beatree.md`, "The standalone store".

use super::error::StoreError;
use crate::error::Damage;
use crate::little_endian::{put, u32_at, u64_at};
use crate::meta::{META_BYTES, Meta};

/// The slot file.
pub(super) const FILE: &str = "beatree.meta";
/// The slot file while it is being made.
pub(super) const NEW_FILE: &str = "beatree.meta.new";
/// The kind of record: "BTT1".
pub(super) const KIND: u32 = 0x3154_5442;

const VERSION: u32 = 1;
const BYTES: usize = 48 + META_BYTES;
const META_AT: usize = 48;

/// The record of the slot file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotRecord {
    pub(super) salt: u64,
    /// Whether page file and log exist; before, nothing was ever committed.
    pub(super) is_made: bool,
    /// The first commit that may not be in the pages.
    pub(super) replay_from: u64,
    /// The log's chain value of the commit before it.
    pub(super) chain: u64,
    /// The newest commit that any page may hold.
    pub(super) pages_through: u64,
    pub(super) meta: Meta,
}

impl SlotRecord {
    pub(super) fn encode(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        put(&mut bytes, 0, &VERSION.to_le_bytes());
        let fields =
            [self.salt, u64::from(self.is_made), self.replay_from, self.chain, self.pages_through];
        for (index, field) in fields.into_iter().enumerate() {
            put(&mut bytes, 8 + 8 * index, &field.to_le_bytes());
        }
        put(&mut bytes, META_AT, &self.meta.encode());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let corruption = |damage| StoreError::Corruption { file: FILE, damage };
        let short = || corruption(Damage::Layout("the record is too short"));
        let version = u32_at(bytes, 0).ok_or_else(short)?;
        let flags = u32_at(bytes, 4).ok_or_else(short)?;
        if (version, flags) != (VERSION, 0) {
            return Err(StoreError::Unsupported { file: FILE, version, flags });
        }
        let field = |index: usize| u64_at(bytes, 8 + 8 * index).ok_or_else(short);
        let is_made = match field(1)? {
            0 => false,
            1 => true,
            _ => return Err(corruption(Damage::Layout("stage of the store"))),
        };
        let meta =
            Meta::decode(bytes.get(META_AT..).unwrap_or_default()).map_err(
                |damage| match damage {
                    Damage::Unsupported { version, flags } => {
                        let (version, flags) = (u32::from(version), u32::from(flags));
                        StoreError::Unsupported { file: FILE, version, flags }
                    }
                    damage => corruption(damage),
                },
            )?;
        let (salt, replay_from, chain, pages_through) =
            (field(0)?, field(2)?, field(3)?, field(4)?);
        if replay_from == 0 || pages_through.saturating_add(1) < replay_from {
            return Err(corruption(Damage::Layout("positions in the log")));
        }
        Ok(Self { salt, is_made, replay_from, chain, pages_through, meta })
    }
}

#[cfg(test)]
mod tests;
