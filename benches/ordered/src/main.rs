//! `ordered`: bmt-beatree next to redb and LMDB, and next to the bare device.
//!
//! `ordered [--quick] [--dir DIR] [--only bulk|space|reads|entries|snapshot|peers]` runs everything, or one part; each turn is a process of its own under one memory
//! limit (`ordered turn ...`). Started by `cargo xtask bench beatree`.

mod alone;
mod peers;
mod print;
mod store;
mod turn;

use bmt_compare::engine::Outcome;
use std::path::PathBuf;
use std::process::ExitCode;

/// What is asked for.
pub(crate) struct Plan {
    /// Small and short: does it work at all?
    pub(crate) quick: bool,
    /// Where databases are made.
    pub(crate) dir: PathBuf,
}

impl Plan {
    /// The first in an ordinary run, the second in a quick one.
    pub(crate) fn size(&self, ordinary: u64, quick: u64) -> u64 {
        if self.quick { quick } else { ordinary }
    }
}

fn run(words: &[String]) -> Outcome<()> {
    if words.first().is_some_and(|word| word == "turn") {
        return turn::run(&words[1..]);
    }
    let quick = words.iter().any(|word| word == "--quick");
    let given = words.iter().position(|word| word == "--dir").and_then(|at| words.get(at + 1));
    let parent = given.map_or_else(std::env::temp_dir, PathBuf::from);
    let place = tempfile::tempdir_in(parent)?;
    let plan = Plan { quick, dir: place.path().to_path_buf() };
    let only = words.iter().position(|word| word == "--only").and_then(|at| words.get(at + 1));
    let wants = |part: &str| only.is_none_or(|only| only == part);
    alone::run(&plan, wants)?;
    if wants("peers") { peers::run(&plan) } else { Ok(()) }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
