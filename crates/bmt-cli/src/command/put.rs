//! `bmt put`: set keys in one commit.

use crate::arguments::KeyOptions;
use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use crate::{hex_input, value_input};
use bmt::StateKey;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Set keys to values, all in one commit.
///
/// Makes the database if the directory is missing or empty. Prints the new root once the commit is
/// durable. A key may be given once only. Setting a key to the value it has is a commit all the same.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY1 and KEY2 stand for 62 digits each.

    $ bmt put --db state KEY1 c0ffee              one key
    $ bmt put --db state KEY1 c0ffee KEY2 \"\"      two keys in one commit, the second one empty
    $ bmt put --db state KEY1 --value-file blob   the bytes of a file, as they are
    $ head -c 100000 /dev/urandom | bmt put --db state KEY1 --value-file -
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: KeyOptions,

    /// Keys and their values in turn, in hexadecimal.
    #[arg(value_name = "KEY VALUE", required = true, num_args = 1..)]
    items: Vec<String>,

    /// Take the value of the one KEY from a file, as raw bytes; - is standard input.
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let entries = entries(arguments)?;
    let db = arguments.database.open_or_create()?;
    for (key, value) in entries {
        db.insert(key, value)?;
    }
    let commit = db.commit()?;
    db.close()?;
    output.commit(&commit)
}

/// The keys and values, all of them checked.
fn entries(arguments: &Arguments) -> Result<BTreeMap<StateKey, Vec<u8>>, Failure> {
    let truncate = arguments.keys.truncate_keys;
    if let Some(path) = &arguments.value_file {
        let [key] = arguments.items.as_slice() else {
            let message = "with --value-file, give one KEY and no VALUE";
            return Err(Failure::Usage(message.to_owned()));
        };
        let key = hex_input::key(key, truncate)?;
        return Ok(BTreeMap::from([(key, value_input::read(path)?)]));
    }
    let mut entries = BTreeMap::new();
    for pair in arguments.items.chunks(2) {
        let [key, value] = pair else {
            let key = pair.first().map_or("", String::as_str);
            return Err(Failure::Usage(format!("key {key} has no value")));
        };
        let key = hex_input::key(key, truncate)?;
        if entries.insert(key, hex_input::value(value)?).is_some() {
            return Err(Failure::Usage(format!("key {key} is given twice")));
        }
    }
    Ok(entries)
}
