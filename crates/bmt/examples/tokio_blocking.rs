//! The database under an asynchronous program: calls that may wait for storage run where waiting is allowed.
//!
//! Prints:
//! ```text
//! committed 1, 2, 3
//! 30 reads on worker threads agree
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Commit, Db, StateKey};
use std::error::Error;
use std::sync::Arc;
use tokio::task::spawn_blocking;

fn key(number: u8) -> StateKey {
    StateKey::service_storage(7, &[number])
}

/// A block: what it writes goes through a session of its own, so that none sees another's changes.
async fn commit_block(db: Arc<Db>, block: u8) -> Result<Commit, Box<dyn Error + Send + Sync>> {
    spawn_blocking(move || {
        let mut session = db.begin_write();
        for number in 0..10 {
            session.insert(key(10 * block + number), [block])?;
        }
        Ok(session.prepare()?.commit()?)
    })
    .await?
}

async fn run(db: Arc<Db>) -> Result<(), Box<dyn Error + Send + Sync>> {
    let mut sequences = Vec::new();
    for block in 0..3 {
        sequences.push(commit_block(Arc::clone(&db), block).await?.sequence.to_string());
    }
    println!("committed {}", sequences.join(", "));

    // What is in memory is quicker than a change of threads; what may not be goes there.
    let reads = (0..30).map(|number| {
        let db = Arc::clone(&db);
        spawn_blocking(move || {
            db.get(&key(number)).map(|value| value.as_deref() == Some(&[number / 10]))
        })
    });
    let reads: Vec<_> = reads.collect();
    let count = reads.len();
    for read in reads {
        assert!(read.await??);
    }
    println!("{count} reads on worker threads agree");
    Ok(())
}

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let directory = tempfile::tempdir()?;
    let db = Arc::new(Db::open(directory.path())?);
    tokio::runtime::Builder::new_current_thread().build()?.block_on(run(db))
}
