//! The table of pages alone: immutable pages under ids that are hashes, many changed at once or none.
//!
//! Prints:
//! ```text
//! 500 pages, durable together
//! the snapshot has page 0, the newest state does not
//! opened again: 499 pages in … buckets, … page reads for 500 ids
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt_bitbox::{Batch, Store, StoreOptions};
use bmt_io::{IoOptions, open_directory};
use std::error::Error;
use std::sync::Arc;

/// An id should be a hash; this one is made up.
fn id(number: u64) -> [u8; 32] {
    let mut id = [0; 32];
    id[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    id
}

fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let directory = open_directory(place.path(), &IoOptions::default())?;
    let options = StoreOptions::new(0x5eed);
    let store = Store::create(Arc::clone(&directory), options.clone())?;
    let mut batch = Batch::new();
    for number in 0..500_u64 {
        batch.put(id(number), number.to_le_bytes().repeat(100))?;
    }
    store.commit(&batch)?;
    println!("{} pages, durable together", store.stats().page_count);

    let snapshot = store.pin();
    let mut batch = Batch::new();
    batch.delete(id(0));
    store.commit(&batch)?;
    assert!(snapshot.get(&id(0))?.is_some() && store.get(&id(0))?.is_none());
    println!("the snapshot has page 0, the newest state does not");
    drop(snapshot);
    store.close()?;

    let store = Store::open(directory, options)?;
    let ids: Vec<_> = (0..500).map(id).collect();
    let found = store.get_many(&ids)?.into_iter().flatten().count();
    let stats = store.stats();
    println!(
        "opened again: {found} pages in {} buckets, {} page reads for {} ids",
        stats.bucket_count,
        stats.page_read_count,
        ids.len()
    );
    Ok(())
}
