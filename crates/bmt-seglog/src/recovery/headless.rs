//! Segments whose header is damaged: they hold records of the log and must not pass for leftovers,
//! which are zeroed and used again.

use super::survey::Survey;
use crate::error::{Evidence, LogError};
use crate::options::LogOptions;
use crate::read::part::Seal;
use bmt_io::File;
use std::sync::Arc;

/// What became of the files whose first block is neither a header nor zeros.
#[derive(Debug, Default)]
pub(crate) struct Headless {
    /// Without a record from before the end of the log: nothing that was ever accepted is in them.
    pub(crate) others: Vec<(Arc<dyn File>, u64)>,
    /// With records that the caller does not need.
    pub(crate) stranded: Vec<Arc<dyn File>>,
    /// What to say of a file with records that are needed, if there is one.
    pub(crate) damage: Option<LogError>,
}

/// Reads each of `files` to its end and sorts it; `last` is where the chain ends.
pub(crate) fn judge_headless(
    files: Vec<(Arc<dyn File>, u64)>,
    last: u64,
    seal: Seal,
    options: &LogOptions,
) -> Result<Headless, LogError> {
    let mut found = Headless::default();
    let needed_from = options.scan_from.max(options.expected_from);
    for (file, len_bytes) in files {
        let mut survey = Survey::default();
        survey.look(&file, 0, len_bytes, seal)?;
        match survey.sequences.last() {
            Some(newest) if *newest < needed_from => found.stranded.push(file),
            Some(newest) if *newest <= last => {
                found.damage = Some(LogError::Corruption {
                    file: file.name().to_owned(),
                    offset_bytes: 0,
                    expected: survey.sequences.first().copied().unwrap_or(*newest),
                    reason: "a segment header that does not check",
                    evidence: Evidence::Structure,
                });
            }
            // After the end the usual rules apply: torn tail, or damage if a header says so.
            _ => found.others.push((file, len_bytes)),
        }
    }
    Ok(found)
}
