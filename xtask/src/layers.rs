//! The commands that run the project's crates: always in a release build, with the feature `layers`.
//!
//! `cargo xtask` builds without that feature, with debug assertions and little optimisation. That
//! suits checks and would falsify measurements, so these commands build and run it once more.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::process;
use std::process::Command;

/// `cargo xtask conformance`.
///
/// # Errors
/// As the command itself, or when it can't be built.
pub(crate) fn conformance(arguments: Arguments) -> Result<(), Failure> {
    #[cfg(feature = "layers")]
    if IS_RELEASE {
        return crate::conformance::run(arguments);
    }
    again("conformance", arguments)
}

/// `cargo xtask bench`.
///
/// # Errors
/// As the command itself, or when it can't be built.
pub(crate) fn bench(arguments: Arguments) -> Result<(), Failure> {
    #[cfg(feature = "layers")]
    if IS_RELEASE {
        return crate::bench::run(arguments);
    }
    again("bench", arguments)
}

#[cfg(feature = "layers")]
const IS_RELEASE: bool = !cfg!(debug_assertions);

/// The command that runs `cargo xtask NAME` in a release build, from the folder this program was
/// called in.
///
/// # Errors
/// When there is no workspace here.
pub(crate) fn command(name: &str) -> Result<Command, Failure> {
    let manifest = crate::workspace::root()?.join("Cargo.toml");
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--release", "--package", "xtask", "--features", "layers"]);
    command.arg("--manifest-path").arg(manifest).args(["--", name]);
    Ok(command)
}

fn again(name: &str, arguments: Arguments) -> Result<(), Failure> {
    let mut command = command(name)?;
    command.args(arguments.into_words());
    let status = command.status().map_err(|error| Failure::of(process::shown(&command), error))?;
    match status.code().map(u8::try_from) {
        Some(Ok(0)) => Ok(()),
        // The exit code of the command itself, such as 2 for a wrong command line.
        Some(Ok(exit_code)) => Err(Failure::Told { exit_code }),
        _ => Err(Failure::Told { exit_code: 1 }),
    }
}
