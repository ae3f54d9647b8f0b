//! Every changed byte, every length, and files that lie: refused with the place, and nothing is left.

use crate::support::{exported, files, fill, import, options};
use bmt_core::GrayPaper;
use bmt_io::{SimDisk, checksum};
use bmt_store::{Db, Import, ImportError};

fn small_export() -> Vec<u8> {
    let db: Db = Db::open_in(SimDisk::new(1).directory(), &options()).unwrap();
    fill(&db, 5, 1);
    exported(&db)
}

fn new_db(seed: u64) -> Db {
    Db::open_in(SimDisk::new(seed).directory(), &options()).unwrap()
}

fn load(file: &[u8], db: &Db) -> Result<(), ImportError> {
    Import::<GrayPaper, _>::begin(file)?.load_into(db, |_| ()).map(drop)
}

/// Makes the checksums right again.
fn sealed(mut file: Vec<u8>) -> Vec<u8> {
    let mut chain = checksum(0, &file[..64]);
    file[64..72].copy_from_slice(&chain.to_le_bytes());
    let mut at = 72;
    while at < file.len() {
        let body = u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap());
        let end = at + 8 + usize::try_from(body).unwrap();
        chain = checksum(chain, &file[at..end]);
        file[end..end + 8].copy_from_slice(&chain.to_le_bytes());
        at = end + 8;
    }
    file
}

#[test]
fn a_changed_byte_is_found_and_leaves_the_database_empty() {
    let file = small_export();
    let chunk_end = file.len() - 32;
    let db = new_db(2);
    for at in 0..file.len() {
        let mut broken = file.clone();
        broken[at] ^= 0x10;
        let error = load(&broken, &db).unwrap_err();
        let known = match error {
            ImportError::NotAnExport => at < 8,
            ImportError::UnsupportedVersion { .. } => (8..12).contains(&at),
            ImportError::Damaged { offset_bytes: 0, .. } => at < 72,
            ImportError::Damaged { offset_bytes: 72, .. } => (72..chunk_end).contains(&at),
            ImportError::Damaged { offset_bytes, .. } => {
                at >= chunk_end && offset_bytes == chunk_end as u64
            }
            // A length that is too long.
            ImportError::Truncated { .. } => (76..80).contains(&at),
            _ => false,
        };
        assert!(known, "byte {at}: {error}");
    }
    load(&file, &db).unwrap();
}

/// INV-EX-04.
#[test]
fn a_file_that_ends_early_or_late_is_refused_with_its_length() {
    let file = small_export();
    let db = new_db(2);
    for length in 0..file.len() {
        match load(&file[..length], &db).unwrap_err() {
            ImportError::Truncated { offset_bytes } => assert_eq!(offset_bytes, length as u64),
            other => unreachable!("{length}: {other}"),
        }
    }
    let longer = [file.as_slice(), b"x"].concat();
    let error = load(&longer, &db).unwrap_err();
    let end = file.len() as u64;
    assert!(matches!(error, ImportError::Damaged { offset_bytes, .. } if offset_bytes == end));
}

#[test]
fn a_root_that_is_not_that_of_the_entries_is_refused() {
    let mut file = small_export();
    file[30] ^= 1;
    let place = tempfile::tempdir().unwrap();
    let error = import(&sealed(file), &place.path().join("there")).unwrap_err();
    assert!(matches!(error, ImportError::RootMismatch { .. }), "{error}");
    assert!(files(place.path()).is_empty(), "nothing half-imported is left");
}

/// INV-EX-01, and the other rules that a checksum does not see.
#[test]
fn entries_that_break_a_rule_are_refused_with_their_place() {
    let file = small_export();
    let db = new_db(2);
    // The first two keys change places with their values, which are as long as the file says.
    let length = |at: usize| {
        usize::try_from(u32::from_le_bytes(file[at + 31..at + 35].try_into().unwrap())).unwrap()
    };
    let second = 80 + 35 + length(80);
    let third = second + 35 + length(second);
    let swapped = [&file[..80], &file[second..third], &file[80..second], &file[third..]].concat();
    let at = 80 + (third - second) as u64;
    let mut too_long = file.clone();
    too_long[80 + 31..80 + 35].copy_from_slice(&1_000_000_u32.to_le_bytes());
    let mut fewer = file.clone();
    fewer[72] = 4;
    let mut keys = file.clone();
    keys[56] = 6;
    for (broken, at) in [(swapped, at), (too_long, 80)] {
        let error = load(&sealed(broken), &db).unwrap_err();
        assert!(
            matches!(error, ImportError::Damaged { offset_bytes, .. } if offset_bytes == at),
            "{error}, expected at {at}"
        );
    }
    for broken in [fewer, keys] {
        let error = load(&sealed(broken), &db).unwrap_err();
        assert!(matches!(error, ImportError::Damaged { .. }), "{error}");
    }
    assert_eq!(db.sequence(), 0);
    load(&file, &db).unwrap();
}

#[test]
fn other_schemes_features_and_files_are_told_apart() {
    let file = small_export();
    let mut scheme = file.clone();
    scheme[16] = 9;
    let error = Import::<GrayPaper, _>::begin(sealed(scheme).as_slice()).unwrap_err();
    assert!(matches!(error, ImportError::SchemeMismatch { stored: 9, asked: 1 }), "{error}");
    let mut features = file.clone();
    features[12] = 4;
    let error = Import::<GrayPaper, _>::begin(sealed(features).as_slice()).unwrap_err();
    assert!(matches!(error, ImportError::UnsupportedFeatures { found: 4 }), "{error}");
    for text in [[b'#'; 100].as_slice(), b"hello\n", b"BMTEXPO"] {
        let error = Import::<GrayPaper, _>::begin(text).unwrap_err();
        assert!(matches!(error, ImportError::NotAnExport), "{text:?}: {error}");
    }
}
