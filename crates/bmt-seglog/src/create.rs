//! Creating a log: its first segment.

use crate::core::Start;
use crate::error::LogError;
use crate::format::BLOCK_BYTES;
use crate::format::segment::SegmentHeader;
use crate::options::{LogOptions, Position};
use crate::segment::{Segment, file_id, file_name};
use crate::spare::Spares;
use bmt_io::{Directory, File, IoError};
use std::collections::VecDeque;
use std::sync::Arc;

/// Makes and syncs the first segment, after removing what is there if the options say so.
pub(crate) fn create(directory: &dyn Directory, options: &LogOptions) -> Result<Start, LogError> {
    remove_existing(directory, options)?;
    let last = Position { sequence: options.first_sequence - 1, chain: options.salt };
    let header = SegmentHeader {
        ordinal: 0,
        segment_bytes: options.first_segment_bytes,
        first_sequence: options.first_sequence,
        first_part: 0,
        predecessor: last.chain,
        synced_through: last.sequence,
    };
    let segment = write_first(directory, options, header).map_err(|source| match source {
        IoError::NoSpace { .. } => {
            LogError::NoSpace { segment_bytes: options.first_segment_bytes, source }
        }
        source => LogError::Io(source),
    })?;
    let spares = Spares { next_id: 1, ..Spares::default() };
    let segments = VecDeque::from([Arc::new(segment)]);
    Ok(Start { segments, offset_bytes: BLOCK_BYTES, last, spares })
}

fn remove_existing(directory: &dyn Directory, options: &LogOptions) -> Result<(), LogError> {
    let names = directory.entries()?;
    let mut existing = names.into_iter().filter(|name| file_id(name).is_some()).peekable();
    if existing.peek().is_none() {
        return Ok(());
    }
    for file in existing {
        if !options.discard_existing {
            return Err(LogError::AlreadyExists { file });
        }
        directory.remove(&file)?;
    }
    Ok(directory.sync()?)
}

fn write_first(
    directory: &dyn Directory,
    options: &LogOptions,
    header: SegmentHeader,
) -> Result<Segment, IoError> {
    let name = file_name(0);
    let file = directory.create(&name)?;
    let written = write_and_sync(directory, &*file, options, &header);
    if let Err(error) = written {
        // Nobody may open it: after a failed sync it may not be there after the next loss of power.
        drop(directory.remove(&name));
        return Err(error);
    }
    Ok(Segment::new(file, header))
}

fn write_and_sync(
    directory: &dyn Directory,
    file: &dyn File,
    options: &LogOptions,
    header: &SegmentHeader,
) -> Result<(), IoError> {
    file.zero_fill(0, header.segment_bytes)?;
    if !options.faults().skips_preparation_sync() {
        file.sync_data()?;
    }
    file.write_all_at(&header.encode(options.salt, options.seed()), 0)?;
    file.sync_data()?;
    if !options.faults().skips_directory_sync() {
        directory.sync()?;
    }
    Ok(())
}
