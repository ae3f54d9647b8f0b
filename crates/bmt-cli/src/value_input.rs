//! Values that are given in a file instead of on the command line.

use crate::exit::Failure;
use bmt::VALUE_BYTES_MAX;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The bytes of a file, or of standard input if its name is `-`.
///
/// What is longer than a value may be is not read to its end.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |source| Failure::Input { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let limit_bytes = VALUE_BYTES_MAX + 1;
    let count = match is_stdin(path) {
        true => io::stdin().lock().take(limit_bytes).read_to_end(&mut bytes),
        false => File::open(path).and_then(|file| file.take(limit_bytes).read_to_end(&mut bytes)),
    };
    match count.map_err(failed)? as u64 {
        0..=VALUE_BYTES_MAX => Ok(bytes),
        _ => Err(Failure::Usage(format!(
            "{}: longer than the {VALUE_BYTES_MAX} bytes of the longest value",
            path.display()
        ))),
    }
}

/// Whether a file name stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
