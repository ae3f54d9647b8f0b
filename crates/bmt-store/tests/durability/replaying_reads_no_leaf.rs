//! Recovery applies the log without reading a page of entries: it writes what it knows to the buffer, and the trie
//! from the frontier changes of the records.
use bmt_core::StateKey;
use bmt_io::{Operation, SimDisk, TraceEntry};
use bmt_store::{Db, Options};

fn options() -> Options {
    Options::new().seed(3).log_segment_bytes(64 << 10).checkpoint_log_bytes(1 << 30)
}

fn key(number: u64) -> StateKey {
    StateKey::service_storage(1, &number.to_le_bytes())
}

/// A database of many leaves, and commits of so many changes to all of them that no page has.
fn database(commits: u64, changes: u64) -> SimDisk {
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    let mut keys: Vec<StateKey> = (0..20_000).map(key).collect();
    keys.sort_unstable();
    db.bulk_load(keys.into_iter().map(|key| (key, [7; 60]))).unwrap();
    for commit in 0..commits {
        for change in 0..changes {
            let number = (commit * changes + change) * 37 % 22_000;
            match change % 5 {
                0 => db.delete(&key(number)).unwrap(),
                _ => db.insert(key(number), commit.to_le_bytes()).unwrap(),
            }
        }
        db.commit().unwrap();
    }
    disk.process_crash()
}

/// The reads of a file after the first, and before the last, of the log's in recovery proper.
fn reads_while_replaying(trace: &[TraceEntry]) -> (usize, usize) {
    let is_read = |it: &&TraceEntry| it.operation == Operation::Read;
    let is_log = |it: &TraceEntry| it.file.starts_with("seglog-");
    // The log is made durable before it is replayed.
    let synced = trace.iter().rposition(|it| it.operation == Operation::SyncDirectory).unwrap();
    let replayed = &trace[synced..];
    let last = replayed.iter().rposition(|it| it.operation == Operation::Read && is_log(it));
    let replayed = &replayed[..=last.unwrap()];
    let count = |is_it: &dyn Fn(&TraceEntry) -> bool| {
        replayed.iter().filter(is_read).filter(|it| is_it(it)).count()
    };
    (count(&is_log), count(&|it| it.file == "beatree.pages"))
}

fn check(commits: u64, changes: u64) {
    let disk = database(commits, changes);
    disk.start_trace();
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    let (log_reads, leaf_reads) = reads_while_replaying(&disk.take_trace());
    let stats = db.stats();
    assert_eq!(stats.recovery.replayed_steps, commits);
    assert_eq!(stats.recovery.replayed_changes, commits * changes);
    assert!(log_reads > 2, "the log is read in pieces: {log_reads}");
    assert_eq!(leaf_reads, 0, "no leaf is read");
    // After it, a sample is compared with the trie: sixteen places, each on a leaf or two.
    assert!(stats.tree.leaf_reads <= 32, "{} leaves", stats.tree.leaf_reads);
    assert!(db.check(|_| {}).unwrap().is_clean());
}

#[test]
fn with_commits_of_one_change() {
    check(600, 1);
}

#[test]
fn with_commits_of_a_thousand_changes() {
    check(8, 1000);
}
