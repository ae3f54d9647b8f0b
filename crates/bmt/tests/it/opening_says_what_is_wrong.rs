//! Directories that are not a database, or not this one.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, Hash, LeafValue, OpenError, Options, Scheme, StateKey};
use std::fs;

fn error<S: Scheme>(result: Result<Db<S>, OpenError>) -> OpenError {
    result.unwrap_err()
}

#[test]
fn a_missing_directory_becomes_a_database() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a").join("b");
    Db::open(&path).unwrap().close().unwrap();
    assert!(Db::open(&path).unwrap().stats().recovery.torn_tail_bytes == 0);
}

#[test]
fn creating_can_be_forbidden() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing");
    let options = Options::new().create(false);
    for path in [directory.path(), missing.as_path()] {
        let error = error::<bmt::GrayPaper>(Db::open_with(path, &options));
        assert!(matches!(error, OpenError::NotFound { .. }), "{error}");
    }
    assert!(!missing.exists());
}

#[test]
fn a_directory_of_something_else_is_refused_and_untouched() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("letter.txt"), "dear reader").unwrap();
    let error = error(Db::open(directory.path()));
    assert!(matches!(&error, OpenError::NotADatabase { found, .. } if found == "letter.txt"));
    let left: Vec<_> =
        fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["letter.txt"]);
}

#[test]
fn a_log_without_its_manifest_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(StateKey::MIN, b"precious").unwrap();
    db.commit().unwrap();
    drop(db);
    let manifest = directory.path().join("MANIFEST");
    let kept = fs::read(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    assert!(matches!(error(Db::open(directory.path())), OpenError::NotADatabase { .. }));
    fs::write(&manifest, kept).unwrap();
    assert_eq!(
        Db::open(directory.path()).unwrap().get(&StateKey::MIN).unwrap().unwrap(),
        b"precious"
    );
}

#[test]
fn a_second_handle_is_locked_out() {
    let directory = tempfile::tempdir().unwrap();
    let first = Db::open(directory.path()).unwrap();
    assert!(matches!(error(Db::open(directory.path())), OpenError::Locked { .. }));
    drop(first);
    Db::open(directory.path()).unwrap();
}

#[test]
fn another_scheme_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    drop(Db::open(directory.path()).unwrap());
    let error = error::<Sum>(Db::open_with(directory.path(), &Options::new()));
    let expected = (bmt::GrayPaper::ID, Sum::ID);
    assert!(
        matches!(error, OpenError::SchemeMismatch { stored, asked } if (stored, asked) == expected)
    );
}

#[test]
fn a_manifest_of_something_else_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("MANIFEST"), [0x55; 8192]).unwrap();
    let error = error(Db::open(directory.path()));
    let known = matches!(error, OpenError::Corruption(_) | OpenError::NotADatabase { .. });
    assert!(known, "{error}");
    assert_eq!(fs::read(directory.path().join("MANIFEST")).unwrap(), [0x55; 8192]);
}

/// A scheme of a test's own: it only has to have another identifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum;

impl Scheme for Sum {
    type Key = StateKey;
    const ID: u32 = 0xffff_0001;
    const NAME: &'static str = "sum";
    const LEFT_FIRST_BYTE_MASK: u8 = 0xff;
    const LEAF_KEY_OFFSET: usize = 0;

    fn value_is_hashed(_length_bytes: usize) -> bool {
        true
    }
    fn hash_value(value: &[u8]) -> Hash {
        [u8::try_from(value.len() % 251).unwrap(); 32]
    }
    fn leaf_preimage(_key: &StateKey, _value: LeafValue<'_>) -> [u8; 64] {
        [1; 64]
    }
    fn branch_preimage(_left: &Hash, _right: &Hash) -> [u8; 64] {
        [2; 64]
    }
    fn parse_leaf(_preimage: &[u8; 64]) -> Option<StateKey> {
        None
    }
    fn hash64_many(_preimages: &[[u8; 64]], hashes: &mut [Hash]) {
        hashes.fill([3; 32]);
    }
}

#[test]
fn an_option_out_of_range_is_named_and_makes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new");
    for bytes in [0, 1000, 12 << 10, (16 << 10) + 1, 2 << 30] {
        let error =
            error::<bmt::GrayPaper>(Db::open_with(&path, &Options::new().log_segment_bytes(bytes)));
        let name = "log_segment_bytes";
        let is_named = matches!(error, OpenError::InvalidOption { name: n, found, .. }
            if n == name && found == bytes);
        assert!(is_named, "{error}");
    }
    let options = Options::new().commit_bytes_max((4 << 30) + 1);
    let error = error::<bmt::GrayPaper>(Db::open_with(&path, &options));
    assert!(matches!(error, OpenError::InvalidOption { name: "commit_bytes_max", .. }), "{error}");
    assert!(!path.exists());
}
