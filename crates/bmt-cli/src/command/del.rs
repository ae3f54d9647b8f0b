//! `bmt del`: delete keys in one commit.

use crate::arguments::KeyOptions;
use crate::database::Database;
use crate::exit::Failure;
use crate::hex_input;
use crate::output::Output;
use bmt::StateKey;
use std::collections::BTreeSet;

/// Delete keys, all in one commit.
///
/// Prints the new root once the commit is durable. If one of the keys is absent, nothing is
/// committed and the exit status is 1; with --missing-ok it counts as deleted.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY1 and KEY2 stand for 62 digits each.

    $ bmt del --db state KEY1 KEY2
    $ bmt del --db state --missing-ok KEY1
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: KeyOptions,

    /// The keys, in hexadecimal.
    #[arg(value_name = "KEY", required = true)]
    items: Vec<String>,

    /// Delete what is there of the keys; commit also if that is nothing.
    #[arg(long)]
    missing_ok: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let keys = keys(arguments)?;
    let db = arguments.database.open_existing()?;
    for key in keys {
        if !arguments.missing_ok && db.get(&key)?.is_none() {
            return Err(Failure::Absent { key });
        }
        db.delete(&key)?;
    }
    let commit = db.commit()?;
    db.close()?;
    output.commit(&commit)
}

/// The keys, all of them checked.
fn keys(arguments: &Arguments) -> Result<BTreeSet<StateKey>, Failure> {
    let mut keys = BTreeSet::new();
    for text in &arguments.items {
        let key = hex_input::key(text, arguments.keys.truncate_keys)?;
        if !keys.insert(key) {
            return Err(Failure::Usage(format!("key {key} is given twice")));
        }
    }
    Ok(keys)
}
