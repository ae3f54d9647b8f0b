//! Page images: golden bytes, round trips, and images that must be refused (INV-MK-06).

use super::decode::{Expected, decode};
use super::draft::PageDraft;
use super::encode::{TrieName, image, image_checksum};
use super::handle::PageHandle;
use super::{StepId, page_id};
use crate::bits::Prefix;
use crate::build::freeze::body_of;
use crate::error::PageDamage;
use crate::page::body::Body;
use crate::root_page::RootPage;
use crate::upper::UpperWave;
use bmt_core::{GrayPaper, Scheme, StateKey};
use std::sync::Arc;

const NAME: TrieName = TrieName { trie_id: 5, scheme_id: GrayPaper::ID };
const BIRTH: StepId = StepId { generation: 2, counter: 3 };

fn expected(prefix: &Prefix<StateKey>) -> Expected<'_, StateKey> {
    Expected { name: NAME, prefix, birth: BIRTH, checksum: None }
}

/// The image of a page with some entries and children, over 12 bits of key.
fn sample() -> (Prefix<StateKey>, Vec<u8>) {
    let prefix = Prefix::new(&StateKey::new([0x80; 31]), 2);
    let body = sample_body(prefix);
    let page = PageHandle::born(prefix, BIRTH, items_bytes(&body), Arc::new(body));
    let Some(body) = page.body() else { panic!("a page just made is in memory") };
    (prefix, image(NAME, &page, &body))
}

fn key(bytes: [u8; 2]) -> StateKey {
    let mut all = [0; 31];
    all[..2].copy_from_slice(&bytes);
    StateKey::new(all)
}

fn sample_draft(prefix: Prefix<StateKey>) -> PageDraft<StateKey> {
    use super::cost::Item;
    use super::draft::{ChildDraft, IndexSet};
    use super::outline::Outline;
    use bmt_core::NodeKind;
    let keys = vec![key([0x80, 0]), key([0xa0, 0]), key([0xb0, 0x40]), key([0xb8, 0])];
    let outline = Outline::new(2, keys, vec![3, 4, 12, 5]);
    let place = Prefix::new(&key([0xb0, 0x40]), 12);
    let child = PageHandle::stored(place, BIRTH, [3; 32], 2000, 77);
    let mut all = IndexSet::default();
    (0..3).for_each(|inner| all.insert(inner));
    let mut dirty_items = IndexSet::default();
    dirty_items.insert(2);
    PageDraft {
        prefix,
        outline: Arc::new(outline),
        items: vec![
            Item::Entry { kind: NodeKind::Leaf, weight: 66 },
            Item::Entry { kind: NodeKind::Branch, weight: 600 },
            Item::Page { child: 0 },
            Item::Entry { kind: NodeKind::Leaf, weight: 7000 },
        ],
        hashes: [[1; 32], [2; 32], [0; 32], [4; 32]].into_iter().chain([[0; 32]; 3]).collect(),
        children: vec![ChildDraft::Kept(child)],
        dirty_items,
        dirty_inner: all,
        new_entries: IndexSet::default(),
        merged: Vec::new(),
        items_bytes: 0,
    }
}

fn sample_body(prefix: Prefix<StateKey>) -> Body<StateKey> {
    let mut drafts = [sample_draft(prefix)];
    UpperWave::<GrayPaper>::new().hash_pages(&mut drafts, &[]);
    let [draft] = drafts;
    body_of(draft, &[], &Arc::default())
}

/// 5 + 5 + 6 + 6 bytes in the stream, a hash each, one child.
fn items_bytes(body: &Body<StateKey>) -> u16 {
    assert_eq!((body.items.len(), body.children.len()), (4, 1));
    22 + 4 * 32 + 24
}

#[test]
fn the_image_is_golden() {
    let (prefix, image) = sample();
    let mut golden = Vec::new();
    golden.extend(*b"bmt.merk");
    golden.extend(image_checksum(&image).to_le_bytes());
    golden.extend([1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]);
    golden.extend(GrayPaper::ID.to_le_bytes());
    golden.extend([2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    golden.extend([2, 0, 4, 0, 1, 0, 22, 0]);
    golden.push(0b1000_0000);
    golden.extend([0, 1, 0x00, 0x88, 0x02]); // leaf of 66 at 100
    golden.extend([0, 2, 0x80, 0xe1, 0x12]); // branch of 600 at 1010
    golden.extend([1, 9, 0x82, 0x00, 0xc2, 0x3e]); // page of 2000 bytes at 101100000100
    golden.extend([2, 1, 0x80, 0xe0, 0xda, 0x01]); // leaf of 7000 at 10111
    (1..=4).for_each(|byte| golden.extend([byte; 32]));
    golden.extend([2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    golden.extend([77, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(image, golden);
    assert_eq!(page_id(5, &prefix, BIRTH)[..8], GOLDEN_ID);
    assert_eq!(image_checksum(&image), GOLDEN_CHECKSUM);
}

const GOLDEN_ID: [u8; 8] = [139, 46, 62, 111, 132, 57, 199, 138];
const GOLDEN_CHECKSUM: u64 = 5_989_061_410_729_508_695;

#[test]
fn an_image_gives_the_same_page_again() {
    let (prefix, bytes) = sample();
    let mut drafts = [decode(&bytes, &expected(&prefix)).unwrap()];
    UpperWave::<GrayPaper>::new().hash_pages(&mut drafts, &[]);
    let [draft] = drafts;
    let size = draft.items_bytes;
    let body = body_of(draft, &[], &Arc::default());
    let original = sample_body(prefix);
    assert_eq!(body.hash(), original.hash());
    assert_eq!(body.hashes, original.hashes);
    let page = PageHandle::born(prefix, BIRTH, size, Arc::new(body));
    let Some(body) = page.body() else { panic!("a page just made is in memory") };
    assert_eq!(image(NAME, &page, &body), bytes);
}

#[test]
fn any_changed_bit_is_damage() {
    let (prefix, good) = sample();
    for bit in 0..8 * good.len() {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&bad, &expected(&prefix)).is_err(), "bit {bit}");
    }
}

#[test]
fn bytes_that_are_whole_and_wrong_are_refused_or_have_one_meaning() {
    let (prefix, good) = sample();
    for bit in 8 * 16..8 * good.len() {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let checksum = image_checksum(&bad);
        bad[8..16].copy_from_slice(&checksum.to_le_bytes());
        let Ok(draft) = decode(&bad, &expected(&prefix)) else { continue };
        // Weights, kinds, hashes and children may be anything; all else is determined by the rest.
        let mut drafts = [draft];
        UpperWave::<GrayPaper>::new().hash_pages(&mut drafts, &[]);
        let [draft] = drafts;
        let size = draft.items_bytes;
        let body = Arc::new(body_of(draft, &[], &Arc::default()));
        let page = PageHandle::born(prefix, BIRTH, size, Arc::clone(&body));
        assert_eq!(image(NAME, &page, &body), bad, "bit {bit}");
    }
    for length in 0..good.len() {
        assert!(decode(&good[..length], &expected(&prefix)).is_err());
    }
}

#[test]
fn an_image_of_something_else_is_refused() {
    let (prefix, good) = sample();
    let refused = |expected: &Expected<'_, StateKey>| decode(&good, expected).err();
    let mut other = expected(&prefix);
    other.checksum = Some(1);
    assert!(matches!(refused(&other), Some(PageDamage::OtherImage { expected: 1, .. })));
    let mut other = expected(&prefix);
    other.birth.counter += 1;
    assert_eq!(refused(&other), Some(PageDamage::Other("birth")));
    let mut other = expected(&prefix);
    other.name.trie_id += 1;
    assert_eq!(refused(&other), Some(PageDamage::Other("trie or scheme")));
    let elsewhere = Prefix::new(&StateKey::MIN, 2);
    assert_eq!(refused(&expected(&elsewhere)), Some(PageDamage::Other("prefix")));
    let root = RootPage { root: [0; 32], birth: BIRTH, checksum: 1, items_bytes: 0 };
    assert_eq!(root.handle::<GrayPaper>().prefix().bits(), 0);
}
