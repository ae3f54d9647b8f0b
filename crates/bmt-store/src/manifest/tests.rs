//! The manifest byte for byte, and what is refused.

use super::*;
use bmt_beatree::META_BYTES;

/// The bytes of a manifest of a database with one table that has no record, and no pages.
fn sample_bytes() -> Vec<u8> {
    let words =
        |words: &[u64]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let mut bytes = words(&[0, 2 | (7 << 32), 0x0102_0304_0506_0708, 1, 9]);
    bytes.extend(words(&[5, 0xc4a1, 6]));
    bytes.extend([0xab; 32]);
    bytes.extend(words(&[3, 4, 0xc5, 100 | (1 << 32)]));
    bytes.extend(words(&[1056 | (1 << 32), 77]));
    let mut meta = vec![0; META_BYTES];
    meta[..6].copy_from_slice(b"BTMT\x01\x00");
    meta[36] = 1;
    bytes.extend(meta);
    bytes.extend(words(&[1, 0, 0, 2, 0, 0, 0, 0]));
    bytes.extend(words(&[5, 4096]));
    bytes.extend([0, 5]);
    bytes
}

#[test]
fn bytes_are_those_of_the_format() {
    let bytes = sample_bytes();
    let manifest = Manifest::decode(&bytes).unwrap();
    assert_eq!((manifest.scheme, manifest.salt), (7, 0x0102_0304_0506_0708));
    assert_eq!(manifest.log_through, 9);
    let state = manifest.state.clone().unwrap();
    assert_eq!(state.position, Position { sequence: 5, chain: 0xc4a1 });
    assert_eq!((state.pages_through, state.key_count), (6, 77));
    let page = state.root_page.unwrap();
    assert_eq!((page.root, page.checksum, page.items_bytes), ([0xab; 32], 0xc5, 100));
    assert_eq!(page.birth, StepId { generation: 3, counter: 4 });
    assert_eq!((state.weight_max, state.weight_version), (1056, 1));
    assert_eq!(state.window, Runs { head: 5, bytes: 4096, runs: vec![0, 5] });
    assert_eq!(manifest.encode(), bytes);
}

#[test]
fn a_manifest_of_a_database_being_made_has_no_state() {
    let manifest = Manifest { scheme: 1, salt: 2, log_through: 0, state: None };
    assert_eq!(manifest.encode().len(), 40);
    assert_eq!(Manifest::decode(&manifest.encode()), Ok(manifest));
}

#[test]
fn other_versions_and_unknown_features_are_told_apart_from_damage() {
    for version in [1, 3] {
        let mut bytes = sample_bytes();
        bytes[8] = version;
        assert_eq!(Manifest::decode(&bytes), Err(BadManifest::Version(u32::from(version))));
    }
    let mut bytes = sample_bytes();
    bytes[0] = 1;
    assert_eq!(Manifest::decode(&bytes), Err(BadManifest::Features(1)));
}

#[test]
fn every_cut_and_disorder_is_refused() {
    let bytes = sample_bytes();
    // What is cut off at the end are runs of the window, which are optional.
    for length in 0..bytes.len() - 2 {
        if length != 40 {
            assert!(Manifest::decode(&bytes[..length]).is_err(), "{length}");
        }
    }
    for (at, value) in [(24, 2), (40, 7), (56, 4), (124, 2)] {
        let mut bytes = sample_bytes();
        bytes[at] = value;
        assert!(Manifest::decode(&bytes).is_err(), "{at}");
    }
}

#[test]
fn unknown_features_are_no_damage_and_no_other_version() {
    let slot = |version, flags| SlotsError::Unsupported {
        file: FILE.to_owned(),
        offset_bytes: 0,
        version,
        flags,
    };
    let is_feature = |error| matches!(error, OpenError::UnsupportedFeatures { found: 4, .. });
    assert!(is_feature(OpenError::from(BadManifest::Features(4))));
    assert!(is_feature(OpenError::from(slot(1, 4))));
    let newer = OpenError::from(slot(2, 4));
    assert!(matches!(newer, OpenError::UnsupportedVersion { found: 2, .. }), "{newer}");
}
