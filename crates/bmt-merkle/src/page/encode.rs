//! Writing the image of a page.

use super::StepId;
use super::body::Body;
use super::cost::{CHILD_BYTES, HEADER_BYTES, Item, entry_tag, page_tag};
use super::handle::PageHandle;
use crate::bits::{shared_bits, stored_bits};
use crate::frontier::put_bits;
use crate::varint::put_varint;
use bmt_core::Key;
use twox_hash::XxHash3_64;

pub(crate) const MAGIC: [u8; 8] = *b"bmt.merk";
pub(crate) const VERSION: u32 = 1;
pub(crate) const CHECKSUM_SEED: u64 = 0x6d65_726b_0000_0001;

/// What an image says of its trie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TrieName {
    pub(crate) trie_id: u32,
    pub(crate) scheme_id: u32,
}

/// The checksum of an image: of everything behind it.
pub(crate) fn image_checksum(image: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(CHECKSUM_SEED, image.get(16..).unwrap_or_default())
}

/// The image of a page. The checksums of its children must be known.
pub(crate) fn image<K: Key>(name: TrieName, page: &PageHandle<K>, body: &Body<K>) -> Vec<u8> {
    let stream = item_stream(page, body);
    // An image may be kept for a while: no more than it needs.
    let rest = 32 * body.items.len() + CHILD_BYTES * body.children.len();
    let mut out = Vec::with_capacity(HEADER_BYTES + 32 + stream.len() + rest);
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend_from_slice(&0_u32.to_le_bytes());
    out.extend_from_slice(&name.trie_id.to_le_bytes());
    out.extend_from_slice(&name.scheme_id.to_le_bytes());
    put_birth(&mut out, page.birth());
    for count in [page.prefix().bits(), body.items.len(), body.children.len(), stream.len()] {
        out.extend_from_slice(&count_u16(count).to_le_bytes());
    }
    assert_eq!(out.len(), HEADER_BYTES, "the header has its length");
    put_bits(&mut out, page.prefix().first_key(), 0, page.prefix().bits());
    out.extend_from_slice(&stream);
    for (item, hash) in body.hashes[..body.items.len()].iter().enumerate() {
        out.extend_from_slice(body.child(item).map_or(hash, |child| child.hash()));
    }
    for child in &body.children {
        let Some(checksum) = child.checksum.get() else {
            unreachable!("children are encoded before their parents")
        };
        put_birth(&mut out, child.birth());
        out.extend_from_slice(&checksum.to_le_bytes());
    }
    assert!(out.len() <= super::PAGE_BYTES_MAX, "a page fits its image");
    let items_bytes = stream.len() + 32 * body.items.len() + CHILD_BYTES * body.children.len();
    assert_eq!(items_bytes, usize::from(page.items_bytes()), "the size of the items is known");
    let checksum = image_checksum(&out);
    out[8..16].copy_from_slice(&checksum.to_le_bytes());
    out
}

fn put_birth(out: &mut Vec<u8>, birth: StepId) {
    out.extend_from_slice(&birth.generation.to_le_bytes());
    out.extend_from_slice(&birth.counter.to_le_bytes());
}

fn count_u16(count: usize) -> u16 {
    match u16::try_from(count) {
        Ok(count) => count,
        Err(_) => unreachable!("a page has at most 4032 bytes"),
    }
}

/// Prefixes, kinds and weights of the items.
fn item_stream<K: Key>(page: &PageHandle<K>, body: &Body<K>) -> Vec<u8> {
    let mut out = Vec::with_capacity(6 * body.items.len());
    let page_bits = page.prefix().bits();
    for (at, item) in body.items.iter().enumerate() {
        let key = &body.outline.keys[at];
        let bits = usize::from(body.outline.bits[at]);
        let shared = match at.checked_sub(1) {
            Some(before) => shared_bits(&body.outline.keys[before], key),
            None => page_bits,
        };
        put_varint(&mut out, u32::from(stored_bits(shared - page_bits)));
        put_varint(&mut out, u32::from(stored_bits(bits - shared)));
        put_bits(&mut out, key, shared, bits);
        let tag = match *item {
            Item::Entry { kind, weight } => entry_tag(kind, weight),
            Item::Page { child } => page_tag(body.children[child as usize].items_bytes()),
        };
        put_varint(&mut out, tag);
    }
    out
}
