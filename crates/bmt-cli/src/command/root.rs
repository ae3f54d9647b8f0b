//! `bmt root`: the root of the state.

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use serde_json::json;

/// Print the root of the state.
///
/// 64 hexadecimal digits and a newline; zeros if the state is empty.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt root --db state
    511727325a0cd23890c21cda3c6f8b1c9fbdf37ed57b9a85ca77286356183dcf
    $ bmt root --db state --json
    {\"root\":\"511727325a0cd23890c21cda3c6f8b1c9fbdf37ed57b9a85ca77286356183dcf\",\"sequence\":11}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let db = arguments.database.open_for_reading()?;
    let root = hex::encode(db.root());
    output.line(&root, || json!({ "root": root, "sequence": db.sequence() }))
}
