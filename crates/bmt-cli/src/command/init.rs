//! `bmt init`: make an empty database.

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use serde_json::json;

/// Make an empty database.
///
/// The directory must be missing or empty. A database that is there already is left as it is, and
/// that is no error. Prints the root.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt init --db state
    0000000000000000000000000000000000000000000000000000000000000000
    $ bmt init --db state --json
    {\"created\":false,\"root\":\"0000000000000000000000000000000000000000000000000000000000000000\"}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let db = arguments.database.open_or_create()?;
    let (created, root) = (db.stats().recovery.created, hex::encode(db.root()));
    db.close()?;
    output.line(&root, || json!({ "created": created, "root": root }))
}
