//! A checkpoint that meets a page it can't read, or a full disk, is given up: nothing durable is in doubt, so commits
//! go on, and the next checkpoint does all of it.
use bmt_core::StateKey;
use bmt_io::{Fault, Operation, SimDisk, When};
use bmt_store::{CheckpointError, CommitError, Db, Options, ReadError};

const KEY_COUNT: u64 = 6000;

fn key(number: u64) -> StateKey {
    StateKey::service_storage(3, &number.to_le_bytes())
}

/// Leaves for a twentieth of the database, and no checkpoint that is not asked for.
fn options() -> Options {
    Options::new()
        .seed(5)
        .memory_bytes(1 << 20)
        .leaf_memory_bytes(64 << 10)
        .checkpoint_log_bytes(1 << 40)
        .slice_changes_min(32)
        .rollback_commits_max(0)
}

/// A database in pages, with some changes that are not.
fn database() -> (SimDisk, Db) {
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    let mut keys: Vec<StateKey> = (0..KEY_COUNT).map(key).collect();
    keys.sort_unstable();
    db.bulk_load(keys.into_iter().map(|key| (key, [7; 100]))).unwrap();
    (disk, db)
}

/// Changes some keys, and has their leaves leave memory.
fn change(db: &Db, round: u64) {
    for number in 0..200 {
        db.insert(key((number * 31 + round) % KEY_COUNT), round.to_le_bytes()).unwrap();
    }
    db.commit().unwrap();
    assert_eq!(db.range(..).unwrap().map(Result::unwrap).count(), 6000);
}

/// Writes the page file with one page damaged, or whole again.
fn flip(disk: &SimDisk, bytes: &[u8], page_offset: usize) {
    let mut bytes = bytes.to_vec();
    bytes[page_offset + 64] ^= 1;
    disk.write_file("beatree.pages", &bytes);
}

#[test]
fn a_failed_read_is_told_and_poisons_nothing() {
    let (disk, db) = database();
    let (mut met, mut read) = (0, 0);
    loop {
        change(&db, read);
        let next = disk.attempts().count(Operation::Read);
        disk.inject(When::Kind(Operation::Read, next + read), Fault::Error);
        let flushed = db.flush();
        if disk.clear_faults() > 0 {
            flushed.unwrap();
            break;
        }
        let error = flushed.unwrap_err();
        let is_typed = matches!(error, CheckpointError::Read(ReadError::Io(_)));
        assert!(is_typed, "read {read}: {error}");
        let stats = db.stats();
        assert_eq!((stats.checkpoint_error, stats.poison), (Some(error.to_string()), None));
        met += 1;
        assert_eq!(stats.failed_checkpoint_count, met);
        db.sync().unwrap();
        if read % 4 == 0 {
            db.flush().unwrap();
            assert_eq!(db.stats().checkpoint_error, None);
        }
        read += 5;
    }
    assert!(met > 5, "reads of checkpoints failed: {met}");
    assert_eq!(db.check(|_| {}).unwrap().findings, []);
    let root = db.root();
    drop(db);
    let db: Db = Db::open_in(disk.power_loss(1).directory(), &options()).unwrap();
    assert_eq!((db.root(), db.range(..).unwrap().count()), (root, 6000));
}

#[test]
fn a_damaged_page_stops_checkpoints_and_then_commits_with_a_typed_error() {
    let (disk, db) = database();
    change(&db, 1);
    let mut damaged = disk.read_file("beatree.pages").unwrap();
    damaged.iter_mut().skip(64).step_by(4096).for_each(|byte| *byte ^= 1);
    disk.write_file("beatree.pages", &damaged);
    let CheckpointError::Read(ReadError::Corruption(damage)) = db.flush().unwrap_err() else {
        panic!("damage is told");
    };
    // From here on, only the page that the checkpoint met first.
    let page = usize::try_from(damage.offset_bytes).unwrap();
    let mut now = disk.read_file("beatree.pages").unwrap();
    for (at, page) in now.chunks_mut(4096).enumerate() {
        // Its first slices may have found their leaves in memory, and written others.
        if damaged.get(at * 4096..(at + 1) * 4096) == Some(&*page) {
            page[64] ^= 1;
        }
    }
    flip(&disk, &now, page);
    db.commit().unwrap();
    let mut commits = 0;
    let error = loop {
        let mut last = StateKey::MAX.to_bytes();
        last[30] = commits;
        db.insert(StateKey::new(last), vec![2; 20_000]).unwrap();
        match db.commit() {
            Ok(_) => commits += 1,
            Err(error) => break error,
        }
        assert!(commits < 100, "the buffer gets full");
    };
    assert!(commits > 2, "commits go on while the buffer has room");
    assert!(matches!(error, CommitError::Read(ReadError::Corruption(_))), "{error}");
    let now = disk.read_file("beatree.pages").unwrap();
    flip(&disk, &now, page);
    db.commit().unwrap();
    db.flush().unwrap();
    assert_eq!(db.stats().poison, None);
    assert_eq!(db.check(|_| {}).unwrap().findings, []);
}

#[test]
fn a_full_disk_is_told_and_poisons_nothing() {
    let (disk, db) = database();
    change(&db, 1);
    let used = disk.list().iter().map(|name| disk.read_file(name).unwrap().len() as u64).sum();
    disk.set_capacity_bytes(Some(used));
    let error = db.flush().unwrap_err();
    assert!(matches!(error, CheckpointError::NoSpace { .. }), "{error}");
    assert_eq!(db.stats().poison, None);
    disk.set_capacity_bytes(None);
    db.flush().unwrap();
    assert_eq!(db.check(|_| {}).unwrap().findings, []);
}

/// Commits go on after a checkpoint was given up. Of the pages that they make and replace, it stores none when it is
/// tried again: no later checkpoint has to look for these.
#[test]
fn pages_that_no_checkpoint_stored_are_not_looked_for() {
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options().memory_bytes(64 << 20)).unwrap();
    let write_all = |round: u8| {
        (0..KEY_COUNT).for_each(|number| db.insert(key(number), [round; 100]).unwrap());
        db.commit().unwrap();
    };
    write_all(1);
    db.flush().unwrap();
    write_all(2);
    let used = disk.list().iter().map(|name| disk.read_file(name).unwrap().len() as u64).sum();
    disk.set_capacity_bytes(Some(used));
    assert!(matches!(db.flush(), Err(CheckpointError::NoSpace { .. })));
    disk.set_capacity_bytes(None);
    (3..7).for_each(write_all);
    let before = db.stats().table.lookup_count;
    db.flush().unwrap();
    let table = db.stats().table;
    // The pages of the first commit, and those of the second, are replaced.
    assert_eq!(table.lookup_count - before, 2 * table.page_count);
    assert_eq!(db.check(|_| {}).unwrap().findings, []);
}
