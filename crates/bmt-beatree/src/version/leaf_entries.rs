//! The entries under prefixes, as hashing wants them: short values, and hashes of the others.

use super::Version;
use super::merged::{self, Place};
use crate::buffer::cursor::Cursor;
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::index::Spot;
use crate::key::{Key, Prefix};
use crate::leaf_cache::LeafPage;
use crate::little_endian::array;
use crate::page::PageRef;
use crate::page::leaf::{CellValue, ValueHash};
use crate::units::{len_u32, to_usize};
use std::sync::Arc;

/// Pieces of prefixes whose leaves are read in one batch.
const BATCH_PIECES: usize = 4096;

/// An entry of a leaf or of the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeafEntry<'a> {
    /// The key.
    pub key: Key,
    /// Length of the value in bytes.
    pub value_len: usize,
    /// The value, or its hash.
    pub value: EntryValue<'a>,
}

/// A value, or its hash if it is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryValue<'a> {
    /// A value of at most 128 bytes.
    Bytes(&'a [u8]),
    /// The hash of a longer value, which was not read.
    Hash(ValueHash),
}

/// The part of a prefix that lies in one leaf.
struct Piece {
    prefix: usize,
    spot: Option<Spot>,
    low: Key,
    end: Option<Key>,
}

impl Version {
    /// Hands over the entries under each prefix, with the prefix's index: for one prefix after another,
    /// in ascending order of keys.
    ///
    /// Leaves are read in batches, each once for neighbouring prefixes; a prefix whose entries lie in
    /// several leaves costs as many. Overflow pages are not read. Prefixes in ascending order are
    /// quickest.
    ///
    /// # Errors
    /// As [`Version::get`].
    pub fn leaf_entries(
        &self,
        prefixes: &[Prefix],
        mut each: impl FnMut(usize, LeafEntry<'_>),
    ) -> Result<(), TreeError> {
        self.index.check_expiry()?;
        let counters = &self.index.file().counters;
        counters.prefixes.add(prefixes.len());
        let mut pieces =
            prefixes.iter().enumerate().flat_map(|(at, prefix)| self.pieces(at, prefix));
        let mut walk = Walk { cursor: None };
        let mut cut_count = 0;
        let (mut last_prefix, mut seen_twice) = (None, None);
        loop {
            let batch: Vec<Piece> = pieces.by_ref().take(BATCH_PIECES).collect();
            if batch.is_empty() {
                counters.cut_prefixes.add(cut_count);
                return Ok(());
            }
            let mut places: Vec<PageRef> =
                batch.iter().filter_map(|piece| Some(piece.spot?.leaf)).collect();
            places.dedup();
            let leaves = self.index.leaves(&places)?;
            let mut leaves = places.iter().zip(&leaves);
            let mut leaf: Option<(&PageRef, &Arc<LeafPage>)> = None;
            for piece in &batch {
                if let Some(spot) = piece.spot {
                    while leaf.is_none_or(|(place, _)| *place != spot.leaf) {
                        leaf = leaves.next();
                    }
                }
                let is_further = last_prefix.replace(piece.prefix) == Some(piece.prefix);
                if is_further && seen_twice.replace(piece.prefix) != Some(piece.prefix) {
                    cut_count += 1;
                }
                let leaf = piece.spot.and(leaf).map(|(_, leaf)| &**leaf);
                walk.piece(self, piece, leaf, &mut each)?;
            }
        }
    }

    /// The parts of a prefix, one for each leaf that its range touches.
    fn pieces(&self, prefix: usize, of: &Prefix) -> impl Iterator<Item = Piece> + use<'_> {
        let end = of.end();
        let mut next = Some(of.first_key());
        core::iter::from_fn(move || {
            let low = next.take()?;
            let spot = self.index.locate(&low);
            let high = spot.and_then(|spot| spot.high);
            let is_last = match (high, end) {
                (None, _) => true,
                (Some(high), Some(end)) => end <= high,
                (Some(_), None) => false,
            };
            if is_last {
                return Some(Piece { prefix, spot, low, end });
            }
            next = high;
            Some(Piece { prefix, spot, low, end: high })
        })
    }
}

/// The cursor over the buffer, which goes forward as long as the pieces do.
struct Walk {
    /// With the key up to which it has gone.
    cursor: Option<(Cursor, Key)>,
}

impl Walk {
    fn piece(
        &mut self,
        version: &Version,
        piece: &Piece,
        leaf: Option<&LeafPage>,
        each: &mut impl FnMut(usize, LeafEntry<'_>),
    ) -> Result<(), TreeError> {
        let mut cursor = match self.cursor.take() {
            Some((mut cursor, passed)) if passed <= piece.low => {
                cursor.seek(&piece.low);
                cursor
            }
            _ => Cursor::new(version.buffer.runs(), &piece.low),
        };
        let end = piece.end.as_ref();
        let cells = leaf.map_or(0..0, |leaf| leaf.cells_in(&piece.low, end));
        merged::for_each(leaf, cells, &mut cursor, end, |cursor, key, place| {
            let entry = match place {
                Place::Cell(index) => leaf.map(|leaf| cell_entry(key, leaf.value(index))),
                Place::Change(entry) => change_entry(key, cursor.value(&entry)),
            };
            entry.into_iter().for_each(|entry| each(piece.prefix, entry));
            Ok(())
        })?;
        self.cursor = piece.end.map(|end| (cursor, end));
        Ok(())
    }
}

fn cell_entry(key: Key, value: CellValue<'_>) -> LeafEntry<'_> {
    match value {
        CellValue::Plain(bytes) => {
            LeafEntry { key, value_len: bytes.len(), value: EntryValue::Bytes(bytes) }
        }
        CellValue::Hashed { hash, value } => {
            let hash = array(hash, 0).unwrap_or_default();
            LeafEntry { key, value_len: value.len(), value: EntryValue::Hash(hash) }
        }
        CellValue::Overflow(value) => {
            let value_len = to_usize(value.len_bytes.min(len_u32(crate::VALUE_BYTES_MAX)));
            LeafEntry { key, value_len, value: EntryValue::Hash(value.hash) }
        }
    }
}

fn change_entry(key: Key, value: StoredValue<'_>) -> Option<LeafEntry<'_>> {
    let StoredValue::Value { bytes, hash } = value else { return None };
    let value = hash.map_or(EntryValue::Bytes(bytes), |hash| EntryValue::Hash(*hash));
    Some(LeafEntry { key, value_len: bytes.len(), value })
}
