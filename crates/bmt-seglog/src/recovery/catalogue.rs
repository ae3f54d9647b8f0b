//! Lists the segment files and tells live segments from everything else, by their headers alone.

use super::survey::Survey;
use crate::distrust::is_marked;
use crate::error::{Evidence, LogError};
use crate::format::segment::SegmentHeader;
use crate::format::{BLOCK_BYTES, NotAHeader};
use crate::options::LogOptions;
use crate::read::part::{Seal, unsupported};
use crate::read::window::Window;
use crate::segment::{Segment, file_id};
use bmt_io::{Directory, File};
use std::sync::Arc;

/// The segment files of a directory.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// Files with a valid header of this log, by ordinal.
    pub(crate) segments: Vec<Arc<Segment>>,
    /// All others, and their lengths in bytes.
    pub(crate) others: Vec<(Arc<dyn File>, u64)>,
    /// Those whose first block is neither a header nor zeros: segments whose header is damaged.
    pub(crate) headless: Vec<(Arc<dyn File>, u64)>,
    /// Whether an operation failed since the system started, so that what reads as zeros may be
    /// something else on the device.
    pub(crate) is_distrusted: bool,
    /// A number that no file has.
    pub(crate) next_id: u64,
}

/// Reads the header of every segment file: one open and one small read each.
pub(crate) fn catalogue(
    directory: &dyn Directory,
    options: &LogOptions,
) -> Result<Catalogue, LogError> {
    let names = directory.entries()?;
    let is_distrusted = is_marked(&names);
    let mut found = Catalogue {
        segments: Vec::new(),
        others: Vec::new(),
        headless: Vec::new(),
        is_distrusted,
        next_id: 0,
    };
    let mut foreign_count = 0;
    for name in names {
        let Some(id) = file_id(&name) else { continue };
        found.next_id = found.next_id.max(id.saturating_add(1));
        let file = directory.open(&name)?;
        let len_bytes = file.len_bytes()?;
        let mut window = Window::default();
        let block = window.block(&*file, len_bytes.min(BLOCK_BYTES), 0)?;
        let decoded = SegmentHeader::decode(block, options.salt, options.faults());
        let is_zero = block.iter().all(|byte| *byte == 0);
        match decoded {
            Ok(header) => {
                check_length(&*file, len_bytes, &header)?;
                found.segments.push(Arc::new(Segment::new(file, header)));
            }
            Err(why @ (NotAHeader::Version(_) | NotAHeader::Flags(_))) => {
                return Err(unsupported(&*file, 0, why));
            }
            Err(NotAHeader::OtherSalt) => {
                foreign_count += 1;
                found.others.push((file, len_bytes));
            }
            // A header lies in one sector, so it is never torn, and recycling begins with zeros.
            Err(_) if is_zero => found.others.push((file, len_bytes)),
            Err(_) => found.headless.push((file, len_bytes)),
        }
    }
    if found.segments.is_empty() {
        check_remains(&found.headless, options)?;
        check_remains(&found.others, options)?;
        return Err(LogError::NotFound { foreign_count });
    }
    found.segments.sort_by_key(|segment| segment.header.ordinal);
    check_ordinals(&found.segments)?;
    Ok(found)
}

/// Records of this log without a single segment header are the remains of a damaged log.
fn check_remains(others: &[(Arc<dyn File>, u64)], options: &LogOptions) -> Result<(), LogError> {
    let seal = Seal { seed: options.seed(), faults: options.faults() };
    for (file, len_bytes) in others {
        let mut survey = Survey::default();
        survey.look(file, 0, *len_bytes, seal)?;
        if let Some(first) = survey.sequences.first() {
            return Err(LogError::Corruption {
                file: file.name().to_owned(),
                offset_bytes: 0,
                expected: *first,
                reason: "a segment header that does not check",
                evidence: Evidence::Structure,
            });
        }
    }
    Ok(())
}

/// A segment was grown and synced before it got a header, so it can't be short.
fn check_length(file: &dyn File, len_bytes: u64, header: &SegmentHeader) -> Result<(), LogError> {
    if len_bytes >= header.segment_bytes {
        return Ok(());
    }
    Err(LogError::Corruption {
        file: file.name().to_owned(),
        offset_bytes: len_bytes,
        expected: header.first_sequence,
        reason: "the file is shorter than its header says",
        evidence: Evidence::Structure,
    })
}

/// No two segments have one place.
fn check_ordinals(segments: &[Arc<Segment>]) -> Result<(), LogError> {
    let twice = segments.windows(2).find(|pair| pair[0].header.ordinal == pair[1].header.ordinal);
    match twice {
        None => Ok(()),
        Some(pair) => Err(LogError::Corruption {
            file: pair[1].file.name().to_owned(),
            offset_bytes: 0,
            expected: pair[1].header.first_sequence,
            reason: "two segments have the same ordinal",
            evidence: Evidence::Structure,
        }),
    }
}
