//! The manifest byte for byte, and what is refused.

use super::*;

const MANIFEST: Manifest =
    Manifest { scheme: 7, log_salt: 0x0102_0304_0506_0708, log_made: true, log_through: 9 };

#[test]
fn bytes_are_those_of_the_format() {
    let expected = [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [1, 0, 0, 0, 7, 0, 0, 0],
        [8, 7, 6, 5, 4, 3, 2, 1],
        [1, 0, 0, 0, 0, 0, 0, 0],
        [9, 0, 0, 0, 0, 0, 0, 0],
    ];
    assert_eq!(MANIFEST.encode(), *expected.concat());
    assert_eq!(Manifest::decode(&MANIFEST.encode()), Ok(MANIFEST));
}

#[test]
fn a_newer_version_and_unknown_features_are_told_apart_from_damage() {
    let mut bytes = MANIFEST.encode();
    bytes[8] = 2;
    assert_eq!(Manifest::decode(&bytes), Err(BadManifest::Version(2)));
    let mut bytes = MANIFEST.encode();
    bytes[0] = 1;
    assert_eq!(Manifest::decode(&bytes), Err(BadManifest::Features(1)));
    for length in 0..40 {
        assert!(Manifest::decode(&MANIFEST.encode()[..length]).is_err());
    }
    assert!(Manifest::decode(&[&MANIFEST.encode()[..], &[0]].concat()).is_err());
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
