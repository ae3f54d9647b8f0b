//! `bmt prove`: a proof of a key's value, or of its absence.

use crate::arguments::{AtRoot, KeyOptions};
use crate::database::Database;
use crate::exit::Failure;
use crate::hex_input;
use crate::output::Output;
use serde_json::json;

/// Print a proof that a key has its value, or that it is absent.
///
/// In hexadecimal, in the encoding that `bmt verify` reads. A proof of absence is a proof like any
/// other: the exit status is 0. With --json, the root and the value that it proves come with it. With
/// --at, of an earlier state: the exit status is 1 if no state that a rollback could restore has that
/// root.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY stands for 62 digits, ROOT for 64.

    $ bmt prove --db state KEY > proof
    $ bmt verify --root ROOT --key KEY --value c0ffee - < proof
    $ bmt prove --db state KEY --json
    {\"key\":\"KEY\",\"proof\":\"…\",\"root\":\"ROOT\",\"value\":\"c0ffee\"}
    $ bmt prove --db state KEY --at ROOT     against an earlier root
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
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let key = hex_input::key(&arguments.key, arguments.keys.truncate_keys)?;
    arguments.at.check()?;
    let db = arguments.database.open_for_reading()?;
    let state = arguments.at.read(&db)?;
    let (root, value) = (state.root(), state.get(&key)?);
    let proof = hex::encode(state.prove(&key)?.encode());
    output.line(&proof, || {
        json!({
            "key": key.to_string(),
            "proof": proof,
            "root": hex::encode(root),
            "value": value.map(hex::encode),
        })
    })
}
