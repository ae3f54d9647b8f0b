//! Opening a log: finds its end, tells a torn tail from damage, and makes what it found durable.
//!
//! Until the end is found and judged nothing is written. What is written then is zeros past the end,
//! and records again as they are, so a crash at any point leaves a log that recovers to the same records.

mod catalogue;
mod follow;
mod headless;
pub(crate) mod report;
mod rewrite;
pub(crate) mod survey;

use crate::core::Start;
use crate::distrust;
use crate::erase::{bury, erase};
use crate::error::{Evidence, LogError};
use crate::format::BLOCK_BYTES;
use crate::options::LogOptions;
use crate::read::part::Seal;
use crate::segment::{Segment, position_of};
use crate::spare::Spares;
use bmt_io::{Directory, File};
use catalogue::{Catalogue, catalogue};
use follow::{Followed, follow};
use headless::judge_headless;
use report::{RecoveryReport, TornTail};
use rewrite::{rewrite_after, rewrite_cut, rewrite_header};
use std::collections::VecDeque;
use std::sync::Arc;
use survey::Survey;

/// A log whose end is known and judged; nothing was written yet.
#[derive(Debug)]
struct Judged {
    segments: Vec<Arc<Segment>>,
    others: Vec<(Arc<dyn File>, u64)>,
    is_distrusted: bool,
    next_id: u64,
    stranded: Vec<Arc<dyn File>>,
    /// Index of the first segment that was read.
    first_read: usize,
    followed: Followed,
    survey: Survey,
    finished_cut: Option<u64>,
}

/// Recovers the log in `directory`.
///
/// Reads the segments from the one that holds [`LogOptions::scan_from`], the rest of the last one,
/// and the files that are not live; syncs each file that it read.
pub(crate) fn recover(
    directory: &dyn Directory,
    options: &LogOptions,
) -> Result<(Start, RecoveryReport), LogError> {
    let mut judged = judge(directory, options)?;
    let report = report(&judged);
    if judged.is_distrusted || judged.finished_cut.is_some() {
        distrust_zeros(&mut judged);
    }
    let is_distrusted = judged.is_distrusted;
    let mended = mend(directory, options, judged);
    let start = mended.inspect_err(|_| distrust::leave_mark(directory))?;
    if is_distrusted {
        distrust::remove_mark(directory)?;
    }
    Ok((start, report))
}

/// Judges the log and writes nothing.
pub(crate) fn inspect(
    directory: &dyn Directory,
    options: &LogOptions,
) -> Result<RecoveryReport, LogError> {
    judge(directory, options).map(|judged| report(&judged))
}

fn judge(directory: &dyn Directory, options: &LogOptions) -> Result<Judged, LogError> {
    let seal = Seal { seed: options.seed(), faults: options.faults() };
    let Catalogue { mut segments, mut others, headless, is_distrusted, next_id } =
        catalogue(directory, options)?;
    let mut stranded = strand(&mut segments, options);
    check_from(&segments, options)?;

    let mut first_read = position_of(segments.iter(), options.scan_from);
    let mut followed = follow(&segments[first_read..], seal, options, u64::MAX)?;
    let headless = judge_headless(headless, followed.last.sequence, seal, options)?;
    others.extend(headless.others);
    stranded.extend(headless.stranded);
    let mut survey = survey_past(&segments[first_read..], &others, &followed, seal)?;
    let mut finished_cut = None;
    let cut = survey.cut.as_ref().map(|found| found.cut);
    match cut.filter(|cut| cut.keep_through <= followed.last.sequence) {
        None => judge_break(&followed, &survey, options)?,
        Some(cut) => {
            first_read = position_of(segments.iter(), cut.keep_through);
            followed = follow(&segments[first_read..], seal, options, cut.keep_through)?;
            if (followed.last.sequence, followed.last.chain) != (cut.keep_through, cut.chain) {
                return Err(corruption(&followed, Evidence::Structure));
            }
            survey = survey_past(&segments[first_read..], &others, &followed, seal)?;
            finished_cut = Some(cut.keep_through);
        }
    }
    if let Some(damage) = headless.damage {
        return Err(damage);
    }
    if followed.last.sequence < options.expected_through {
        let through = options.expected_through;
        return Err(corruption(&followed, Evidence::CallerThrough { through }));
    }
    Ok(Judged {
        segments,
        others,
        is_distrusted,
        next_id,
        stranded,
        first_read,
        followed,
        survey,
        finished_cut,
    })
}

/// Takes away the segments from which the one with `scan_from` can't be reached.
fn strand(segments: &mut Vec<Arc<Segment>>, options: &LogOptions) -> Vec<Arc<dyn File>> {
    let needed = position_of(segments.iter(), options.scan_from);
    let gap = (1..=needed)
        .rev()
        .find(|at| segments[at - 1].header.ordinal + 1 != segments[*at].header.ordinal);
    let stranded = segments.drain(..gap.unwrap_or(0));
    stranded.map(|segment| Arc::clone(&segment.file)).collect()
}

fn check_from(segments: &[Arc<Segment>], options: &LogOptions) -> Result<(), LogError> {
    let (segment, from) = (&segments[0], options.expected_from);
    if from == 0 || segment.first_whole_sequence() <= from {
        return Ok(());
    }
    Err(LogError::Corruption {
        file: segment.file.name().to_owned(),
        offset_bytes: 0,
        expected: from,
        reason: "the segments before this one are missing",
        evidence: Evidence::CallerFrom { from },
    })
}

/// Looks at everything that is not part of the accepted chain.
fn survey_past(
    segments: &[Arc<Segment>],
    others: &[(Arc<dyn File>, u64)],
    followed: &Followed,
    seal: Seal,
) -> Result<Survey, LogError> {
    let mut survey = Survey::default();
    for (file, from, to) in past(segments, others, followed) {
        survey.look(file, from, to, seal)?;
    }
    for segment in &segments[followed.end_segment + 1..] {
        survey.synced_through = survey.synced_through.max(segment.header.synced_through);
    }
    Ok(survey)
}

/// Has everything past the end zeroed, whether it reads as zeros or not.
fn distrust_zeros(judged: &mut Judged) {
    let segments = &judged.segments[judged.first_read..];
    for (file, from, to) in past(segments, &judged.others, &judged.followed) {
        judged.survey.distrust_zeros(file, from, to);
    }
}

/// The ranges of files that are past the end.
fn past<'a>(
    segments: &'a [Arc<Segment>],
    others: &'a [(Arc<dyn File>, u64)],
    followed: &Followed,
) -> impl Iterator<Item = (&'a Arc<dyn File>, u64, u64)> {
    let (end_segment, end_offset_bytes) = (followed.end_segment, followed.end_offset_bytes);
    let live = segments.iter().enumerate().skip(end_segment).map(move |(at, segment)| {
        let from = if at == end_segment { end_offset_bytes } else { 0 };
        (&segment.file, from, segment.len_bytes())
    });
    live.chain(others.iter().map(|(file, len_bytes)| (file, 0, *len_bytes)))
}

/// A break is damage only if a later header says that the missing record was durable (INV-LG-07).
fn judge_break(followed: &Followed, survey: &Survey, options: &LogOptions) -> Result<(), LogError> {
    if followed.began_before {
        return Err(corruption(followed, Evidence::Structure));
    }
    let through = survey.synced_through;
    if through > followed.last.sequence && !options.faults().ignores_evidence() {
        return Err(corruption(followed, Evidence::LaterHeader { through }));
    }
    Ok(())
}

fn corruption(followed: &Followed, evidence: Evidence) -> LogError {
    LogError::Corruption {
        file: followed.break_file.clone(),
        offset_bytes: followed.break_offset_bytes,
        expected: followed.last.sequence + 1,
        reason: followed.break_reason,
        evidence,
    }
}

fn report(judged: &Judged) -> RecoveryReport {
    let last = judged.followed.last;
    let records =
        judged.survey.sequences.iter().filter(|sequence| **sequence > last.sequence).count();
    let live_bytes: u64 = dirty_in_segments(judged);
    let is_torn = judged.finished_cut.is_none() && (records > 0 || live_bytes > 0);
    let torn_tail = is_torn.then(|| TornTail {
        bytes: if live_bytes > 0 { live_bytes } else { judged.survey.dirty_bytes() },
        records: u64::try_from(records).unwrap_or(u64::MAX),
    });
    RecoveryReport {
        records: judged.followed.record_count,
        first_sequence: judged.segments[0].first_whole_sequence(),
        last,
        torn_tail,
        finished_cut: judged.finished_cut,
        stranded_segments: u64::try_from(judged.stranded.len()).unwrap_or(u64::MAX),
    }
}

/// Bytes past the end in files with a valid header.
fn dirty_in_segments(judged: &Judged) -> u64 {
    let is_other =
        |file: &Arc<dyn File>| judged.others.iter().any(|(other, _)| Arc::ptr_eq(other, file));
    let ranges = judged.survey.dirty.iter().filter(|range| !is_other(&range.file));
    ranges.map(|range| range.to - range.from).sum()
}

/// Makes the accepted log durable, erases the rest, and keeps one file as a spare.
fn mend(
    directory: &dyn Directory,
    options: &LogOptions,
    judged: Judged,
) -> Result<Start, LogError> {
    let Judged {
        mut segments,
        others,
        is_distrusted,
        next_id,
        stranded,
        first_read,
        followed,
        survey,
        ..
    } = judged;
    let faults = options.faults();
    let end_at = first_read + followed.end_segment;
    if !faults.skips_recovery_sync() {
        let known = followed.synced_through.max(options.expected_through);
        let seal = Seal { seed: options.seed(), faults };
        rewrite_after(&segments[first_read..], &followed, known, seal)?;
        if followed.end_offset_bytes == BLOCK_BYTES {
            rewrite_header(&segments[end_at])?;
        }
        for segment in &segments[first_read..] {
            segment.file.sync_data()?;
        }
        survey.cut.as_ref().map_or(Ok(()), rewrite_cut)?;
    }
    if !faults.skips_tail_zeroing() {
        bury(&others, &survey.dirty)?;
        erase(&survey.dirty, survey.cut.as_ref())?;
    }
    let released = segments.split_off(end_at + 1);
    let released = released.into_iter().map(|segment| {
        let len_bytes = segment.len_bytes();
        (Arc::clone(&segment.file), len_bytes)
    });
    let mut spares = Spares { next_id, stranded, ..Spares::default() };
    for (file, len_bytes) in others.into_iter().chain(released) {
        // A file whose name a failed sync may have lost would take with it all that is written to it.
        let is_of_use = !is_distrusted
            && file.len_bytes()? == options.segment_bytes
            && len_bytes == options.segment_bytes
            && spares.ready.is_empty();
        if is_of_use {
            // Zeros that were only read may have been in the page cache alone. An old header under
            // them would count, so that block is written anew.
            file.zero_fill(0, BLOCK_BYTES)?;
            file.sync_data()?;
            spares.ready.push(file);
        } else {
            directory.remove(file.name())?;
        }
    }
    if !faults.skips_directory_sync() {
        directory.sync()?;
    }
    segments[end_at].forget_after(followed.last.sequence);
    Ok(Start {
        segments: VecDeque::from(segments),
        offset_bytes: followed.end_offset_bytes,
        last: followed.last,
        spares,
    })
}
