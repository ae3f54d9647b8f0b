//! `bmt checkpoint`: a copy of a database.

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use serde_json::json;
use std::path::PathBuf;

/// Copy a database.
///
/// TARGET must be missing or an empty directory. The copy has the newest state and the commits that
/// can be undone. It is made in TARGET.unfinished, and gets its name when it is whole and on the disk.
/// Files are shared with the database where the file system can do that. Prints the root.
///
/// The database is only read, so others may read it meanwhile, but no program may have it open for
/// writing. Such a program copies it itself: `Db::checkpoint_to`.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt checkpoint --db state backup
    511727325a0cd23890c21cda3c6f8b1c9fbdf37ed57b9a85ca77286356183dcf
    $ bmt checkpoint --db state backup --json
    {\"bytes\":4337664,\"root\":\"5117…\",\"sequence\":12}
    $ bmt checkpoint --db state backup && bmt check --db backup
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// The directory of the copy.
    target: PathBuf,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let db = arguments.database.open_for_reading()?;
    let copied = db.checkpoint_to(&arguments.target)?;
    let root = hex::encode(copied.root);
    output
        .line(&root, || json!({ "root": root, "sequence": copied.sequence, "bytes": copied.bytes }))
}
