//! Follows the chain to its end.

use crate::error::{Evidence, LogError};
use crate::format::part::RecordKind;
use crate::options::{LogOptions, Position};
use crate::read::cursor::{Cursor, Step};
use crate::read::part::Seal;
use crate::segment::Segment;
use std::sync::Arc;

/// The end of the chain, and where and why it does not go on.
#[derive(Debug)]
pub(crate) struct Followed {
    /// Index, in the segments that were given, of the one in which the last whole record ends.
    pub(crate) end_segment: usize,
    /// Where in it.
    pub(crate) end_offset_bytes: u64,
    /// The last whole record.
    pub(crate) last: Position,
    /// The newest sequence that one of the records says was durable; 0 if there is no record.
    pub(crate) synced_through: u64,
    /// Whole records that were read.
    pub(crate) record_count: u64,
    /// Whether a record that began before the first segment given is incomplete.
    pub(crate) began_before: bool,
    /// Where the chain breaks: file and offset.
    pub(crate) break_file: String,
    pub(crate) break_offset_bytes: u64,
    pub(crate) break_reason: &'static str,
}

/// Follows the chain over `segments` (not empty), through record `stop_through` at most, and not past
/// the record of a cut.
pub(crate) fn follow(
    segments: &[Arc<Segment>],
    seal: Seal,
    options: &LogOptions,
    stop_through: u64,
) -> Result<Followed, LogError> {
    let mut cursor = Cursor::at_start(segments.to_vec(), seal);
    let mut end = (0, cursor.place().1);
    let first = cursor.link();
    let mut last = Position { sequence: first.sequence - 1, chain: first.chain };
    if !first.is_inside_record() {
        check_anchor(&cursor, options, last)?;
    }
    let (mut record_count, mut synced_through) = (0, 0);
    let mut break_reason = "the record of a cut";
    while last.sequence < stop_through || cursor.link().is_inside_record() {
        let (header, start) = match cursor.step()? {
            Step::Part { header, start } => (header, start),
            Step::Break(reason) => {
                break_reason = reason;
                break;
            }
        };
        if header.kind == RecordKind::Cut {
            break;
        }
        if header.is_first() {
            cursor.segment().note(start);
        }
        if header.is_last {
            record_count += 1;
            synced_through = header.synced_through;
            end = cursor.place();
            last = Position { sequence: header.sequence, chain: cursor.link().chain };
            check_anchor(&cursor, options, last)?;
        }
    }
    Ok(Followed {
        end_segment: end.0,
        end_offset_bytes: end.1,
        last,
        record_count,
        synced_through,
        began_before: cursor.link().began_before(),
        break_file: cursor.segment().file.name().to_owned(),
        break_offset_bytes: cursor.place().1,
        break_reason,
    })
}

fn check_anchor(cursor: &Cursor, options: &LogOptions, last: Position) -> Result<(), LogError> {
    let differs =
        |anchor: &Position| anchor.sequence == last.sequence && anchor.chain != last.chain;
    match options.anchor.filter(differs) {
        None => Ok(()),
        Some(anchor) => Err(LogError::Corruption {
            file: cursor.segment().file.name().to_owned(),
            offset_bytes: cursor.place().1,
            expected: last.sequence,
            reason: "the record is another one than the caller knows",
            evidence: Evidence::CallerAnchor { expected: anchor.chain, found: last.chain },
        }),
    }
}
