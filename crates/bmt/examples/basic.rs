//! A database from the first key to a proof that needs no database.
//!
//! Prints:
//! ```text
//! committed 1: …
//! alice has 10, bob has 20
//! proven: alice has 10
//! proven: carol has nothing
//! undone: alice has nothing
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Db, EMPTY_ROOT, StateKey};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?; // yours: any directory that is missing or empty
    let db = Db::open(directory.path())?;
    let [alice, bob, carol] =
        ["alice", "bob", "carol"].map(|name| StateKey::service_storage(7, name.as_bytes()));

    // Pending, seen by this handle only; then one atomic, durable step.
    db.insert(alice, b"10")?;
    db.insert(bob, b"20")?;
    let commit = db.commit()?;
    println!("committed {}: {}", commit.sequence, hex::encode(commit.root));

    let text = |key| -> Result<String, Box<dyn Error>> {
        let value = db.get(&key)?;
        Ok(value.map_or("nothing".to_owned(), |value| String::from_utf8_lossy(&value).into_owned()))
    };
    println!("alice has {}, bob has {}", text(alice)?, text(bob)?);
    assert_eq!(db.range(alice.min(bob)..)?.count(), 2);

    // Whoever has the root alone can check these.
    db.prove(&alice)?.verify_present(&commit.root, &alice, b"10")?;
    println!("proven: alice has 10");
    db.prove(&carol)?.verify_absent(&commit.root, &carol)?;
    println!("proven: carol has nothing");

    db.rollback(1)?; // a durable step of its own
    assert_eq!(db.root(), EMPTY_ROOT);
    println!("undone: alice has {}", text(alice)?);
    db.close()?;
    Ok(())
}
