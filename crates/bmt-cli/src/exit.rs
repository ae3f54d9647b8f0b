//! Why a command did not succeed, and the exit status that says so.

use crate::hex_input::HexError;
use bmt::{
    BeginError, BulkLoadError, CheckError, CheckpointError, CloseError, CommitError, CopyError,
    Error, ExportError, ImportError, KeyError, OpenError, PrepareError, ProofError, ReadAtError,
    ReadError, RollbackError, SessionError, StagingError, StateKey, WriteError,
};
use bmt_conformance::chain::{ChainError, ChainFault};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a status means; see `bmt --help`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Status {
    Done = 0,
    No = 1,
    Usage = 2,
    Corruption = 3,
    Locked = 4,
    Io = 5,
}

/// The ways in which a command ends badly.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Hex(#[from] HexError),
    #[error("key {key} is absent")]
    Absent { key: StateKey },
    #[error("{0}")]
    Mismatch(String),
    #[error("does not verify: {0}")]
    NotVerified(#[from] ProofError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("{file}:{line_number}: {source}")]
    AtLine { file: String, line_number: usize, source: Error },
    #[error("{}: {source}", path.display())]
    Input { path: PathBuf, source: io::Error },
    #[error("standard output: {0}")]
    Output(io::Error),
    #[error("{file}:{line_number}: is durable, but cannot be acknowledged: {source}")]
    Acknowledgement { file: String, line_number: usize, source: io::Error },
    #[error("found {count} {}", if *.count == 1 { "thing that is wrong" } else { "things that are wrong" })]
    Damaged { count: u64 },
    #[error("the check could not be made: {0}")]
    Check(#[from] CheckError),
    #[error("{file}: {source}")]
    Import { file: String, source: ImportError },
    #[error(transparent)]
    Export(ExportError),
    #[error(transparent)]
    Copy(#[from] CopyError),
    #[error(transparent)]
    Database(Error),
}

impl Failure {
    pub(crate) fn status(&self) -> Status {
        match self {
            Self::Usage(_) | Self::Hex(_) => Status::Usage,
            Self::Absent { .. } | Self::Mismatch(_) | Self::NotVerified(_) => Status::No,
            Self::Chain(error) => status_of_chain(&error.fault),
            Self::Database(error) | Self::AtLine { source: error, .. } => status_of(error),
            Self::Damaged { .. } => Status::Corruption,
            Self::Import { source, .. } => status_of_import(source),
            Self::Copy(CopyError::Staging(error)) => status_of_staging(error),
            Self::Export(ExportError::Write { source, .. })
                if source.kind() == io::ErrorKind::BrokenPipe =>
            {
                Status::Done
            }
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Done,
            Self::Input { .. }
            | Self::Output(_)
            | Self::Acknowledgement { .. }
            | Self::Check(_)
            | Self::Copy(_)
            | Self::Export(_) => Status::Io,
        }
    }
}

fn status_of_chain(fault: &ChainFault) -> Status {
    match fault {
        ChainFault::Io(_) => Status::Io,
        ChainFault::WrongRoot { .. } | ChainFault::UnknownParent { .. } => Status::No,
        _ => Status::Usage,
    }
}

fn status_of(error: &Error) -> Status {
    if let Some(ReadError::Corruption(_)) = failed_read(error) {
        return Status::Corruption;
    }
    match error {
        Error::Open(error) => status_of_open(error),
        Error::ReadAt(ReadAtError::UnknownRoot { .. } | ReadAtError::HistoryTooLarge { .. }) => {
            Status::No
        }
        Error::Write(WriteError::ValueTooLarge { .. })
        | Error::Commit(CommitError::TooLarge { .. })
        | Error::Rollback(RollbackError::Commit(CommitError::TooLarge { .. })) => Status::Usage,
        Error::Rollback(RollbackError::HistoryTooShort { .. }) => Status::No,
        _ => Status::Io,
    }
}

/// The read that an operation failed for, if it was one.
fn failed_read(error: &Error) -> Option<&ReadError> {
    match error {
        Error::Read(read)
        | Error::ReadAt(ReadAtError::Read(read))
        | Error::Commit(CommitError::Read(read))
        | Error::Rollback(
            RollbackError::Read(read) | RollbackError::Commit(CommitError::Read(read)),
        )
        | Error::Prepare(PrepareError::Read(read))
        | Error::Session(SessionError::Read(read))
        | Error::BulkLoad(BulkLoadError::Read(read))
        | Error::Checkpoint(CheckpointError::Read(read))
        | Error::Open(OpenError::Checkpoint(CheckpointError::Read(read)))
        | Error::Close(CloseError::Checkpoint(CheckpointError::Read(read))) => Some(read),
        _ => None,
    }
}

fn status_of_import(error: &ImportError) -> Status {
    match error {
        ImportError::NotAnExport
        | ImportError::UnsupportedVersion { .. }
        | ImportError::UnsupportedFeatures { .. }
        | ImportError::SchemeMismatch { .. } => Status::Usage,
        ImportError::Damaged { .. } | ImportError::Truncated { .. } => Status::Corruption,
        ImportError::RootMismatch { .. } => Status::No,
        ImportError::Staging(error) => status_of_staging(error),
        ImportError::Open(error) => status_of_open(error),
        _ => Status::Io,
    }
}

fn status_of_staging(error: &StagingError) -> Status {
    match error {
        StagingError::Exists { .. }
        | StagingError::NoName { .. }
        | StagingError::Foreign { .. } => Status::Usage,
        StagingError::Locked { .. } => Status::Locked,
        _ => Status::Io,
    }
}

fn status_of_open(error: &OpenError) -> Status {
    match error {
        OpenError::NotFound { .. }
        | OpenError::NotADatabase { .. }
        | OpenError::SchemeMismatch { .. }
        | OpenError::UnsupportedVersion { .. }
        | OpenError::UnsupportedFeatures { .. } => Status::Usage,
        OpenError::Corruption(_) => Status::Corruption,
        OpenError::Locked { .. } => Status::Locked,
        _ => Status::Io,
    }
}

/// Says on standard error what went wrong, if anything, and returns the exit status.
pub(crate) fn finish(result: Result<(), Failure>, json: bool) -> ExitCode {
    let Err(failure) = result else { return ExitCode::SUCCESS };
    let status = failure.status();
    let code = status as u8;
    if status != Status::Done {
        let text = match json {
            true => serde_json::json!({ "error": failure.to_string(), "status": code }).to_string(),
            false => format!("bmt: {failure}"),
        };
        // With standard error gone too there is nobody left to tell.
        writeln!(io::stderr().lock(), "{text}").ok();
    }
    ExitCode::from(code)
}

/// Prints help, the version, or what is wrong with the command line, and returns the exit status.
pub(crate) fn not_understood(error: &clap::Error) -> ExitCode {
    let code = if error.use_stderr() { Status::Usage } else { Status::Done } as u8;
    if error.use_stderr() && std::env::args_os().any(|argument| argument == "--json") {
        let text = error.to_string();
        let text = text.trim().trim_start_matches("error: ");
        let json = serde_json::json!({ "error": text, "status": code });
        writeln!(io::stderr().lock(), "{json}").ok();
    } else {
        error.print().ok();
    }
    ExitCode::from(code)
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::Usage(error.to_string())
    }
}

/// What cannot be read is told as by any command.
impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::ReadAt(error) => error.into(),
            ExportError::Read(error) => error.into(),
            other => Self::Export(other),
        }
    }
}

macro_rules! from_database_error {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::Database(error.into())
            }
        }
    )*};
}

from_database_error!(
    BeginError,
    BulkLoadError,
    CloseError,
    CommitError,
    OpenError,
    PrepareError,
    ReadAtError,
    ReadError,
    RollbackError,
    SessionError,
    WriteError,
);

#[cfg(test)]
mod tests;
