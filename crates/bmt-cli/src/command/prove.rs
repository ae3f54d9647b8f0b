//! `bmt prove`: a proof of a key's value, or of its absence.

use crate::arguments::KeyOptions;
use crate::database::Database;
use crate::exit::Failure;
use crate::hex_input;
use crate::output::Output;
use serde_json::json;

/// Print a proof that a key has its value, or that it is absent.
///
/// In hexadecimal, in the encoding that `bmt verify` reads. A proof of absence is a proof like any
/// other: the exit status is 0. With --json, the root and the value that it proves come with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY stands for 62 digits, ROOT for 64.

    $ bmt prove --db state KEY > proof
    $ bmt verify --root ROOT --key KEY --value c0ffee - < proof
    $ bmt prove --db state KEY --json
    {\"key\":\"KEY\",\"proof\":\"…\",\"root\":\"ROOT\",\"value\":\"c0ffee\"}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: KeyOptions,

    /// The key, in hexadecimal.
    key: String,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let key = hex_input::key(&arguments.key, arguments.keys.truncate_keys)?;
    let db = arguments.database.open_existing()?;
    let (root, value, proof) = db.prove_with_root(&key)?;
    let proof = hex::encode(proof.encode());
    output.line(&proof, || {
        json!({
            "key": key.to_string(),
            "proof": proof,
            "root": hex::encode(root),
            "value": value.map(hex::encode),
        })
    })
}
