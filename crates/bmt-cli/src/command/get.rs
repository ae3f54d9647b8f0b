//! `bmt get`: the value of a key.

use crate::arguments::{AtRoot, KeyOptions};
use crate::database::Database;
use crate::exit::Failure;
use crate::hex_input;
use crate::output::Output;
use serde_json::json;

/// Print the value of a key.
///
/// In hexadecimal, with a newline; an empty value is an empty line. When the key is absent, nothing
/// is printed and the exit status is 1. With --at, of an earlier state: also 1 if no state that a
/// rollback could restore has that root.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY stands for 62 digits, ROOT for 64.

    $ bmt get --db state KEY
    c0ffee
    $ bmt get --db state KEY --raw > blob
    $ bmt get --db state KEY --json
    {\"key\":\"KEY\",\"value\":\"c0ffee\"}
    $ bmt get --db state KEY --at ROOT     as it was when the root was ROOT
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: KeyOptions,
    #[command(flatten)]
    at: AtRoot,

    /// The key, in hexadecimal.
    key: String,

    /// Print the bytes themselves, without a newline.
    #[arg(long, conflicts_with = "json")]
    raw: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let key = hex_input::key(&arguments.key, arguments.keys.truncate_keys)?;
    arguments.at.check()?;
    let db = arguments.database.open_for_reading()?;
    let value = arguments.at.read(&db)?.get(&key)?.ok_or(Failure::Absent { key })?;
    if arguments.raw {
        return output.raw(&value);
    }
    let value = hex::encode(&value);
    output.line(&value, || json!({ "key": key.to_string(), "value": value }))
}
