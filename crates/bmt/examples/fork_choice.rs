//! Two branches of blocks compete on one state, nothing of them on disk; the heavier one becomes final.
//!
//! Prints:
//! ```text
//! block a1 on the final state: …
//! block a2 on a1: …
//! block b1 on the final state: …
//! block b2 on b1: …
//! block b3 on b2: …
//! branch b is heavier: b1, b2 and b3 are final
//! block a2 can't be committed any more
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{CommitError, Db, GrayPaper, Overlay, StateKey, WriteOptions};
use std::error::Error;

const HEAD: StateKey = StateKey::component(1);

/// Executes a block on its parent, or on the final state.
fn execute(
    db: &Db,
    name: &str,
    parent: Option<(&str, &Overlay<GrayPaper>)>,
) -> Result<Overlay<GrayPaper>, Box<dyn Error>> {
    let options = WriteOptions::new();
    let (options, on) = match parent {
        Some((parent, overlay)) => (options.on(overlay), parent),
        None => (options, "the final state"),
    };
    let mut session = db.begin_write_with(&options)?;
    session.insert(HEAD, name)?;
    session.insert(StateKey::service_storage(7, name.as_bytes()), b"was here")?;
    let overlay = session.prepare()?.into_overlay();
    println!("block {name} on {on}: {}", hex::encode(&overlay.root()[..4]));
    Ok(overlay)
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let db = Db::open(directory.path())?;
    db.insert(HEAD, b"genesis")?;
    db.commit()?;

    let a1 = execute(&db, "a1", None)?;
    let a2 = execute(&db, "a2", Some(("a1", &a1)))?;
    let b1 = execute(&db, "b1", None)?;
    let b2 = execute(&db, "b2", Some(("b1", &b1)))?;
    let b3 = execute(&db, "b3", Some(("b2", &b2)))?;
    // Every branch can be read and proven before anything is decided.
    a2.prove(&HEAD)?.verify_present(&a2.root(), &HEAD, b"a2")?;
    assert_eq!(b3.get(&HEAD)?.as_deref(), Some(b"b3".as_slice()));
    assert_eq!(db.get(&HEAD)?.as_deref(), Some(b"genesis".as_slice()));

    for block in [&b1, &b2, &b3] {
        block.commit()?;
    }
    assert_eq!(db.root(), b3.root());
    println!("branch b is heavier: b1, b2 and b3 are final");

    assert!(matches!(a1.commit(), Err(CommitError::Stale { .. })));
    assert!(matches!(a2.commit(), Err(CommitError::ParentNotCommitted(_))));
    println!("block a2 can't be committed any more");
    Ok(())
}
