//! 10,000 blocks, each on the one before it, of which the oldest is committed again and again: memory and held
//! versions stay where they were after the first hundred.

use bmt::{Db, Options, StateKey, WriteOptions};
use bmt_io::SimDisk;
use std::collections::VecDeque;

const BLOCKS: u32 = 10_000;
const UNCOMMITTED: usize = 5;

fn key(n: u32) -> StateKey {
    StateKey::service_storage(n % 5, &(n % 700).to_le_bytes())
}

#[test]
fn over_ten_thousand_blocks() {
    let disk = SimDisk::new(1);
    let options = Options::new()
        .seed(1)
        .memory_bytes(1 << 20)
        .rollback_commits_max(10)
        .log_segment_bytes(64 << 10)
        .checkpoint_log_bytes(100_000)
        // A few steps, and no more.
        .uncommitted_bytes_max(200_000);
    let db: Db = Db::open_in(disk.directory(), &options).unwrap();
    let mut chain = VecDeque::new();
    for n in 0..BLOCKS {
        let options = WriteOptions::new();
        let options = match chain.back() {
            Some(tip) => options.on(tip),
            None => options,
        };
        let mut session = db.begin_write_with(&options).unwrap();
        session.insert(key(n), n.to_le_bytes().repeat(10)).unwrap();
        session.delete(&key(n + 333));
        chain.push_back(session.prepare().unwrap().into_overlay());
        if chain.len() > UNCOMMITTED {
            chain.pop_front().unwrap().commit().unwrap();
        }
        if n % 100 == 99 {
            let tip = chain.back().unwrap();
            assert_eq!(tip.get(&key(n)).unwrap().unwrap(), n.to_le_bytes().repeat(10));
            tip.prove(&key(n + 333)).unwrap().verify_absent(&tip.root(), &key(n + 333)).unwrap();
            let stats = db.stats();
            assert!(stats.held_version_count <= UNCOMMITTED + 3, "{stats:?}");
            assert!(stats.buffer_bytes <= stats.buffer_bytes_max, "{stats:?}");
            assert!(stats.page_cache_bytes <= 2 * stats.page_cache_bytes_max, "{stats:?}");
            assert!(stats.tree.held_pages < 1000, "{stats:?}");
            assert!(stats.log.file_bytes < 4 << 20, "{stats:?}");
        }
    }
    assert_eq!(db.sequence(), u64::from(BLOCKS) - UNCOMMITTED as u64);
}
