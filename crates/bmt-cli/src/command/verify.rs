//! `bmt verify`: check a proof, without a database.

use crate::arguments::KeyOptions;
use crate::exit::Failure;
use crate::output::Output;
use crate::{hex_input, value_input};
use bmt::{GrayPaper, Hash, PathProof, ProofError, StateKey};
use serde_json::json;
use std::io::{self, Read};
use std::path::PathBuf;

/// Bytes of hexadecimal text that are read of a proof: far more than the longest one has.
const PROOF_TEXT_BYTES_MAX: u64 = 1 << 20;

/// Check a proof that a key has a value, or is absent, under a root.
///
/// Needs no database. Prints `verified` and exits with 0, or says why not and exits with 1. What
/// cannot be decoded as a proof does not verify; what is not hexadecimal is wrong usage.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY stands for 62 digits, ROOT for 64, PROOF for what `bmt prove` printed.

    $ bmt verify --root ROOT --key KEY --value c0ffee PROOF
    verified
    $ bmt verify --root ROOT --key KEY --value-file blob PROOF
    $ bmt prove --db state KEY | bmt verify --root ROOT --key KEY --absent -
    $ bmt verify --root ROOT --key KEY --absent PROOF --json
    {\"verified\":true}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    keys: KeyOptions,

    /// The root, in hexadecimal.
    #[arg(long)]
    root: String,

    /// The key, in hexadecimal.
    #[arg(long)]
    key: String,

    #[command(flatten)]
    claim: Claim,

    /// The proof, in hexadecimal; - reads it from standard input.
    proof: String,
}

/// What the proof is to show.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Claim {
    /// The key has this value, in hexadecimal.
    #[arg(long)]
    value: Option<String>,

    /// The key has the bytes of a file as its value.
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,

    /// The key is absent.
    #[arg(long)]
    absent: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let root = hex_input::root(&arguments.root)?;
    let key = hex_input::key(&arguments.key, arguments.keys.truncate_keys)?;
    let value = claimed_value(&arguments.claim)?;
    let proof = match arguments.proof.as_str() {
        "-" => {
            if arguments.claim.value_file.as_deref().is_some_and(value_input::is_stdin) {
                let message = "standard input cannot be both the proof and the value";
                return Err(Failure::Usage(message.to_owned()));
            }
            hex_input::proof(stdin_text()?.trim())?
        }
        text => hex_input::proof(text)?,
    };
    check(&root, &key, value.as_deref(), &proof)?;
    output.line("verified", || json!({ "verified": true }))
}

/// The value that the key is claimed to have; `None` if it is claimed to be absent.
fn claimed_value(claim: &Claim) -> Result<Option<Vec<u8>>, Failure> {
    match (&claim.value, &claim.value_file) {
        (Some(text), _) => Ok(Some(hex_input::value(text)?)),
        (None, Some(path)) => Ok(Some(value_input::read(path)?)),
        (None, None) => Ok(None),
    }
}

fn check(
    root: &Hash,
    key: &StateKey,
    value: Option<&[u8]>,
    proof: &[u8],
) -> Result<(), ProofError> {
    let proof = PathProof::<GrayPaper>::decode(proof)?;
    match value {
        Some(value) => proof.verify_present(root, key, value),
        None => proof.verify_absent(root, key),
    }
}

fn stdin_text() -> Result<String, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(PROOF_TEXT_BYTES_MAX + 1).read_to_end(&mut bytes);
    let count =
        read.map_err(|source| Failure::Input { path: PathBuf::from("standard input"), source })?;
    if count as u64 > PROOF_TEXT_BYTES_MAX {
        let message = format!("standard input: a proof has at most {PROOF_TEXT_BYTES_MAX} digits");
        return Err(Failure::Usage(message));
    }
    // What is no text is no hexadecimal either, and refused as that.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
