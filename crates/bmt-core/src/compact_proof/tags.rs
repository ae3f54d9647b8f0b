//! Reading a compact proof node by node.
#![deny(clippy::indexing_slicing)]

use super::{COMPACT_PROOF_VERSION, CompactProofError};
use crate::bits::bit_at;
use crate::gray_paper::GrayPaper;
use crate::key::{Key, StateKey};
use crate::outline::Position;
use crate::scheme::{EMPTY_ROOT, Hash, LeafValue, Scheme};

const KEY_BITS: usize = 8 * StateKey::LEN;
/// The form of a raw leaf with its value's hash.
const HASHED: u8 = 33;

/// The nodes' tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Branch = 0,
    Hash = 1,
    Known = 2,
    Raw = 3,
}

/// The lengths of a proof's sections. Bytes that were laid out are in their one form, as far as that
/// does not depend on the entries beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Layout {
    tag_count: usize,
    hash_count: usize,
    key_bits: usize,
}

/// Where reading stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor {
    position: Position,
    ended: bool,
    tag_index: usize,
    hash_index: usize,
    key_bit: usize,
    raw_index: usize,
    value_offset: usize,
}

/// A node of a compact proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Branch,
    Hash(Hash),
    Known,
    Raw { key: StateKey, preimage: [u8; 64] },
}

/// The sections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sections<'a> {
    tags: &'a [u8],
    hashes: &'a [u8],
    keys: &'a [u8],
    values: &'a [u8],
    total: usize,
}

impl Cursor {
    pub(super) fn start() -> Self {
        Self {
            position: Position::TOP,
            ended: false,
            tag_index: 0,
            hash_index: 0,
            key_bit: 0,
            raw_index: 0,
            value_offset: 0,
        }
    }

    /// Where the next node stands, or `None` after the last one.
    pub(super) fn position(&self) -> Option<Position> {
        (!self.ended).then_some(self.position)
    }

    fn advance(&mut self, tag: Tag) {
        let next = match tag {
            Tag::Branch => Some(self.position.left()),
            _ => self.position.after(),
        };
        match next {
            Some(position) => self.position = position,
            None => self.ended = true,
        }
        self.tag_index += 1;
    }
}

fn tag_at(tags: &[u8], index: usize) -> Tag {
    match (bit_at(tags, 2 * index), bit_at(tags, 2 * index + 1)) {
        (false, false) => Tag::Branch,
        (false, true) => Tag::Hash,
        (true, false) => Tag::Known,
        (true, true) => Tag::Raw,
    }
}

impl Layout {
    pub(super) fn of(bytes: &[u8]) -> Result<Self, CompactProofError> {
        let found = bytes.len();
        let (first, rest) =
            bytes.split_first().ok_or(CompactProofError::Truncated { needed: 1, found })?;
        if *first != COMPACT_PROOF_VERSION {
            let (found, supported) = (*first, COMPACT_PROOF_VERSION);
            return Err(CompactProofError::UnsupportedVersion { found, supported });
        }
        let layout = Self::measure(rest)?;
        let needed = layout.values_at();
        if needed > found {
            return Err(CompactProofError::Truncated { needed, found });
        }
        let sections = layout.sections(bytes);
        let pads = |bytes: &[u8], used: usize| (used..8 * bytes.len()).any(|at| bit_at(bytes, at));
        if pads(sections.tags, 2 * layout.tag_count) || pads(sections.keys, layout.key_bits) {
            return Err(CompactProofError::Padding);
        }
        let mut cursor = Cursor::start();
        check(&sections, &mut cursor, 0)?;
        match sections.values.len() - cursor.value_offset {
            0 => Ok(layout),
            count => Err(CompactProofError::TrailingBytes { count }),
        }
    }

    /// Lays out bytes that this crate has just written.
    pub(super) fn of_own(bytes: &[u8]) -> Self {
        debug_assert_eq!(Self::of(bytes).err(), None, "a prover writes one form");
        match Self::measure(bytes.get(1..).unwrap_or_default()) {
            Ok(layout) => layout,
            Err(error) => unreachable!("a prover writes a tag for each node: {error}"),
        }
    }

    /// Counts nodes until no subtrie is owed.
    fn measure(tags: &[u8]) -> Result<Self, CompactProofError> {
        let mut layout = Self::default();
        let mut cursor = Cursor::start();
        while let Some(position) = cursor.position() {
            let needed = 2 + 2 * cursor.tag_index / 8;
            if needed > tags.len() + 1 {
                return Err(CompactProofError::Truncated { needed, found: tags.len() + 1 });
            }
            let tag = tag_at(tags, cursor.tag_index);
            match tag {
                Tag::Branch if position.depth() >= KEY_BITS => {
                    return Err(CompactProofError::TooDeep { max: KEY_BITS });
                }
                Tag::Hash => layout.hash_count += 1,
                Tag::Raw => layout.key_bits += KEY_BITS - position.depth(),
                Tag::Branch | Tag::Known => {}
            }
            cursor.advance(tag);
        }
        layout.tag_count = cursor.tag_index;
        Ok(layout)
    }

    fn hashes_at(&self) -> usize {
        1 + (2 * self.tag_count).div_ceil(8)
    }

    fn values_at(&self) -> usize {
        self.hashes_at() + 32 * self.hash_count + self.key_bits.div_ceil(8)
    }

    pub(super) fn sections<'a>(&self, bytes: &'a [u8]) -> Sections<'a> {
        let (hashes_at, values_at) = (self.hashes_at(), self.values_at());
        let keys_at = hashes_at + 32 * self.hash_count;
        Sections {
            tags: bytes.get(1..hashes_at).unwrap_or_default(),
            hashes: bytes.get(hashes_at..keys_at).unwrap_or_default(),
            keys: bytes.get(keys_at..values_at).unwrap_or_default(),
            values: bytes.get(values_at..).unwrap_or_default(),
            total: bytes.len(),
        }
    }
}

impl Sections<'_> {
    /// The next node; the cursor moves past it. Not to be called after the last one.
    pub(super) fn next(&self, cursor: &mut Cursor) -> Result<Shown, CompactProofError> {
        let tag = tag_at(self.tags, cursor.tag_index);
        let shown = match tag {
            Tag::Branch => Shown::Branch,
            Tag::Known => Shown::Known,
            Tag::Hash => self.next_hash(cursor)?,
            Tag::Raw => self.next_raw(cursor)?,
        };
        cursor.advance(tag);
        Ok(shown)
    }

    fn next_hash(&self, cursor: &mut Cursor) -> Result<Shown, CompactProofError> {
        let index = cursor.hash_index;
        cursor.hash_index += 1;
        let mut hash = EMPTY_ROOT;
        let source = self.hashes.iter().skip(32 * index);
        hash.iter_mut().zip(source).for_each(|(to, from)| *to = *from);
        if hash == EMPTY_ROOT {
            return Err(CompactProofError::ZeroHash { index });
        }
        if cursor.position.is_left() && bit_at(&hash, 0) {
            return Err(CompactProofError::LeftHashBit { index });
        }
        Ok(Shown::Hash(hash))
    }

    fn next_raw(&self, cursor: &mut Cursor) -> Result<Shown, CompactProofError> {
        let mut bytes = cursor.position.low();
        for bit in cursor.position.depth()..KEY_BITS {
            let is_set = bit_at(self.keys, cursor.key_bit);
            if let Some(byte) = bytes.get_mut(bit / 8).filter(|_| is_set) {
                *byte |= 0x80 >> (bit % 8);
            }
            cursor.key_bit += 1;
        }
        let key = StateKey::truncate(bytes);
        let (index, left) = (cursor.raw_index, self.values.get(cursor.value_offset..));
        cursor.raw_index += 1;
        let left = left.unwrap_or_default();
        let early = |more: usize| {
            let needed = self.total - left.len() + more;
            CompactProofError::Truncated { needed, found: self.total }
        };
        let (form, rest) = left.split_first().ok_or_else(|| early(1))?;
        let length = match *form {
            HASHED => 32,
            form if form < HASHED => usize::from(form),
            found => return Err(CompactProofError::ValueForm { index, found }),
        };
        let data = rest.get(..length).ok_or_else(|| early(1 + length))?;
        cursor.value_offset += 1 + length;
        let mut hash = EMPTY_ROOT;
        let value = match *form {
            HASHED => {
                hash.copy_from_slice(data);
                LeafValue::Hashed(&hash)
            }
            _ => LeafValue::Bytes(data),
        };
        Ok(Shown::Raw { key, preimage: GrayPaper::leaf_preimage(&key, value) })
    }
}

/// Checks the nodes of one subtrie, and that each branch is one that a prover opens, whatever the
/// entries.
fn check(
    sections: &Sections<'_>,
    cursor: &mut Cursor,
    depth: usize,
) -> Result<Shown, CompactProofError> {
    let shown = sections.next(cursor)?;
    if shown == Shown::Branch {
        let left = check(sections, cursor, depth + 1)?;
        let right = check(sections, cursor, depth + 1)?;
        if matches!((left, right), (Shown::Hash(_), Shown::Hash(_)) | (Shown::Known, Shown::Known))
        {
            return Err(CompactProofError::NeedlessBranch { depth });
        }
    }
    Ok(shown)
}
