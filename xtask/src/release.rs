//! Running a command of this program again in a release build.
//!
//! `cargo xtask` builds with debug assertions and little optimisation, which suits checks and
//! would falsify measurements.

use crate::failure::Failure;
use crate::process;
use crate::workspace::cargo_in;
use std::path::Path;
use std::process::Command;

/// Whether this program itself was built for measuring.
pub(crate) const IS_RELEASE: bool = !cfg!(debug_assertions);

/// The command that runs `cargo xtask WORDS` in a release build.
pub(crate) fn command(root: &Path, words: &[&str]) -> Command {
    let mut command = cargo_in(root, &["run", "--quiet", "--release", "--package", "xtask", "--"]);
    command.args(words);
    command
}

/// Runs `cargo xtask WORDS` in a release build, from the folder this program was called in.
///
/// # Errors
/// When it can't be built or does not succeed.
pub(crate) fn run(root: &Path, words: &[String]) -> Result<(), Failure> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut command = process::cargo();
    let manifest = root.join("Cargo.toml");
    command.args(["run", "--quiet", "--release", "--package", "xtask", "--manifest-path"]);
    process::run(command.arg(manifest).arg("--").args(words)).map_err(|_| Failure::Told)
}
