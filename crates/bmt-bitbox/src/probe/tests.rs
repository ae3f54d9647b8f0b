//! Tests of paths and fingerprints.

use super::{Fingerprint, Path};
use crate::format::geometry::Geometry;

#[test]
fn every_bucket_is_visited_once_from_every_home() {
    for bits in [4, 5, 8, 12] {
        let geometry = Geometry::new(bits).unwrap();
        for home in [0, 1, 7, geometry.bucket_count() - 1] {
            let fingerprint = Fingerprint(home << (64 - bits));
            let mut path: Vec<u32> = Path::new(fingerprint, geometry).collect();
            assert_eq!(u64::from(path[0]), home);
            assert_eq!(u64::from(path[1]), (home + 1) % geometry.bucket_count());
            assert_eq!(u64::from(path[2]), (home + 3) % geometry.bucket_count());
            path.sort_unstable();
            assert!(path.iter().copied().eq(0..=geometry.mask()), "{bits} bits, home {home}");
        }
    }
}

#[test]
fn the_largest_table_has_a_path_too() {
    let geometry = Geometry::new(31).unwrap();
    let path = Path::new(Fingerprint(u64::MAX), geometry);
    assert_eq!(path.take(3).collect::<Vec<_>>(), [geometry.mask(), 0, 2]);
}

#[test]
fn the_tag_says_nothing_about_the_home() {
    let geometry = Geometry::new(16).unwrap();
    let fingerprint = Fingerprint(0xabcd_0000_0000_00ff);
    assert_eq!((fingerprint.meta_byte(), fingerprint.home(geometry)), (0xff, 0xabcd));
    assert_eq!(Fingerprint(0x0102).meta_byte(), 0x82);
}
