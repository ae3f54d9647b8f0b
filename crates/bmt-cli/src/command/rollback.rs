//! `bmt rollback`: undo commits.

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;

/// Undo the newest commits, as one new durable step.
///
/// Prints the root after it. A rollback is not a commit to undo: the next one goes further back. If
/// fewer commits can be undone than asked for, nothing is changed and the exit status is 1.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt rollback --db state 1     undo the newest commit
    $ bmt rollback --db state 10    undo ten
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// How many commits to undo, at least 1.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: u32,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let count = usize::try_from(arguments.count)
        .map_err(|_| Failure::Usage(format!("{} is too many", arguments.count)))?;
    let db = arguments.database.open_existing()?;
    let commit = db.rollback(count)?;
    db.close()?;
    output.commit(&commit)
}
