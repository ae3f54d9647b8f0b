//! Where a chain file is read from, and the progress bar that shows how far.

use crate::exit::Failure;
use crate::output::Output;
use crate::progress::Bar;
use crate::value_input::is_stdin;
use indicatif::ProgressBarIter;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

const BUFFER_BYTES: usize = 256 << 10;

/// A chain file that is read, counted by the progress bar.
pub(super) type Input = BufReader<ProgressBarIter<Box<dyn Read>>>;

/// How much of the file was read.
pub(super) struct Progress(Bar);

impl Progress {
    fn new(length_bytes: Option<u64>, output: &Output) -> Self {
        let template = match length_bytes {
            Some(_) => "{bar:40} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left",
            None => "{spinner} {bytes}, {bytes_per_sec}",
        };
        let bar = Bar::new(output, template);
        if let Some(length_bytes) = length_bytes {
            bar.inner().set_length(length_bytes);
        }
        Self(bar)
    }

    /// Prints something without the bar in between.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.0.inner().suspend(print)
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
pub(super) fn open(path: &Path, output: &Output) -> Result<(Input, Progress), Failure> {
    let failed = |source| Failure::Input { path: path.to_owned(), source };
    let (input, length_bytes): (Box<dyn Read>, _) = match is_stdin(path) {
        true => (Box::new(io::stdin().lock()), None),
        false => {
            let file = File::open(path).map_err(failed)?;
            let metadata = file.metadata().map_err(failed)?;
            (Box::new(file), metadata.is_file().then_some(metadata.len()))
        }
    };
    let progress = Progress::new(length_bytes, output);
    let counted = progress.0.inner().wrap_read(input);
    Ok((BufReader::with_capacity(BUFFER_BYTES, counted), progress))
}
