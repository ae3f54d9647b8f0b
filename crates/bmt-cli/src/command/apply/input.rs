//! Where a chain file is read from, and the progress bar that shows how far.

use crate::exit::Failure;
use crate::value_input::is_stdin;
use indicatif::{ProgressBar, ProgressBarIter, ProgressStyle};
use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Read};
use std::path::Path;

const BUFFER_BYTES: usize = 256 << 10;

/// A chain file that is read, counted by the progress bar.
pub(super) type Input = BufReader<ProgressBarIter<Box<dyn Read>>>;

/// A bar on standard error if that is a terminal; nothing otherwise.
pub(super) struct Progress(ProgressBar);

impl Progress {
    fn new(length_bytes: Option<u64>) -> Self {
        if !io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let template = match length_bytes {
            Some(_) => "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}",
        };
        let bar = ProgressBar::no_length();
        if let Some(length_bytes) = length_bytes {
            bar.set_length(length_bytes);
        }
        let style = ProgressStyle::with_template(template);
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    /// Prints something without the bar in between.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.suspend(print)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// How messages name the file.
pub(super) fn name(path: &Path) -> String {
    match is_stdin(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// Opens the file, or standard input if its name is `-`.
pub(super) fn open(path: &Path) -> Result<(Input, Progress), Failure> {
    let failed = |source| Failure::Input { path: path.to_owned(), source };
    let (input, length_bytes): (Box<dyn Read>, _) = match is_stdin(path) {
        true => (Box::new(io::stdin().lock()), None),
        false => {
            let file = File::open(path).map_err(failed)?;
            let metadata = file.metadata().map_err(failed)?;
            (Box::new(file), metadata.is_file().then_some(metadata.len()))
        }
    };
    let progress = Progress::new(length_bytes);
    let counted = progress.0.wrap_read(input);
    Ok((BufReader::with_capacity(BUFFER_BYTES, counted), progress))
}
