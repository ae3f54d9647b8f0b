//! The payload of a cut record: the durable intent to drop the end of the log.
//!
//! # Format
//! 16 bytes, little-endian: `keep_through` (the newest sequence that stays), and its chain value.
//! The record is written and synced before the first byte past the cut is zeroed, and is itself
//! zeroed last; recovery that meets it finishes the cut.

use super::{Fields, put};

/// Bytes of the payload.
pub(crate) const CUT_LEN: usize = 16;

/// The newest record that a cut leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Sequence of the newest record that stays; one less than the log's first if none does.
    pub(crate) keep_through: u64,
    /// Chain value of that record's last part.
    pub(crate) chain: u64,
}

impl Cut {
    /// The payload's bytes.
    pub(crate) fn encode(&self) -> [u8; CUT_LEN] {
        let mut bytes = [0; CUT_LEN];
        put(&mut bytes, 0, self.keep_through.to_le_bytes());
        put(&mut bytes, 8, self.chain.to_le_bytes());
        bytes
    }

    /// The intent in a payload, or `None` if it has another length.
    pub(crate) fn decode(payload: &[u8]) -> Option<Self> {
        if payload.len() != CUT_LEN {
            return None;
        }
        let fields = Fields(payload);
        Some(Self { keep_through: fields.u64_at(0), chain: fields.u64_at(8) })
    }
}
