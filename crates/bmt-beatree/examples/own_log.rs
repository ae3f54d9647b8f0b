//! The tree under a program that has a log and a manifest of its own: here, a vector and 80 bytes.

#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt_beatree::{
    Buffer, Change, FlushOptions, Key, Meta, Run, Tree, TreeError, TreeOptions, ValueHash, Version,
};
use bmt_io::SimDisk;
use std::sync::Arc;

fn value_hash(value: &[u8]) -> ValueHash {
    let mut hash = [0; 32];
    hash[..8].copy_from_slice(&bmt_io::checksum(0, value).to_le_bytes());
    hash
}

fn key(number: u64) -> Key {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    key
}

fn main() -> Result<(), TreeError> {
    let disk = SimDisk::new(1); // or bmt_io::open_directory
    let options = TreeOptions::new(0x5a17, value_hash);
    let (tree, index) = Tree::create(disk.directory(), options.clone())?;
    let mut manifest = index.meta().encode();
    let mut version = Version::new(Buffer::new(), index);

    // Commits: append to your log first, then publish a version with one more run.
    for commit in 0..10_u64 {
        let value = commit.to_le_bytes();
        let mut changes: Vec<(Key, Change<'_>)> =
            (0..1000).map(|number| (key(commit * 500 + number), Change::Put(&value))).collect();
        changes.sort_unstable_by_key(|(key, _)| *key);
        let run = Arc::new(Run::new(changes, value_hash)?);
        version = version.with_buffer(version.buffer().with_run(run));
        if let Some(job) = version.buffer().merge_job()
            && let Some(buffer) = version.buffer().with_merged(&job.run())
        {
            version = version.with_buffer(buffer);
        }
    }

    // A checkpoint: freeze, write slices, store each one's meta record, drop the frozen runs.
    version = version.with_buffer(version.buffer().freeze()?);
    let mut flush = tree.flush(version.index(), version.buffer(), FlushOptions::default());
    while let Some(slice) = flush.next_slice()? {
        manifest = slice.meta().encode(); // durable, with you
        version = version.with_index(flush.stored(slice));
    }
    version = version.with_buffer(version.buffer().without_frozen());
    println!("{} entries in {:?}", version.iter().count(), version.index().counts());

    // After a restart: the pages are what the manifest says, the rest comes from your log.
    drop((version, flush, tree));
    let meta = Meta::decode(&manifest).map_err(|damage| TreeError::Corruption {
        file: "manifest".into(),
        page: 0,
        damage,
    })?;
    let (_tree, index) = Tree::open(disk.directory(), options, &meta)?;
    let version = Version::new(Buffer::new(), index);
    assert_eq!(version.get(&key(5499))?.as_deref(), Some(9_u64.to_le_bytes().as_slice()));
    Ok(())
}
