//! Standard output: locked, buffered, and every failed write an error.

use crate::exit::Failure;
use bmt::Commit;
use serde_json::{Value as Json, json};
use std::fmt::Display;
use std::io::{self, BufWriter, StdoutLock, Write};

/// Where results go, as text or as JSON.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    to: BufWriter<StdoutLock<'static>>,
}

impl Output {
    pub(crate) fn to_stdout(json: bool, quiet: bool) -> Self {
        Self { json, quiet, to: BufWriter::with_capacity(64 << 10, io::stdout().lock()) }
    }

    /// Prints one result as a line: `text`, or the JSON if that was asked for.
    pub(crate) fn line(
        &mut self,
        text: impl Display,
        json: impl FnOnce() -> Json,
    ) -> Result<(), Failure> {
        let written = match self.json {
            true => writeln!(self.to, "{}", json()),
            false => writeln!(self.to, "{text}"),
        };
        written.map_err(Failure::Output)
    }

    /// Whether results are printed as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether progress is shown, given a terminal.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.json && !self.quiet
    }

    /// Where bytes go that are more than a line.
    pub(crate) fn writer(&mut self) -> &mut impl Write {
        &mut self.to
    }

    /// Prints a line of text, for commands that print JSON otherwise.
    pub(crate) fn text(&mut self, text: impl Display) -> Result<(), Failure> {
        writeln!(self.to, "{text}").map_err(Failure::Output)
    }

    /// Prints a commit: its root, or the JSON of all of it.
    pub(crate) fn commit(&mut self, commit: &Commit) -> Result<(), Failure> {
        self.line(hex::encode(commit.root), || {
            json!({
                "sequence": commit.sequence,
                "previous_root": hex::encode(commit.previous_root),
                "root": hex::encode(commit.root),
            })
        })
    }

    /// Prints bytes as they are.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.to.write_all(bytes).map_err(Failure::Output)
    }

    /// Hands everything printed so far to whoever reads it.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.to.flush().and_then(|()| self.to.get_mut().flush()).map_err(Failure::Output)
    }
}
