//! What a database takes on disk at first: the log's first segment, and little else.
use bmt_core::StateKey;
use bmt_io::SimDisk;
use bmt_store::{Db, Options};

fn bytes_on(disk: &SimDisk) -> usize {
    disk.list().iter().map(|name| disk.read_file(name).unwrap().len()).sum()
}

#[test]
fn until_its_log_is_half_full() {
    let disk = SimDisk::new(0);
    let options = Options::new().seed(1);
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    let made = bytes_on(&disk);
    assert!(made < 5300 << 10, "a new database takes {made} bytes");
    for number in 0..500_u64 {
        db.insert(StateKey::service_storage(1, &number.to_le_bytes()), [1; 100]).unwrap();
        db.commit().unwrap();
    }
    db.close().unwrap();
    let small = bytes_on(&disk);
    assert!(small < 6000 << 10, "a small database takes {small} bytes");
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    assert_eq!(bytes_on(&disk), small);
    for number in 0..20_u64 {
        db.insert(StateKey::component(1), number.to_le_bytes()).unwrap();
        db.commit().unwrap();
    }
    assert!(bytes_on(&disk) > 20 << 20, "from then on, a segment is ready");
}
