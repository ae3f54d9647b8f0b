//! The entries under prefixes, as hashing wants them: short values, and hashes of the others.

use super::Version;
use super::merged::{self, Place};
use crate::buffer::cursor::Cursor;
use crate::buffer::run::StoredValue;
use crate::error::TreeError;
use crate::index::Spot;
use crate::key::{Key, Prefix};
use crate::leaf_cache::LeafPage;
use crate::leaf_stream::{Keep, LeafStream};
use crate::page::PageRef;
use crate::page::leaf::{CellValue, ValueHash};
use crate::units::{len_u32, to_usize};
use std::sync::Arc;

/// Pieces of prefixes for whose leaves is asked at a time, ahead of those that are handed over.
const BATCH_PIECES: usize = 1024;

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
#[derive(Debug)]
struct Piece {
    prefix: usize,
    /// None in an empty tree.
    leaf: Option<PageRef>,
    low: Key,
    end: Option<Key>,
    /// Whether it is the second one of its prefix.
    is_second: bool,
}

impl Version {
    /// Hands over the entries under each prefix, with the prefix's index: for one prefix after another,
    /// in ascending order of keys.
    ///
    /// Leaves are read ahead with a deep queue, each once for neighbouring prefixes; a prefix whose
    /// entries lie in several leaves costs as many. Overflow pages are not read. Prefixes in ascending
    /// order are quickest.
    ///
    /// # Errors
    /// As [`Version::get`].
    pub fn leaf_entries(
        &self,
        prefixes: &[Prefix],
        mut each: impl FnMut(usize, LeafEntry<'_>),
    ) -> Result<(), TreeError> {
        self.index.check_expiry()?;
        let mut pieces = Pieces { version: self, prefixes, at: 0, next: None, spot: None };
        let mut leaves = LeafStream::new(self.index.file(), Keep::InCache);
        let (mut walk, mut last_asked) = (Walk { cursor: None, leaf: None }, None);
        let mut ask = |leaves: &mut LeafStream<'_>| -> Result<Vec<Piece>, TreeError> {
            let batch: Vec<Piece> = pieces.by_ref().take(BATCH_PIECES).collect();
            let places = batch.iter().filter_map(|piece| piece.leaf);
            leaves.ask(places.filter(|place| last_asked.replace(*place) != Some(*place)))?;
            Ok(batch)
        };
        let mut cut_count = 0;
        let mut batch = self.index.guard(ask(&mut leaves))?;
        while !batch.is_empty() {
            let ahead = self.index.guard(ask(&mut leaves))?;
            for piece in &batch {
                cut_count += usize::from(piece.is_second);
                self.index.guard(walk.enter(piece, &mut leaves))?;
                walk.piece(self, piece, &mut each)?;
            }
            batch = ahead;
        }
        let counters = &self.index.file().counters;
        counters.prefixes.add(prefixes.len());
        counters.cut_prefixes.add(cut_count);
        Ok(())
    }
}

/// Leaves that were read for some prefixes, to be gone through later, on any thread: see
/// [`Version::fetch_leaves`]. It holds them in memory.
#[derive(Debug)]
pub struct FetchedLeaves {
    version: Version,
    pieces: Vec<Piece>,
    /// In the order of the pieces, each once for neighbours.
    leaves: Vec<Arc<LeafPage>>,
}

impl Version {
    /// The first half of [`Version::leaf_entries`]: reads the leaves of these prefixes, in one batch with a deep
    /// queue. The second half, [`FetchedLeaves::entries`], reads nothing.
    ///
    /// # Errors
    /// As [`Version::get`].
    pub fn fetch_leaves(&self, prefixes: &[Prefix]) -> Result<FetchedLeaves, TreeError> {
        self.index.check_expiry()?;
        let pieces: Vec<Piece> =
            Pieces { version: self, prefixes, at: 0, next: None, spot: None }.collect();
        let mut places: Vec<PageRef> = pieces.iter().filter_map(|piece| piece.leaf).collect();
        places.dedup();
        let mut stream = LeafStream::new(self.index.file(), Keep::InCache);
        self.index.guard(stream.ask(places.iter().copied()))?;
        let mut leaves = Vec::with_capacity(places.len());
        for _ in &places {
            let (leaf, _) = self.index.guard(stream.next_leaf())?;
            leaves.push(leaf);
        }
        let counters = &self.index.file().counters;
        counters.prefixes.add(prefixes.len());
        counters.cut_prefixes.add(pieces.iter().filter(|piece| piece.is_second).count());
        Ok(FetchedLeaves { version: self.clone(), pieces, leaves })
    }
}

impl FetchedLeaves {
    /// Hands over the entries under each prefix, as [`Version::leaf_entries`] does.
    ///
    /// # Errors
    /// [`TreeError::Corruption`].
    pub fn entries(self, mut each: impl FnMut(usize, LeafEntry<'_>)) -> Result<(), TreeError> {
        let mut leaves = self.leaves.into_iter();
        let mut walk = Walk { cursor: None, leaf: None };
        for piece in &self.pieces {
            if walk.is_elsewhere(piece)
                && let (Some(place), Some(leaf)) = (piece.leaf, leaves.next())
            {
                walk.leaf = Some((place, leaf));
            }
            walk.piece(&self.version, piece, &mut each)?;
        }
        Ok(())
    }
}

/// The pieces of prefixes, one for each leaf that the range of a prefix touches.
struct Pieces<'a> {
    version: &'a Version,
    prefixes: &'a [Prefix],
    /// The prefix that is next, or under way.
    at: usize,
    /// Where the rest of a prefix under way begins, and how many pieces it had.
    next: Option<(Key, usize)>,
    /// The leaf of the last piece: neighbours often lie in the same one.
    spot: Option<Spot>,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let (prefix, of) = (self.at, self.prefixes.get(self.at)?);
        let (low, before) = self.next.take().unwrap_or((of.first_key(), 0));
        let is_in = |spot: &Spot| spot.low <= low && spot.high.is_none_or(|high| low < high);
        if !self.spot.as_ref().is_some_and(is_in) {
            self.spot = self.version.index.locate(&low);
        }
        let (high, end) = (self.spot.and_then(|spot| spot.high), of.end());
        let rest = high.filter(|high| end.is_none_or(|end| *high < end));
        match rest {
            Some(high) => self.next = Some((high, before + 1)),
            None => self.at += 1,
        }
        let leaf = self.spot.map(|spot| spot.leaf);
        Some(Piece { prefix, leaf, low, end: rest.or(end), is_second: before == 1 })
    }
}

/// Where the pieces have come to: they mostly go forward.
struct Walk {
    /// Over the buffer, with the key up to which it has gone.
    cursor: Option<(Cursor, Key)>,
    leaf: Option<(PageRef, Arc<LeafPage>)>,
}

impl Walk {
    /// Takes the leaf of a piece from the stream, if it is another one than that of the piece before.
    fn enter(&mut self, piece: &Piece, leaves: &mut LeafStream<'_>) -> Result<(), TreeError> {
        if let Some(place) = piece.leaf.filter(|_| self.is_elsewhere(piece)) {
            let (leaf, _) = leaves.next_leaf()?;
            self.leaf = Some((place, leaf));
        }
        Ok(())
    }

    /// Whether a piece is in another leaf than the one before.
    fn is_elsewhere(&self, piece: &Piece) -> bool {
        let at = self.leaf.as_ref().map(|(at, _)| at);
        piece.leaf.as_ref().is_some_and(|place| Some(place) != at)
    }

    fn piece(
        &mut self,
        version: &Version,
        piece: &Piece,
        each: &mut impl FnMut(usize, LeafEntry<'_>),
    ) -> Result<(), TreeError> {
        let mut cursor = match self.cursor.take() {
            Some((mut cursor, passed)) if passed <= piece.low => {
                cursor.seek(&piece.low);
                cursor
            }
            _ => Cursor::new(version.buffer.runs(), &piece.low),
        };
        let leaf = self.leaf.as_ref().map(|(_, leaf)| &**leaf);
        let end = piece.end.as_ref();
        let cells = leaf.map_or(0..0, |leaf| leaf.cells_in(&piece.low, end));
        merged::for_each(leaf, cells, &mut cursor, end, |cursor, place| {
            match (place, leaf) {
                (Place::Cells(cells), Some(leaf)) => {
                    for (key, value) in leaf.part(cells).cells() {
                        each(piece.prefix, cell_entry(key, value));
                    }
                }
                (Place::Cells(_), None) => {}
                (Place::Change(entry), _) => {
                    let entry = change_entry(entry.key, cursor.value(&entry));
                    entry.into_iter().for_each(|entry| each(piece.prefix, entry));
                }
            }
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
            LeafEntry { key, value_len: value.len(), value: EntryValue::Hash(*hash) }
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
