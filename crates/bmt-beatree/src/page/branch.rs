//! A branch page: the separators and the places of its children.
//!
//! # Format
//! `docs/format/beatree.md`, "Branch page".

use super::{NODE_HEADER_BYTES, PageKind, PageRef, Seal};
use crate::cut::Pieces;
use crate::error::Damage;
use crate::key::{Key, separator_bits, separator_bytes, shared_bytes};
use crate::little_endian::{is_zero, put, u16_at, u32_at, u64_at};
use crate::page::leaf::encode::u16_of;
use crate::units::PAGE_SIZE;

/// Bytes of a child: page and checksum.
const CHILD_BYTES: usize = 12;
/// Bytes of a child and the offset of its separator.
const CHILD_FIXED_BYTES: usize = CHILD_BYTES + 2;

/// The highest level of a branch page.
pub(crate) const LEVEL_MAX: u8 = 12;

/// A child and the separator under which it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) separator: Key,
    pub(crate) place: PageRef,
}

/// What a branch page says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Branch {
    pub(crate) level: u8,
    pub(crate) children: Vec<Child>,
}

/// Things under separators, on their way into branch pages.
pub(crate) struct Separators<'a, T>(pub(crate) &'a [(Key, T)]);

impl<T> Pieces for Separators<'_, T> {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn bytes(&self, index: usize) -> usize {
        CHILD_FIXED_BYTES + separator_bytes(&self.0[index].0)
    }

    fn prefix_max(&self, index: usize) -> usize {
        separator_bytes(&self.0[index].0)
    }

    fn shared_bytes(&self, index: usize) -> usize {
        shared_bytes(&self.0[index - 1].0, &self.0[index].0)
    }

    fn boundary_bits(&self, index: usize) -> u16 {
        separator_bits(&self.0[index].0)
    }
}

/// Bytes that all separators share, and none is shorter than.
fn prefix_len(children: &[Child]) -> usize {
    let shortest = children.iter().map(|child| separator_bytes(&child.separator)).min();
    let (Some(first), Some(last)) = (children.first(), children.last()) else { return 0 };
    shared_bytes(&first.separator, &last.separator).min(shortest.unwrap_or_default())
}

/// Writes a branch page.
///
/// # Panics
/// When there are no children, or they do not fit.
pub(crate) fn encode(
    seal: Seal,
    page: u32,
    level: u8,
    children: &[Child],
    bytes: &mut [u8],
) -> PageRef {
    assert!(!children.is_empty() && (1..=LEVEL_MAX).contains(&level), "a branch page");
    let prefix_len = prefix_len(children);
    put(bytes, NODE_HEADER_BYTES, &children[0].separator[..prefix_len]);
    let mut child_at = NODE_HEADER_BYTES + prefix_len;
    let mut offset_at = child_at + children.len() * CHILD_BYTES;
    let mut suffix_at = offset_at + children.len() * 2;
    for Child { separator, place } in children {
        put(bytes, child_at, &place.page.to_le_bytes());
        put(bytes, child_at + 4, &place.checksum.to_le_bytes());
        child_at += CHILD_BYTES;
        put(bytes, offset_at, &u16_of(suffix_at).to_le_bytes());
        offset_at += 2;
        let suffix = &separator[prefix_len..separator_bytes(separator)];
        put(bytes, suffix_at, suffix);
        suffix_at += suffix.len();
    }
    bytes[suffix_at..PAGE_SIZE].fill(0);
    put(bytes, 16, &u16_of(children.len()).to_le_bytes());
    put(bytes, 18, &prefix_len.to_le_bytes()[..1]);
    put(bytes, 19, &[level]);
    put(bytes, 20, &u16_of(suffix_at).to_le_bytes());
    put(bytes, 22, &[0, 0]);
    seal.close(PageKind::Branch, page, bytes)
}

/// Verifies and reads a branch page.
pub(crate) fn open(seal: Seal, place: PageRef, bytes: &[u8]) -> Result<Branch, Damage> {
    seal.verify(PageKind::Branch, place, bytes)?;
    parse(bytes)
}

/// Reads a branch page whose checksum is right.
fn parse(bytes: &[u8]) -> Result<Branch, Damage> {
    let damage = Damage::Layout("a branch page is one page");
    let field = |at| u16_at(bytes, at).map(usize::from).ok_or(damage);
    let (count, end) = (field(16)?, field(20)?);
    let (prefix_len, level) = (usize::from(*bytes.get(18).ok_or(damage)?), bytes[19]);
    if count == 0 || prefix_len > 32 || !(1..=LEVEL_MAX).contains(&level) || field(22)? != 0 {
        return Err(Damage::Layout("counts of a branch page"));
    }
    let children_at = NODE_HEADER_BYTES + prefix_len;
    let offsets_at = children_at + count * CHILD_BYTES;
    let suffixes_at = offsets_at + count * 2;
    let rest = bytes.get(end..PAGE_SIZE).filter(|rest| is_zero(rest));
    if suffixes_at > end || rest.is_none() {
        return Err(Damage::Layout("end of a branch page"));
    }
    let mut children: Vec<Child> = Vec::with_capacity(count);
    let mut start = suffixes_at;
    for index in 0..count {
        let next = if index + 1 < count { field(offsets_at + 2 * index + 2)? } else { end };
        let suffix = bytes.get(start..next).filter(|suffix| suffix.len() <= 32 - prefix_len);
        let in_place = field(offsets_at + 2 * index)? == start && next <= end;
        let suffix = suffix.filter(|_| in_place).ok_or(Damage::Layout("place of a separator"))?;
        let mut separator = [0; 32];
        separator[..prefix_len].copy_from_slice(&bytes[NODE_HEADER_BYTES..children_at]);
        separator[prefix_len..prefix_len + suffix.len()].copy_from_slice(suffix);
        if separator_bytes(&separator) != prefix_len + suffix.len() {
            return Err(Damage::Layout("a separator does not end with a 1 (INV-BT-06)"));
        }
        if children.last().is_some_and(|last| last.separator >= separator) {
            return Err(Damage::Layout("separators do not ascend (INV-BT-05)"));
        }
        let at = children_at + index * CHILD_BYTES;
        let (page, checksum) = (u32_at(bytes, at), u64_at(bytes, at + 4));
        let place = PageRef {
            page: page.filter(|page| *page > 0).ok_or(Damage::Layout("page of a child"))?,
            checksum: checksum.ok_or(damage)?,
        };
        children.push(Child { separator, place });
        start = next;
    }
    Ok(Branch { level, children })
}

#[cfg(test)]
mod tests;
