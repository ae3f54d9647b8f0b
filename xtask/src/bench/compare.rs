//! Suite `compare` and `bench --check`: a program of their own with other databases in it.

use crate::failure::Failure;
use crate::process;
use std::path::Path;

pub(super) const NAME: &str = "compare";
pub(super) const ABOUT: &str = "side by side with other databases; its own options, see --help";

const MANIFEST: &str = "benches/compare/Cargo.toml";

/// The words for the program, if the command line is one for it: what follows `compare`, or all of a
/// line with `--check`.
pub(super) fn words(words: &[String]) -> Option<Vec<String>> {
    match words.split_first() {
        Some((name, rest)) if name == NAME => Some(rest.to_vec()),
        _ if words.iter().any(|word| word == "--check") => Some(words.to_vec()),
        _ => None,
    }
}

/// Builds and runs the program; its exit code is ours. It is kept out of the workspace, so that the
/// peers are built for this alone.
pub(super) fn run(root: &Path, words: Vec<String>) -> Result<(), Failure> {
    if !root.join(MANIFEST).is_file() {
        return Err(Failure::Failed(format!("there is no {MANIFEST} in this checkout")));
    }
    // All of its programs: `--check` counts the instructions of another one.
    let mut build = process::cargo();
    build.current_dir(root).args(["build", "--release", "--bins", "--manifest-path", MANIFEST]);
    process::run(&mut build)?;
    let mut command = process::cargo();
    command.args(["run", "--release", "--quiet", "--bin", NAME, "--manifest-path"]);
    command.arg(root.join(MANIFEST)).arg("--").args(words);
    let status = command.status().map_err(|error| Failure::of(NAME, error))?;
    match status.code().map(u8::try_from) {
        Some(Ok(0)) => Ok(()),
        Some(Ok(exit_code)) => Err(Failure::Told { exit_code }),
        _ => Err(Failure::of(NAME, status)),
    }
}

#[cfg(test)]
mod tests;
