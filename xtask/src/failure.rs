//! Why a command did not succeed, and the exit code that says so.

use std::fmt;
use std::process::ExitCode;

/// The ways in which a command ends badly.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong: exit code 2.
    Usage(String),
    /// The work was done and the answer is no, or it could not be done: exit code 1.
    Failed(String),
    /// Whatever it was, the reason has already been printed.
    Told { exit_code: u8 },
}

impl Failure {
    /// A failure of an operation on the system, with what was being done.
    pub(crate) fn of(doing: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self::Failed(format!("{doing}: {error}"))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::FAILURE,
            Self::Told { exit_code } => ExitCode::from(*exit_code),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
            Self::Told { .. } => f.write_str("failed, as said above"),
        }
    }
}

impl std::error::Error for Failure {}
