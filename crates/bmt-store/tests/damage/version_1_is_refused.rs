//! Databases of the engine that kept all in memory are told from damage, and left alone.

use bmt_core::{GrayPaper, Scheme};
use bmt_io::SimDisk;
use bmt_io::slots::Slots;
use bmt_store::{Db, OpenError, Options};

/// "MNF1".
const MANIFEST_KIND: u32 = 0x3146_4e4d;

/// The 40 bytes that its manifest had: features, version, scheme, salt, "made", "log through".
fn manifest(version: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(0_u64.to_le_bytes());
    bytes.extend(version.to_le_bytes());
    bytes.extend(GrayPaper::ID.to_le_bytes());
    bytes.extend(7_u64.to_le_bytes());
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend(3_u64.to_le_bytes());
    assert_eq!(bytes.len(), 40);
    bytes
}

#[test]
fn and_so_is_a_version_to_come() {
    for version in [1, 3, u32::MAX] {
        let disk = SimDisk::new(0);
        Slots::create(&*disk.directory(), "MANIFEST", MANIFEST_KIND, 1, &manifest(version))
            .unwrap();
        disk.write_file("seglog-0000000000000000", &[1; 16 << 10]);
        let names = disk.list();
        let files: Vec<_> = names.iter().map(|name| disk.read_file(name)).collect();
        let opened = Db::<GrayPaper>::open_in(disk.directory(), &Options::new().seed(7));
        match opened {
            Err(OpenError::UnsupportedVersion { file, found, supported: 2 }) => {
                assert_eq!((file.as_str(), found), ("MANIFEST", version));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(disk.list(), names);
        assert!(names.iter().map(|name| disk.read_file(name)).eq(files), "nothing was written");
    }
}
