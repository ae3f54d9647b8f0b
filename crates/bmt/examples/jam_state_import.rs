//! A JAM state, read from a file of keys and values in hex, becomes a database, and its root is the one that the
//! file says. Without an argument, a state of this repository's test vectors.
//!
//! Prints:
//! ```text
//! … keys from …
//! root …
//! as the file says; component 1 is …
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Db, StateKey};
use std::error::Error;
use std::io::{BufRead, BufReader};

const VECTOR: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../test-vectors/chains/one-service.jsonl");

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| VECTOR.to_owned());
    let file = BufReader::new(std::fs::File::open(&path)?);
    // The first line says where the file comes from, the second one is a whole state.
    let line = file.lines().nth(1).ok_or("the file has no state")??;
    let state: serde_json::Value = serde_json::from_str(&line)?;

    let mut entries: Vec<(StateKey, Vec<u8>)> = Vec::new();
    for (key, value) in state["set"].as_object().ok_or("a state has a `set`")? {
        let mut bytes = [0; 31];
        hex::decode_to_slice(key, &mut bytes).map_err(|error| error.to_string())?;
        let value = value.as_str().ok_or("a value is hex")?;
        let value = hex::decode(value).map_err(|error| error.to_string())?;
        entries.push((StateKey::new(bytes), value));
    }
    entries.sort_unstable();
    let name = path.rsplit('/').next().unwrap_or_default();
    println!("{} keys from {name}", entries.len());

    // The quickest way into an empty database: sorted, no log, every page written once.
    let directory = tempfile::tempdir()?;
    let db = Db::open(directory.path())?;
    let commit = db.bulk_load(entries)?;
    println!("root {}", hex::encode(commit.root));
    assert_eq!(state["root"].as_str(), Some(hex::encode(commit.root).as_str()));
    let present = db.get(&StateKey::component(1))?.map_or("absent", |_| "there");
    println!("as the file says; component 1 is {present}");
    Ok(())
}
