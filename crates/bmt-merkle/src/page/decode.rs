//! Reading the image of a page: everything is validated, then its hashes are recomputed.
#![deny(clippy::indexing_slicing)]

use super::cost::{HEADER_BYTES, ITEM_COUNT_MAX, Item, Tag, read_tag};
use super::draft::{ChildDraft, IndexSet, PageDraft};
use super::encode::{MAGIC, TrieName, VERSION, image_checksum};
use super::handle::PageHandle;
use super::outline::{Outline, hash_count};
use super::{PAGE_BYTES_MAX, StepId};
use crate::bits::{Prefix, bit_at, key_of, shared_bits, stored_bits};
use crate::error::PageDamage;
use crate::frontier::take_bits;
use crate::varint::Reader;
use bmt_core::{EMPTY_ROOT, Hash, Key};
use std::sync::Arc;

/// What the one who asks for a page knows of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a, K> {
    pub(crate) name: TrieName,
    pub(crate) prefix: &'a Prefix<K>,
    pub(crate) birth: StepId,
    pub(crate) checksum: Option<u64>,
}

/// The page that an image holds; its branches are all to be hashed.
pub(crate) fn decode<K: Key>(
    image: &[u8],
    expected: &Expected<'_, K>,
) -> Result<PageDraft<K>, PageDamage> {
    let mut reader = Reader::new(image);
    let [item_count, child_count, stream_bytes] = header(&mut reader, image, expected)?;
    let short = PageDamage::Layout("the image is shorter than its counts say");
    let stream = reader.bytes(usize::from(stream_bytes)).ok_or(short)?;
    let items = items(stream, usize::from(item_count), expected.prefix)?;
    // With the room that the branches' hashes take, so that memory is what it is counted as.
    let mut hashes = Vec::with_capacity(hash_count(items.len()));
    for _ in 0..item_count {
        hashes.push(reader.array().ok_or(short)?);
    }
    let mut named = Vec::new();
    for _ in 0..child_count {
        let birth = birth(&mut reader).ok_or(short)?;
        named.push((birth, reader.u64().ok_or(short)?));
    }
    if !reader.is_at_end() {
        return Err(PageDamage::Layout("bytes follow the children"));
    }
    let items_bytes = usize::from(stream_bytes) + 32 * items.len() + 24 * named.len();
    let items_bytes = u16::try_from(items_bytes).map_err(|_| PageDamage::Layout("size"))?;
    assemble(*expected.prefix, items, hashes, &named, items_bytes)
}

/// The counts of items, children, and bytes of the item stream.
fn header<K: Key>(
    reader: &mut Reader<'_>,
    image: &[u8],
    expected: &Expected<'_, K>,
) -> Result<[u16; 3], PageDamage> {
    let short = PageDamage::Layout("the image is shorter than its header");
    if reader.array() != Some(MAGIC) {
        return Err(PageDamage::Magic);
    }
    if image.len() < HEADER_BYTES || image.len() > PAGE_BYTES_MAX {
        return Err(PageDamage::Layout("the length of the image"));
    }
    let stored = reader.u64().ok_or(short)?;
    let computed = image_checksum(image);
    if stored != computed {
        return Err(PageDamage::Checksum { stored, computed });
    }
    if let Some(wanted) = expected.checksum.filter(|wanted| *wanted != stored) {
        return Err(PageDamage::OtherImage { expected: wanted, found: stored });
    }
    let (version, features) = (reader.u32().ok_or(short)?, reader.u32().ok_or(short)?);
    if version != VERSION || features != 0 {
        return Err(PageDamage::Unsupported { version, features });
    }
    let name =
        TrieName { trie_id: reader.u32().ok_or(short)?, scheme_id: reader.u32().ok_or(short)? };
    if name != expected.name {
        return Err(PageDamage::Other("trie or scheme"));
    }
    if birth(reader) != Some(expected.birth) {
        return Err(PageDamage::Other("birth"));
    }
    let prefix_bits = usize::from(reader.u16().ok_or(short)?);
    let counts = [(); 3].map(|()| reader.u16().unwrap_or_default());
    let packed = reader.bytes(prefix_bits.div_ceil(8)).ok_or(short)?;
    let key = take_bits::<K>(&key_of(&EMPTY_ROOT), packed, 0, prefix_bits);
    match key.filter(|key| Prefix::of_parts(*key, stored_bits(prefix_bits)) == *expected.prefix) {
        Some(_) => Ok(counts),
        None => Err(PageDamage::Other("prefix")),
    }
}

fn birth(reader: &mut Reader<'_>) -> Option<StepId> {
    Some(StepId { generation: reader.u64()?, counter: reader.u64()? })
}

/// The items of a stream: prefixes in strictly ascending order, none the beginning of another.
fn items<K: Key>(
    stream: &[u8],
    count: usize,
    page: &Prefix<K>,
) -> Result<Vec<(Prefix<K>, Tag)>, PageDamage> {
    if count > ITEM_COUNT_MAX {
        return Err(PageDamage::Layout("the number of items"));
    }
    let mut reader = Reader::new(stream);
    let mut items: Vec<(Prefix<K>, Tag)> = Vec::with_capacity(count);
    for _ in 0..count {
        let before = items.last().map(|(prefix, _)| *prefix);
        let damage = PageDamage::Layout("an item's prefix");
        let prefix = item_prefix(&mut reader, page, before).ok_or(damage)?;
        let tag = reader.varint().and_then(read_tag);
        items.push((prefix, tag.ok_or(PageDamage::Layout("an item's kind or weight"))?));
    }
    match reader.is_at_end() {
        true => Ok(items),
        false => Err(PageDamage::Layout("bytes follow the items")),
    }
}

fn item_prefix<K: Key>(
    reader: &mut Reader<'_>,
    page: &Prefix<K>,
    before: Option<Prefix<K>>,
) -> Option<Prefix<K>> {
    let shared = page.bits() + usize::try_from(reader.varint()?).ok()?;
    let count = usize::try_from(reader.varint()?).ok()?;
    if shared.max(count) > 8 * K::LEN {
        return None;
    }
    let packed = reader.bytes(count.div_ceil(8))?;
    let base = before.as_ref().unwrap_or(page);
    let key = take_bits(base.first_key(), packed, shared, count)?;
    let prefix = Prefix::of_parts(key, stored_bits(shared + count));
    let Some(before) = before else { return (shared == page.bits()).then_some(prefix) };
    let parts = shared < before.bits()
        && shared_bits(before.first_key(), &key) == shared
        && bit_at(key.as_bytes(), shared);
    parts.then_some(prefix)
}

/// Puts the parts together and checks that every entry stands right below a branch.
fn assemble<K: Key>(
    prefix: Prefix<K>,
    parts: Vec<(Prefix<K>, Tag)>,
    mut hashes: Vec<Hash>,
    named: &[(StepId, u64)],
    items_bytes: u16,
) -> Result<PageDraft<K>, PageDamage> {
    let (keys, bits) = parts.iter().map(|(p, _)| (*p.first_key(), stored_bits(p.bits()))).unzip();
    let outline = Outline::new(prefix.bits(), keys, bits);
    let mut items = Vec::with_capacity(parts.len());
    let mut children = Vec::with_capacity(named.len());
    let mut dirty_items = IndexSet::default();
    for (at, ((place, tag), hash)) in parts.iter().zip(&hashes).enumerate() {
        let top = outline.tree.item_top(at, prefix.bits());
        match *tag {
            Tag::Entry { kind, weight } => {
                if place.bits() != top {
                    return Err(PageDamage::Layout("an entry is not right below a branch"));
                }
                items.push(Item::Entry { kind, weight });
            }
            Tag::Page { items_bytes } => {
                let count = children.len();
                let (birth, checksum) =
                    *named.get(count).ok_or(PageDamage::Layout("the number of children"))?;
                items.push(Item::Page { child: crate::bits::index_u32(count) });
                let child = PageHandle::stored(*place, birth, *hash, items_bytes, checksum);
                children.push(ChildDraft::Kept(child));
                dirty_items.insert(at);
            }
        }
    }
    if children.len() != named.len() {
        return Err(PageDamage::Layout("the number of children"));
    }
    let mut dirty_inner = IndexSet::default();
    (0..items.len().saturating_sub(1)).for_each(|inner| dirty_inner.insert(inner));
    hashes.resize(hash_count(items.len()), EMPTY_ROOT);
    Ok(PageDraft {
        prefix,
        outline: Arc::new(outline),
        items,
        hashes,
        children,
        dirty_items,
        dirty_inner,
        new_entries: IndexSet::default(),
        merged: Vec::new(),
        items_bytes,
    })
}
