//! Looks at every block past the end of the chain: what must be zeroed, and what the headers there
//! say of the durable point.

use crate::error::LogError;
use crate::format::cut::Cut;
use crate::format::part::{PartHeader, RecordKind};
use crate::format::{BLOCK_BYTES, NotAHeader};
use crate::read::part::{Found, Seal, read_part, unsupported};
use crate::read::window::Window;
use bmt_io::File;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A range of whole blocks that are not zero.
#[derive(Debug, Clone)]
pub(crate) struct DirtyRange {
    pub(crate) file: Arc<dyn File>,
    pub(crate) from: u64,
    pub(crate) to: u64,
}

/// The record of a cut, and where it lies.
#[derive(Debug, Clone)]
pub(crate) struct FoundCut {
    pub(crate) cut: Cut,
    pub(crate) file: Arc<dyn File>,
    pub(crate) offset_bytes: u64,
}

/// What lies past the end.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    pub(crate) dirty: Vec<DirtyRange>,
    /// The newest sequence that any header says is durable; 0 if there is none.
    pub(crate) synced_through: u64,
    /// Sequences of records of which a header was seen.
    pub(crate) sequences: BTreeSet<u64>,
    pub(crate) cut: Option<FoundCut>,
}

impl Survey {
    /// Looks at the blocks of `file` from `from` to `to`.
    ///
    /// Reads all of them once. A payload is never taken for headers, if its own header is there.
    pub(crate) fn look(
        &mut self,
        file: &Arc<dyn File>,
        from: u64,
        to: u64,
        seal: Seal,
    ) -> Result<(), LogError> {
        let mut window = Window::default();
        let mut payload_until = 0;
        let mut offset_bytes = from;
        while offset_bytes < to {
            let block = window.block(&**file, to, offset_bytes)?;
            if block.iter().any(|byte| *byte != 0) {
                let next = (offset_bytes + BLOCK_BYTES).min(to);
                let header = if offset_bytes < payload_until {
                    None
                } else {
                    header_in(&**file, block, offset_bytes, seal)?
                };
                self.note_dirty(file, offset_bytes, next);
                if let Some(header) = header {
                    payload_until = offset_bytes + header.stored_bytes();
                    self.note_header(&header);
                    if header.kind == RecordKind::Cut {
                        self.note_cut(&mut window, file, to, offset_bytes, seal)?;
                    }
                }
            }
            offset_bytes += BLOCK_BYTES;
        }
        Ok(())
    }

    /// Counts every block of a range as dirty: where what reads as zeros may be something else on the
    /// device, or not durable.
    pub(crate) fn distrust_zeros(&mut self, file: &Arc<dyn File>, from: u64, to: u64) {
        self.dirty.retain(|range| !Arc::ptr_eq(&range.file, file));
        if from < to {
            self.dirty.push(DirtyRange { file: Arc::clone(file), from, to });
        }
    }

    /// Bytes of all dirty ranges.
    pub(crate) fn dirty_bytes(&self) -> u64 {
        self.dirty.iter().map(|range| range.to - range.from).sum()
    }

    fn note_dirty(&mut self, file: &Arc<dyn File>, from: u64, to: u64) {
        match self.dirty.last_mut() {
            Some(last) if Arc::ptr_eq(&last.file, file) && last.to == from => last.to = to,
            _ => self.dirty.push(DirtyRange { file: Arc::clone(file), from, to }),
        }
    }

    fn note_header(&mut self, header: &PartHeader) {
        self.synced_through = self.synced_through.max(header.synced_through);
        if header.kind == RecordKind::Data {
            self.sequences.insert(header.sequence);
        }
    }

    fn note_cut(
        &mut self,
        window: &mut Window,
        file: &Arc<dyn File>,
        to: u64,
        offset_bytes: u64,
        seal: Seal,
    ) -> Result<(), LogError> {
        let found = read_part(window, &**file, to, offset_bytes, seal)?;
        if let Found::Part { payload, .. } = found {
            let cut = Cut::decode(payload);
            self.cut = cut.map(|cut| FoundCut { cut, file: Arc::clone(file), offset_bytes });
        }
        Ok(())
    }
}

fn header_in(
    file: &dyn File,
    block: &[u8],
    offset_bytes: u64,
    seal: Seal,
) -> Result<Option<PartHeader>, LogError> {
    match PartHeader::decode(block, seal.seed, !seal.faults.ignores_checksum()) {
        Ok((header, _)) if u64::from(header.block) * BLOCK_BYTES == offset_bytes => {
            Ok(Some(header))
        }
        Err(why @ (NotAHeader::Version(_) | NotAHeader::Flags(_))) => {
            Err(unsupported(file, offset_bytes, why))
        }
        Ok(_) | Err(_) => Ok(None),
    }
}
