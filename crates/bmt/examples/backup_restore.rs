//! Two ways to a backup while the database is in use: a copy of the files, which keeps history, and a file of one
//! state, which any machine can read and which a damaged byte cannot pass.
//!
//! Prints:
//! ```text
//! the copy has 2 commits and can undo them
//! the export of … bytes has 500 keys
//! restored: the same root
//! a damaged export is refused: …
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Db, GrayPaper, Import, Options, StateKey};
use std::error::Error;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let place = tempfile::tempdir()?;
    let path = |name: &str| place.path().join(name);
    let db = Db::open(path("live"))?;
    for number in 0..500_u32 {
        db.insert(StateKey::service_storage(7, &number.to_le_bytes()), number.to_be_bytes())?;
    }
    let first = db.commit()?;
    db.insert(StateKey::component(1), b"second")?;
    let second = db.commit()?;

    // A copy of the files: commits and reads go on meanwhile.
    db.checkpoint_to(path("copy"))?;
    let copy = Db::open(path("copy"))?;
    assert_eq!(copy.root(), second.root);
    println!("the copy has {} commits and can undo them", copy.sequence());
    assert_eq!(copy.rollback(1)?.root, first.root);
    copy.close()?;

    // One state as a file: this one is of the past.
    let mut file = BufWriter::new(File::create(path("state.export"))?);
    db.export(Some(&first.root), &mut file, |_| ())?;
    file.into_inner()?.sync_all()?;
    let mut bytes = std::fs::read(path("state.export"))?;
    let import = Import::<GrayPaper, _>::begin(BufReader::new(File::open(path("state.export"))?))?;
    println!("the export of {} bytes has {} keys", bytes.len(), import.key_count());

    // Its root is computed while it is read, and compared; what has the name is whole.
    import.build(&path("restored"), &Options::new(), |_| ())?;
    assert_eq!(Db::open(path("restored"))?.root(), first.root);
    println!("restored: the same root");

    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    File::create(path("damaged.export"))?.write_all(&bytes)?;
    let import =
        Import::<GrayPaper, _>::begin(BufReader::new(File::open(path("damaged.export"))?))?;
    let refused = import.build(&path("nothing"), &Options::new(), |_| ());
    println!("a damaged export is refused: {}", refused.err().ok_or("it was taken")?);
    assert!(!path("nothing").exists());
    Ok(())
}
