//! Segments and records of the log; `docs/format/log.md`, `docs/format/commit-record.md`.

use super::raw::{Raw, read_page};
use super::{Emit, Inspector, Item, ItemKind};
use crate::layout::{LOG, Part, salt_of};
use bmt_io::{File, IoError, PAGE_SIZE};
use bmt_seglog::{Log, LogError, LogOptions};
use std::sync::Arc;

const PREFIX: &str = "seglog-";
const BLOCK_BYTES: u64 = PAGE_SIZE as u64;
const PART_HEADER_BYTES: usize = 88;
const COMMIT_HEADER_BYTES: usize = 120;

/// Whether a file of this name is a segment.
pub(crate) fn is_segment(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|digits| digits.len() == 16)
}

pub(super) fn inspect(inspector: &Inspector<'_>, names: &[String], emit: Emit<'_>) {
    for name in names.iter().filter(|name| is_segment(name)) {
        let told = inspector.directory.open(name).and_then(|file| {
            let mut segment = Segment { inspector, name, file, salt: 0 };
            segment.inspect(emit)
        });
        if let Err(error) = told {
            emit(Item::new(name, 0, ItemKind::LogSegment).unreadable(&error));
        }
    }
    if inspector.options.verdicts {
        verdict(inspector, emit);
    }
}

/// What an opening would make of the log.
fn verdict(inspector: &Inspector<'_>, emit: Emit<'_>) {
    let item = Item::new(LOG, 0, ItemKind::LogVerdict);
    let Some(manifest) = inspector.manifest else {
        emit(item.unused("without a manifest there is no telling"));
        return;
    };
    let Some(state) = &manifest.state else {
        emit(item.unused("the database is being made"));
        return;
    };
    let position = state.position;
    let options = LogOptions {
        expected_from: position.sequence + 1,
        expected_through: state.pages_through.max(manifest.log_through),
        anchor: (position.sequence > 0).then_some(position),
        ..LogOptions::new(salt_of(manifest.salt, Part::Log))
    };
    emit(match Log::inspect(&**inspector.directory, &options) {
        Ok(report) => {
            let tail = report.torn_tail;
            item.with("first record", report.first_sequence)
                .with("last record", report.last.sequence)
                .with("to be applied", report.last.sequence.saturating_sub(position.sequence))
                .with("torn bytes", tail.map_or(0, |tail| tail.bytes))
                .with("torn records", tail.map_or(0, |tail| tail.records))
        }
        Err(LogError::Io(error)) => item.unreadable(&error),
        Err(error) => item.damaged(error.to_string()),
    });
}

struct Segment<'a> {
    inspector: &'a Inspector<'a>,
    name: &'a str,
    file: Arc<dyn File>,
    salt: u64,
}

impl Segment<'_> {
    fn inspect(&mut self, emit: Emit<'_>) -> Result<(), IoError> {
        let len_bytes = self.file.len_bytes()?;
        let item = Item::new(self.name, 0, ItemKind::LogSegment).with("file bytes", len_bytes);
        let Some(block) = read_page(&*self.file, 0)? else {
            emit(item.unused("shorter than a header"));
            return Ok(());
        };
        let raw = Raw(&block);
        if raw.is_zero() {
            emit(item.unused("a spare: its header is zeros"));
            return Ok(());
        }
        if !raw.begins_with(b"BMTLGSEG") {
            emit(item.damaged("its first block is neither a header nor zeros"));
            return Ok(());
        }
        self.salt = raw.u64(16);
        let (stored, computed) = (raw.u64(72), raw.checksum(self.salt, 0, 72));
        let expected_salt = self.inspector.manifest.map(|it| salt_of(it.salt, Part::Log));
        let item = item.with("ordinal", raw.u64(24)).with("first record", raw.u64(40));
        let item = match () {
            () if stored != computed => item.damaged(format!(
                "checksum {stored:#018x} is stored, the bytes have {computed:#018x}"
            )),
            () if expected_salt.is_some_and(|salt| salt != self.salt) => {
                item.unused("a segment of another log")
            }
            () => item,
        };
        let mut records = Vec::new();
        let found = self.parts(len_bytes, &mut records)?;
        let item = item.with("parts", found.count).with("used bytes", found.end_bytes);
        emit(match found.last_sequence {
            Some(sequence) => item.with("last record", sequence),
            None => item,
        });
        records.into_iter().for_each(emit);
        Ok(())
    }

    /// Goes from part to part until what is there is none.
    fn parts(&self, len_bytes: u64, records: &mut Vec<Item>) -> Result<Parts, IoError> {
        let mut found = Parts { count: 0, end_bytes: BLOCK_BYTES, last_sequence: None };
        while found.end_bytes < len_bytes {
            let Some(block) = read_page(&*self.file, found.end_bytes)? else { break };
            let raw = Raw(&block);
            let is_part = raw.begins_with(b"BMTLGREC")
                && raw.u64(80) == raw.checksum(self.salt, 0, 80)
                && u64::from(raw.u32(64)) * BLOCK_BYTES == found.end_bytes;
            if !is_part {
                break;
            }
            if self.inspector.options.records {
                records.push(self.record(&raw, found.end_bytes)?);
            }
            found.count += 1;
            found.last_sequence = Some(raw.u64(16));
            let bytes = PART_HEADER_BYTES as u64 + u64::from(raw.u32(60));
            found.end_bytes += bytes.next_multiple_of(BLOCK_BYTES);
        }
        Ok(found)
    }

    fn record(&self, header: &Raw<'_>, offset_bytes: u64) -> Result<Item, IoError> {
        let item = Item::new(self.name, offset_bytes, ItemKind::LogRecord)
            .with("sequence", header.u64(16))
            .with("part", header.u32(56))
            .with("record bytes", header.u64(48));
        let part_bytes = header.u32(60);
        let mut payload = vec![0; usize::try_from(part_bytes).unwrap_or_default()];
        let payload_at = offset_bytes + PART_HEADER_BYTES as u64;
        match self.file.read_exact_at(&mut payload, payload_at) {
            Ok(()) => {}
            Err(IoError::UnexpectedEnd { .. }) => {
                return Ok(item.damaged("the file ends before its payload does"));
            }
            Err(error) => return Err(error),
        }
        let raw = Raw(&payload);
        let (stored, computed) = (header.u64(72), raw.checksum(self.salt, 0, payload.len()));
        if stored != computed {
            let reason = format!(
                "checksum {stored:#018x} of the payload is stored, the bytes have {computed:#018x}"
            );
            return Ok(item.damaged(reason));
        }
        Ok(match header.u32(56) == 0 && payload.len() >= COMMIT_HEADER_BYTES {
            true => commit(item, &raw),
            false => item,
        })
    }
}

/// What was found in a segment.
struct Parts {
    count: u64,
    /// Where the next part would begin.
    end_bytes: u64,
    last_sequence: Option<u64>,
}

/// The header of a commit record.
fn commit(item: Item, raw: &Raw<'_>) -> Item {
    let (kind, step) = match raw.u8(0) {
        1 => ("commit", "stands on"),
        2 => ("rollback", "restores"),
        _ => ("unknown", "step"),
    };
    item.with("kind", kind)
        .with("version", raw.u8(1))
        .with(step, raw.u64(72))
        .with("previous root", raw.array::<32>(8))
        .with("root", raw.array::<32>(40))
        .with("changes", raw.u32(80))
        .with("keys", raw.u64(88))
        .with("change bytes", raw.u64(96))
        .with("undo bytes", raw.u64(104))
        .with("frontier bytes", raw.u64(112))
}
