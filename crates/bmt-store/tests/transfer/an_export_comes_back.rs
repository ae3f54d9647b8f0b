//! What was exported is imported as the same state (INV-EX-02), from the same bytes whatever came before.

use crate::support::{check, entries, exported, files, fill, import, key, options};
use bmt_core::{EMPTY_ROOT, GrayPaper};
use bmt_io::SimDisk;
use bmt_store::{BulkLoadError, Db, Import, ImportError, StagingError};

#[test]
fn with_the_same_root_entries_and_a_clean_check() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path().join("here"), &options()).unwrap();
    let root = fill(&db, 3000, 1);
    let there = place.path().join("there");
    assert_eq!(import(&exported(&db), &there).unwrap(), root);
    let copy = Db::open_with(&there, &options()).unwrap();
    assert_eq!((copy.root(), copy.sequence()), (root, 0));
    assert_eq!(entries(&copy), entries(&db));
    check(&copy);
    assert_eq!(files(place.path()).into_keys().collect::<Vec<_>>(), ["here", "there"]);
}

#[test]
fn values_longer_than_a_chunk_have_one_of_their_own() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path().join("here"), &options()).unwrap();
    for (index, length) in [(0, 10), (1, 3 << 20), (2, 1 << 20), (3, 0), (4, 700_000), (5, 700_000)]
    {
        db.insert(key(index), vec![5; length]).unwrap();
    }
    let root = db.commit().unwrap().root;
    assert_eq!(import(&exported(&db), &place.path().join("there")).unwrap(), root);
}

#[test]
fn an_empty_state_too() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path().join("here"), &options()).unwrap();
    let file = exported(&db);
    assert_eq!(file.len(), 72 + 32);
    assert_eq!(import(&file, &place.path().join("there")).unwrap(), EMPTY_ROOT);
}

#[test]
fn an_earlier_state_by_its_root() {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options()).unwrap();
    let first = fill(&db, 100, 1);
    let file_then = exported(&db);
    fill(&db, 200, 2);
    let mut file = Vec::new();
    let done = db.export(Some(&first), &mut file, |_| ()).unwrap();
    assert!(file == file_then);
    assert_eq!((done.root, done.key_count, done.bytes), (first, 100, file.len() as u64));
    assert!(db.export(Some(&[9; 32]), &mut file, |_| ()).is_err());
}

/// INV-EX-03.
#[test]
fn the_bytes_are_a_function_of_the_state() {
    let [one, other] = [1, 2].map(|seed| -> Db {
        Db::open_in(SimDisk::new(seed).directory(), &options().seed(seed)).unwrap()
    });
    fill(&one, 1500, 1);
    fill(&other, 1700, 2);
    (1500..1700).for_each(|index| other.delete(&key(index)).unwrap());
    fill(&other, 700, 1);
    other.flush().unwrap();
    fill(&other, 1500, 1);
    assert!(exported(&one) == exported(&other));
}

#[test]
fn progress_ends_at_the_whole() {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options()).unwrap();
    fill(&db, 3000, 1);
    let (mut file, mut told) = (Vec::new(), Vec::new());
    db.export(None, &mut file, |progress| told.push((progress.keys, progress.bytes))).unwrap();
    assert!(told.is_sorted() && told.len() > 3, "{told:?}");
    assert_eq!(*told.last().unwrap(), (3000, file.len() as u64));
    let other: Db = Db::open_in(SimDisk::new(2).directory(), &options()).unwrap();
    told.clear();
    let import = Import::<GrayPaper, _>::begin(file.as_slice()).unwrap();
    assert_eq!((import.root(), import.key_count()), (db.root(), 3000));
    import
        .load_into(&other, |progress| {
            assert_eq!(progress.keys_total, 3000);
            told.push((progress.keys, progress.bytes));
        })
        .unwrap();
    assert!(told.is_sorted(), "{told:?}");
    assert_eq!(*told.last().unwrap(), (3000, file.len() as u64));
}

#[test]
fn only_where_nothing_is() {
    let place = tempfile::tempdir().unwrap();
    let db = Db::open_with(place.path().join("here"), &options()).unwrap();
    fill(&db, 10, 1);
    let file = exported(&db);
    let error = import(&file, &place.path().join("here")).unwrap_err();
    assert!(matches!(error, ImportError::Staging(StagingError::Exists { .. })), "{error}");
    let import_again = Import::<GrayPaper, _>::begin(file.as_slice()).unwrap();
    let error = import_again.load_into(&db, |_| ()).unwrap_err();
    assert!(matches!(error, ImportError::Load(BulkLoadError::NotEmpty { .. })), "{error}");
    let empty = place.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert_eq!(import(&file, &empty).unwrap(), db.root());
}
