//! Reading a chain file line by line.

use super::error::{ChainError, ChainFault};
use super::line::{self, ChainLine};
use super::object;
use serde::Deserialize;
use std::io::{BufRead, Read};
use std::sync::Arc;

/// Bytes a line may have, the line end not counted: 1 GiB.
pub const LINE_BYTES_MAX: usize = 1 << 30;

/// How a chain file is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChainOptions {
    /// Accept keys of 32 bytes and cut off their last one.
    pub truncate_keys: bool,
}

/// The first line of a chain file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ChainHeader {
    /// Where the data is from.
    pub source: String,
    /// The version of the Gray Paper it was made for.
    pub gp: String,
}

/// The lines of a chain file, checked one by one; holds one line at a time in memory.
///
/// It ends after the first error. It does not know the states: parents and roots are checked by
/// [`super::ChainState`] and [`ChainLine::check_root`].
#[derive(Debug)]
pub struct ChainReader<R> {
    input: R,
    file: Arc<str>,
    options: ChainOptions,
    header: ChainHeader,
    line_number: usize,
    ended: bool,
    buffer: Vec<u8>,
}

impl<R: BufRead> ChainReader<R> {
    /// Reads the first line. `file` names the input in errors.
    ///
    /// # Errors
    /// When the first line cannot be read, or does not name `source` and `gp`.
    pub fn new(input: R, file: &str, options: ChainOptions) -> Result<Self, ChainError> {
        let header = ChainHeader { source: String::new(), gp: String::new() };
        let (file, buffer) = (Arc::from(file), Vec::new());
        let mut reader =
            Self { input, file, options, header, line_number: 0, ended: false, buffer };
        reader.header = reader.read_header().map_err(|fault| reader.error(fault))?;
        Ok(reader)
    }

    /// The first line.
    pub fn header(&self) -> &ChainHeader {
        &self.header
    }

    fn read_header(&mut self) -> Result<ChainHeader, ChainFault> {
        if !self.read_line()? {
            self.line_number = 1;
            return Err(ChainFault::Empty);
        }
        object::parse(&self.buffer)
    }

    /// Reads the next line into the buffer, without its end; false at the end of the file.
    fn read_line(&mut self) -> Result<bool, ChainFault> {
        self.buffer.clear();
        self.line_number += 1;
        let limit = u64::try_from(LINE_BYTES_MAX + 1).unwrap_or(u64::MAX);
        let count = self.input.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
        if self.buffer.last() == Some(&b'\n') {
            self.buffer.pop();
        }
        if self.buffer.len() > LINE_BYTES_MAX {
            return Err(ChainFault::LineTooLong { limit_bytes: LINE_BYTES_MAX });
        }
        Ok(count > 0)
    }

    fn next_line(&mut self) -> Result<Option<ChainLine>, ChainFault> {
        match self.read_line()? {
            true => line::parse(&self.buffer, &self.file, self.line_number, self.options).map(Some),
            false => Ok(None),
        }
    }

    fn error(&self, fault: ChainFault) -> ChainError {
        ChainError { file: Arc::clone(&self.file), line_number: self.line_number, fault }
    }
}

impl<R: BufRead> Iterator for ChainReader<R> {
    type Item = Result<ChainLine, ChainError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = match self.next_line() {
            Ok(line) => line.map(Ok),
            Err(fault) => Some(Err(self.error(fault))),
        };
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}
