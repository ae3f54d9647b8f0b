//! Each kind of damage gives a finding of its kind, and a sound database gives none.

use super::{CheckReport, FindingKind};
use crate::inspect::{Item, inspect};
use crate::record::{self, Kind, Sections};
use crate::view::Version;
use crate::{Db, InspectOptions, ItemKind, Options};
use bmt_beatree::{Change, Run};
use bmt_bitbox::Batch;
use bmt_core::{GrayPaper, Hash, Scheme, StateKey};
use bmt_io::{Directory, SimDisk};
use bmt_seglog::Position;
use std::collections::BTreeSet;
use std::sync::Arc;

fn key(number: u64) -> StateKey {
    let hash = GrayPaper::hash_value(&number.to_le_bytes());
    StateKey::new(std::array::from_fn(|at| hash[at]))
}

fn options() -> Options {
    Options::new().seed(7).threads(1)
}

/// A database with leaves, a branch page, long values, free pages, and commits that no page has yet.
fn database() -> (Arc<dyn Directory>, Db) {
    let directory = SimDisk::new(1).directory();
    let db = Db::open_in(Arc::clone(&directory), &options()).unwrap();
    for round in 0..3 {
        for number in 0..2500 {
            let length = if number % 500 == 0 { 9000 } else { 20 + 200 * (number % 5 / 4) };
            let value = vec![u8::try_from(round).unwrap(); usize::try_from(length).unwrap()];
            db.insert(key(number), value).unwrap();
        }
        db.commit().unwrap();
        db.flush().unwrap();
    }
    db.insert(key(9_999), b"in the buffer").unwrap();
    db.commit().unwrap();
    db.delete(&key(3)).unwrap();
    db.commit().unwrap();
    db.rollback(1).unwrap();
    (directory, db)
}

fn check(db: &Db) -> CheckReport {
    db.check(|_| {}).unwrap()
}

#[track_caller]
fn finds(db: &Db, kind: FindingKind) -> CheckReport {
    let report = check(db);
    let found = report.findings.iter().any(|finding| finding.kind == kind);
    assert!(found, "{kind:?} in {:#?}", report.findings);
    report
}

fn items(directory: &Arc<dyn Directory>) -> Vec<Item> {
    let mut items = Vec::new();
    let options = InspectOptions::new().records(true).pages(true);
    inspect(directory, options, |item| items.push(item)).unwrap();
    items
}

/// Where the first item is for which `is_it` holds.
#[track_caller]
fn place(directory: &Arc<dyn Directory>, is_it: impl Fn(&Item) -> bool) -> (String, u64) {
    let item = items(directory).into_iter().find(is_it).unwrap();
    (item.file, item.offset_bytes)
}

fn is_page(kind: &'static str) -> impl Fn(&Item) -> bool {
    move |item| {
        let is_kind = |(_, field): &(&str, crate::Field)| field.to_string() == kind;
        item.kind == ItemKind::TreePage && item.fields.iter().any(is_kind)
    }
}

fn flip(directory: &Arc<dyn Directory>, (file, offset_bytes): &(String, u64)) {
    let file = directory.open(file).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, *offset_bytes).unwrap();
    file.write_all_at(&[byte[0] ^ 0x10], *offset_bytes).unwrap();
}

#[test]
fn a_sound_database_gives_no_finding() {
    let (_, db) = database();
    let mut parts = BTreeSet::new();
    let report = db.check(|progress| {
        parts.insert(progress.part.name());
        assert!(progress.done <= progress.total + 8, "{progress:?}");
    });
    let report = report.unwrap();
    assert_eq!((report.findings.as_slice(), report.finding_count), ([].as_slice(), 0));
    assert_eq!((report.sequence, report.root), (db.sequence(), db.root()));
    assert_eq!((report.key_count, report.record_count), (2501, 6));
    assert_eq!(parts.len(), 5);
    assert!(report.store_page_count > 100 && report.table_page_count > 2, "{report:?}");
}

#[test]
fn an_empty_database_gives_no_finding_before_and_after_checkpoints() {
    let directory = SimDisk::new(1).directory();
    let db = Db::open_in(directory, &options()).unwrap();
    assert_eq!(check(&db).findings, []);
    db.insert(key(1), b"one").unwrap();
    db.commit().unwrap();
    db.flush().unwrap();
    db.delete(&key(1)).unwrap();
    db.commit().unwrap();
    db.flush().unwrap();
    assert_eq!(check(&db).findings, []);
}

#[test]
fn either_slot_of_the_manifest_is_compared() {
    for offset_bytes in [0, 4096] {
        let (directory, db) = database();
        flip(&directory, &("MANIFEST".to_owned(), offset_bytes + 70));
        let report = finds(&db, FindingKind::ManifestSlot);
        assert_eq!(report.findings[0].offset_bytes, Some(offset_bytes));
        assert_eq!(report.finding_count, 1, "{:#?}", report.findings);
    }
}

#[test]
fn an_older_manifest_is_found() {
    let (directory, db) = database();
    let file = directory.open("MANIFEST").unwrap();
    let mut before = vec![0; 8192];
    file.read_exact_at(&mut before, 0).unwrap();
    db.flush().unwrap();
    file.write_all_at(&before, 0).unwrap();
    finds(&db, FindingKind::Manifest);
}

#[test]
fn damage_to_the_log_is_found() {
    let is_third =
        |item: &Item| item.kind == ItemKind::LogRecord && item.number("sequence") == Some(3);
    let (directory, db) = database();
    let (file, offset_bytes) = place(&directory, is_third);
    flip(&directory, &(file.clone(), offset_bytes + 500));
    let report = finds(&db, FindingKind::LogDamage);
    assert_eq!(report.findings[0].file, file);

    let (directory, db) = database();
    flip(&directory, &place(&directory, |item| item.number("first record") == Some(1)));
    finds(&db, FindingKind::LogDamage);
}

#[test]
fn damage_to_any_kind_of_store_page_is_found() {
    for kind in ["leaf", "branch", "overflow", "free list"] {
        let (directory, db) = database();
        let state = db.engine.checkpointing.lock().manifest.manifest.state.clone().unwrap();
        let is_kind = is_page(kind);
        let pages: Vec<Item> = items(&directory).into_iter().filter(is_kind).collect();
        assert!(!pages.is_empty(), "no {kind} in {:?}", state.tree.counts());
        // Some of them are free by now; one at least is not.
        for page in pages {
            flip(&directory, &(page.file, page.offset_bytes + 100));
        }
        let report = finds(&db, FindingKind::StorePage);
        assert!(report.findings.iter().all(|found| found.offset_bytes.is_some()), "{kind}");
    }
}

#[test]
fn damage_to_the_store_header_is_found() {
    let (directory, db) = database();
    flip(&directory, &("beatree.pages".to_owned(), 20));
    assert_eq!(finds(&db, FindingKind::StorePage).findings[0].offset_bytes, Some(0));
}

#[test]
fn damage_to_the_table_is_found() {
    for kind in [ItemKind::TablePage, ItemKind::TableRecord, ItemKind::TableFile] {
        let (directory, db) = database();
        let batch = db.engine.table.names().target.batch;
        let is_in_force = |item: &Item| item.number("batch").is_none_or(|found| found == batch);
        let is_it = |item: &Item| item.kind == kind && is_in_force(item) && !item.fields.is_empty();
        let (file, offset_bytes) = place(&directory, is_it);
        flip(&directory, &(file.clone(), offset_bytes + 33));
        let report = finds(&db, FindingKind::TablePage);
        assert_eq!(report.findings[0].file, file, "{kind:?}");
    }
}

/// Makes a batch of the table the one in force, as a checkpoint does.
fn switch(db: &Db, batch: &Batch<'_>) {
    let mut state = db.engine.checkpointing.lock();
    let switch = db.engine.table.prepare(batch).unwrap();
    let mut manifest = state.manifest.manifest.clone();
    manifest.state.as_mut().unwrap().table = *switch.names();
    state.manifest.store(manifest).unwrap();
    switch.commit();
}

#[test]
fn a_page_that_nothing_names_is_found() {
    let (_, db) = database();
    let mut batch = Batch::new();
    batch.put([9; 32], b"nobody's").unwrap();
    switch(&db, &batch);
    let report = finds(&db, FindingKind::LeakedPage);
    finds(&db, FindingKind::PageCount);
    assert_eq!(report.finding_count, 2, "{:#?}", report.findings);
    assert!(report.findings[1].reason.contains(&"09".repeat(32)), "{:?}", report.findings);
}

#[test]
fn a_page_of_the_trie_that_is_missing_is_found() {
    let (directory, db) = database();
    let item = items(&directory).into_iter().find(|item| item.kind == ItemKind::TablePage);
    let id = item.unwrap().fields.into_iter().find_map(|(_, field)| match field {
        crate::Field::Hash(id) => Some(id),
        _ => None,
    });
    let mut batch = Batch::new();
    batch.delete(id.unwrap());
    switch(&db, &batch);
    finds(&db, FindingKind::TriePage);
}

/// Publishes a version that has more changes than its trie knows of.
fn smuggle(db: &Db, key: &StateKey, value: &[u8], hasher: fn(&[u8]) -> Hash) {
    let changes = [(crate::keys::tree_key(key), Change::Put(value))];
    let run = Arc::new(Run::new(changes, hasher).unwrap());
    db.engine.publish(|current| {
        let buffer = current.view.tree.buffer().with_run(Arc::clone(&run));
        current.with_tree(current.view.tree.with_buffer(buffer))
    });
}

#[test]
fn entries_that_the_trie_does_not_have_are_found() {
    let (_, db) = database();
    smuggle(&db, &key(20), b"another value", GrayPaper::hash_value);
    let report = finds(&db, FindingKind::Trie);
    assert_eq!(report.finding_count, 1, "{:#?}", report.findings);
    smuggle(&db, &key(77_777), b"another key", GrayPaper::hash_value);
    finds(&db, FindingKind::KeyCount);
}

#[test]
fn a_wrong_hash_beside_a_value_is_found() {
    let (_, db) = database();
    smuggle(&db, &key(21), &[5; 300], |_| [0xee; 32]);
    let report = finds(&db, FindingKind::ValueHash);
    let finding = report.findings.iter().find(|found| found.kind == FindingKind::ValueHash);
    assert_eq!(finding.unwrap().found, Some("ee".repeat(32)));
}

#[test]
fn a_record_that_does_not_follow_is_found() {
    let (_, db) = database();
    let sections = Sections { key_count: 2502, ..Sections::default() };
    let sections = Sections { frontier: bmt_merkle::encode_changes::<StateKey>(&[]), ..sections };
    let kind = Kind::Commit { parent: 1 };
    let header = record::header(kind, &[1; 32], &[2; 32], &sections);
    let position = db.engine.log.append_parts_sync(&[&header, &sections.frontier]).unwrap();
    db.engine.publish(|current| Version {
        step: current.step,
        position: Position { ..position },
        view: current.view.clone(),
    });
    let report = finds(&db, FindingKind::LogRecord);
    let is_record = |found: &&super::Finding| found.kind == FindingKind::LogRecord;
    assert_eq!(report.findings.iter().filter(is_record).count(), 3, "{:#?}", report.findings);
    finds(&db, FindingKind::Root);
}

#[test]
fn commits_go_on_while_a_check_runs() {
    let (_, db) = database();
    let mut number = 100_000;
    let report = db.check(|_| {
        if number < 100_050 {
            db.insert(key(number), b"new").unwrap();
            db.commit().unwrap();
            number += 1;
        }
    });
    assert_eq!(report.unwrap().findings, []);
    assert!(number > 100_005, "{number}");
    assert_eq!(check(&db).findings, []);
}

#[test]
fn a_replaced_page_of_the_trie_that_stays_in_the_table_is_found() {
    let directory = SimDisk::new(1).directory();
    let mut options = options();
    options.faults.leaks_pages = true;
    let db: Db = Db::open_in(directory, &options).unwrap();
    for round in 0..2_u8 {
        (0..2500).for_each(|number| db.insert(key(number), [round; 40]).unwrap());
        db.commit().unwrap();
        db.flush().unwrap();
    }
    finds(&db, FindingKind::LeakedPage);
}
