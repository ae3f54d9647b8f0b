//! The conformance command: which folders to run, against which layers, and how to tell.

use crate::backend::BackendFactory;
use crate::corpus::{Corpus, CorpusError};
use crate::report::Report;
use crate::runner::{self, Effort};
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};

/// The environment variable that names more folders: a path list.
pub const VECTORS_VARIABLE: &str = "BMT_VECTORS";

/// What the command takes, for a usage text.
pub const USAGE: &str = "[--vectors DIR]... [--json]";

/// What to run and how to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// The folders. Each must have a case.
    pub folders: Vec<PathBuf>,
    /// Write the report as JSON instead of a table.
    pub json: bool,
}

impl Options {
    /// Reads `[--vectors DIR]... [--json]`.
    ///
    /// Without `--vectors`, the folders are `corpus` and those of `variable`, a path list in the
    /// form of `PATH`, as the environment variable [`VECTORS_VARIABLE`] has it.
    ///
    /// # Errors
    /// [`CommandError::Usage`] for any other argument.
    pub fn parse<A: Into<OsString>>(
        arguments: impl IntoIterator<Item = A>,
        corpus: &Path,
        variable: Option<&OsStr>,
    ) -> Result<Self, CommandError> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter().map(Into::into);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("--json") => options.json = true,
                Some("--vectors") => match arguments.next() {
                    Some(folder) => options.folders.push(folder.into()),
                    None => return Err(usage("`--vectors` needs a folder")),
                },
                _ => return Err(usage(&format!("unknown argument `{}`", argument.display()))),
            }
        }
        Ok(options.or_default(corpus, variable))
    }

    /// The same options; if they name no folder, `corpus` and the folders of `variable`, as
    /// [`Options::parse`] does it.
    #[must_use]
    pub fn or_default(mut self, corpus: &Path, variable: Option<&OsStr>) -> Self {
        if self.folders.is_empty() {
            self.folders.push(corpus.to_owned());
            let named = variable.map(std::env::split_paths).into_iter().flatten();
            self.folders.extend(named.filter(|folder| !folder.as_os_str().is_empty()));
        }
        self
    }
}

fn usage(message: &str) -> CommandError {
    CommandError::Usage { message: message.to_owned() }
}

/// Why the command could not run. A case that fails is no such error: it is in the report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The arguments are not understood.
    #[error("{message}; usage: {USAGE}")]
    Usage {
        /// What is not understood.
        message: String,
    },
    /// A folder cannot be run.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// The report could not be written.
    #[error("the report could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// The report could not be encoded.
    #[error("the report could not be encoded: {0}")]
    Json(#[from] serde_json::Error),
}

/// Runs the folders against the layers and writes the report to `output`. The run has passed if the
/// report says so ([`Report::passed`]).
///
/// # Errors
/// When a folder cannot be run or the report cannot be written.
pub fn run(
    options: &Options,
    layers: &[Box<dyn BackendFactory>],
    output: &mut dyn Write,
) -> Result<Report, CommandError> {
    let mut corpus = Corpus::default();
    for folder in &options.folders {
        corpus.add_folder(folder)?;
    }
    let report = runner::run(&corpus, layers, Effort::default(), &mut |_| ());
    if options.json {
        serde_json::to_writer_pretty(&mut *output, &report)?;
        writeln!(output)?;
    } else {
        write!(output, "{report}")?;
    }
    output.flush()?;
    Ok(report)
}
