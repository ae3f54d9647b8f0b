//! Reads the files of a database without the engine, and says what is not as the formats say.

use bmt_beatree::{Buffer, EntryValue, Tree, TreeOptions, cell_weight};
use bmt_bitbox::{Table, TableNames, TableOptions};
use bmt_core::{GrayPaper, Hash, LeafValue, Scheme, StateKey};
use bmt_io::SimDisk;
use bmt_io::slots::Slots;
use bmt_merkle::{
    LeafEntry, LeafSource, Merkle, MerkleOptions, PageId, PageSource, Prefix, RootPage, Shape,
    SourceError, StepId, Version,
};
use std::sync::Arc;

/// "MNF1".
const MANIFEST_KIND: u32 = 0x3146_4e4d;
const TREE_SALT: u64 = 0x7472_6565_0000_0001;

/// What the pages hold, as the manifest says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Audited {
    pub(crate) position: u64,
    pub(crate) pages_through: u64,
    pub(crate) root: Hash,
    pub(crate) key_count: u64,
}

/// Checks every page of both files, and the trie against the entries if the pages are of one commit.
pub(crate) fn audit(disk: &SimDisk) -> Result<Audited, String> {
    let text = |what: &str, error: &dyn std::fmt::Display| format!("audit, {what}: {error}");
    let directory = disk.directory();
    let (_, record) = Slots::open(&*directory, "MANIFEST", MANIFEST_KIND)
        .map_err(|error| text("manifest", &error))?;
    let bytes = &record.payload;
    if u64_at(bytes, 24) != 1 {
        return Err("audit: the database is not made".to_owned());
    }
    let salt = u64_at(bytes, 16);
    let audited = Audited {
        position: u64_at(bytes, 40),
        pages_through: u64_at(bytes, 56),
        root: bytes[64..96].try_into().unwrap(),
        key_count: u64_at(bytes, 136),
    };
    let meta = bmt_beatree::Meta::decode(&bytes[144..224]).map_err(|error| text("meta", &error))?;
    let options = TreeOptions::new(salt ^ TREE_SALT, GrayPaper::hash_value);
    let tree = Tree::open(Arc::clone(&directory), options, &meta);
    let (tree, index) = tree.map_err(|error| text("tree", &error))?;
    let report = tree.check(&index, |_, _| {}).map_err(|error| text("tree", &error))?;
    if let Some(finding) = report.findings.first() {
        return Err(text("tree", finding));
    }
    let names = TableNames::decode(&bytes[224..288]).map_err(|error| text("names", &error))?;
    let table = Table::recover(directory, &names, TableOptions::new(0));
    let table = table.map_err(|error| text("table", &error))?;
    let report = table.check(|_, _| {}).map_err(|error| text("table", &error))?;
    if let Some(problem) = report.problems.first() {
        return Err(text("table", problem));
    }
    if audited.position == audited.pages_through {
        let entries = bmt_beatree::Version::new(Buffer::new(), index);
        let page_count = check_trie(bytes, &table, &Entries(entries))?;
        if report.page_count != page_count {
            return Err(format!(
                "audit: {} pages in the table, {page_count} of the trie",
                report.page_count
            ));
        }
        if meta.counts().entries != audited.key_count {
            return Err(format!(
                "audit: {} entries, {} keys",
                meta.counts().entries,
                audited.key_count
            ));
        }
    }
    Ok(audited)
}

/// Compares the trie of the manifest with the entries; how many pages it has.
fn check_trie(manifest: &[u8], table: &Table, entries: &Entries) -> Result<u64, String> {
    let root: Hash = manifest[64..96].try_into().unwrap();
    if u32_at(manifest, 124) == 0 {
        return match root == [0; 32] {
            true => Ok(0),
            false => Err("audit: no root page, and a root".to_owned()),
        };
    }
    let page = RootPage {
        root,
        birth: StepId { generation: u64_at(manifest, 96), counter: u64_at(manifest, 104) },
        checksum: u64_at(manifest, 112),
        items_bytes: u16::try_from(u32_at(manifest, 120)).unwrap(),
    };
    let shape = Shape::new(0, u32_at(manifest, 128), cell_weight);
    let mut options = MerkleOptions::default();
    options.threads = 1;
    let merkle = Merkle::<GrayPaper>::new(shape, options).unwrap();
    let pages = Pages(table.pin());
    let report = merkle.check(&Version::stored(&page), &pages, entries);
    let report = report.map_err(|error| format!("audit, trie: {error}"))?;
    match report.differences.first() {
        Some(difference) => Err(format!("audit, trie: {difference:?}")),
        None => Ok(report.page_count as u64),
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

struct Pages(bmt_bitbox::Snapshot);

impl PageSource for Pages {
    fn pages(&self, ids: &[PageId], mut each: impl FnMut(usize, &[u8])) -> Result<(), SourceError> {
        for (at, page) in self.0.get_many(ids)?.into_iter().enumerate() {
            if let Some(page) = page {
                each(at, &page);
            }
        }
        Ok(())
    }
}

struct Entries(bmt_beatree::Version);

impl LeafSource<StateKey> for Entries {
    fn leaf_entries(
        &self,
        prefixes: &[Prefix<StateKey>],
        mut each: impl FnMut(usize, LeafEntry<'_, StateKey>),
    ) -> Result<(), SourceError> {
        let of_tree = |prefix: &Prefix<StateKey>| {
            let mut key = [0; 32];
            key[..31].copy_from_slice(&prefix.first_key().to_bytes());
            bmt_beatree::Prefix::new(key, u16::try_from(prefix.bits()).unwrap())
        };
        let prefixes: Vec<_> = prefixes.iter().map(of_tree).collect();
        self.0.leaf_entries(&prefixes, |at, entry| {
            assert_eq!(entry.key[31], 0, "keys of the scheme have 31 bytes");
            let value = match &entry.value {
                EntryValue::Bytes(bytes) => LeafValue::Bytes(bytes),
                EntryValue::Hash(hash) => LeafValue::Hashed(hash),
            };
            let key = StateKey::new(entry.key[..31].try_into().unwrap());
            each(at, LeafEntry { key, value_len: entry.value_len, value });
        })?;
        Ok(())
    }

    fn values(&self, _: &[StateKey]) -> Result<Vec<Option<Arc<[u8]>>>, SourceError> {
        Err("only witnesses ask for values".into())
    }
}
