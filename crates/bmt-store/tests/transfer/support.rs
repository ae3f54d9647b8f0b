//! States, and the files of a directory.

use bmt_core::{GrayPaper, Hash, StateKey};
use bmt_store::{Db, Import, ImportError, Options};
use std::collections::BTreeMap;
use std::path::Path;

/// Small caches, and everything in one thread.
pub(crate) fn options() -> Options {
    Options::new().memory_bytes(4 << 20).seed(7)
}

pub(crate) fn key(index: u64) -> StateKey {
    StateKey::service_storage(3, &index.to_le_bytes())
}

/// Commits entries of all lengths that are stored differently.
pub(crate) fn fill(db: &Db, count: u64, round: u8) -> Hash {
    let lengths = [0, 1, 32, 33, 200, 1300, 5000];
    for index in 0..count {
        let length = lengths[usize::try_from(index % 7).unwrap()];
        db.insert(key(index), vec![round; length]).unwrap();
    }
    db.commit().unwrap().root
}

pub(crate) fn exported(db: &Db) -> Vec<u8> {
    let mut file = Vec::new();
    db.export(None, &mut file, |_| ()).unwrap();
    file
}

/// Imports a file to a path.
pub(crate) fn import(file: &[u8], path: &Path) -> Result<Hash, ImportError> {
    let import = Import::<GrayPaper, _>::begin(file)?;
    Ok(import.build(path, &options(), |_| ())?.root)
}

/// Names in a directory, and what is in its files.
pub(crate) fn files(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    let entries = std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| (name(&path), std::fs::read(&path).unwrap_or_default())).collect()
}

/// Everything a state has.
pub(crate) fn entries(db: &Db) -> Vec<(StateKey, Vec<u8>)> {
    let entries = db.begin_read().range(..).unwrap();
    entries.map(|entry| entry.map(|(key, value)| (key, value.to_vec())).unwrap()).collect()
}

#[track_caller]
pub(crate) fn check(db: &Db) {
    let report = db.check(|_| ()).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings);
}
