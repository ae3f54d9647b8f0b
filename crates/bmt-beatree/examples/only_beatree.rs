//! The ordered store alone: durable commits, snapshots, ranges; no trie, no root.
//!
//! Prints:
//! ```text
//! 1000 keys, durable
//! the snapshot has 1000, the newest state 999
//! opened again: 999 keys, the last of them with 999
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt_beatree::{Batch, Key, Store, StoreOptions};
use std::error::Error;

/// Keys are 32 bytes that look like hashes; these keep the order of the numbers.
fn key(number: u32) -> Key {
    let mut key = [0; 32];
    key[..4].copy_from_slice(&(number << 20).to_be_bytes());
    key
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let store = Store::open(directory.path(), StoreOptions::default())?;
    let mut batch = Batch::new();
    for number in 0..1000 {
        batch.put(key(number), number.to_string());
    }
    store.commit(batch)?;
    println!("{} keys, durable", store.range(..).count());

    let snapshot = store.snapshot();
    store.commit([(key(0), None::<Vec<u8>>)].into_iter().collect())?;
    let (before, now) = (snapshot.range(..).count(), store.range(..).count());
    println!("the snapshot has {before}, the newest state {now}");
    drop(snapshot);
    store.close()?;

    let store = Store::open(directory.path(), StoreOptions::default())?;
    let (_, last) = store.range(..).next_back().ok_or("it has keys")??;
    let count = store.range(..).count();
    println!(
        "opened again: {count} keys, the last of them with {}",
        String::from_utf8_lossy(&last)
    );
    Ok(())
}
