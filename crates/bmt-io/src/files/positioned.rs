//! Positioned reads and writes of the operating system, resumed until they are whole.

use std::fs::File;
use std::io::{Error, ErrorKind, Result};

/// One call that reads; the bytes read, zero at the end of the file.
#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset_bytes: u64) -> Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset_bytes)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset_bytes: u64) -> Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset_bytes)
}

/// One call that writes; the bytes written.
#[cfg(unix)]
pub(super) fn write_at(file: &File, buffer: &[u8], offset_bytes: u64) -> Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, buffer, offset_bytes)
}

#[cfg(windows)]
pub(super) fn write_at(file: &File, buffer: &[u8], offset_bytes: u64) -> Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, buffer, offset_bytes)
}

/// Reads until the buffer is full or the file ends; the bytes read.
pub(super) fn read_up_to(file: &File, buffer: &mut [u8], mut offset_bytes: u64) -> Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        match read_at(file, &mut buffer[done..], offset_bytes) {
            Ok(0) => break,
            Ok(count) => {
                done += count;
                offset_bytes += crate::units::len_u64(count);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// Writes the whole buffer.
pub(super) fn write_all(file: &File, mut buffer: &[u8], mut offset_bytes: u64) -> Result<()> {
    while !buffer.is_empty() {
        match write_at(file, buffer, offset_bytes) {
            Ok(0) => return Err(Error::from(ErrorKind::WriteZero)),
            Ok(count) => {
                buffer = &buffer[count..];
                offset_bytes += crate::units::len_u64(count);
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
