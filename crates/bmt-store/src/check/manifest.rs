//! The manifest's part of a check: both slots, and whether the newer one is what was stored last.

use super::{Check, CheckError, CheckPart, Finding, FindingKind};
use crate::inspect::read_slots;
use crate::manifest::{FILE, Manifest};
use bmt_core::Scheme;
use bmt_io::IoError;

impl<S: Scheme> Check<'_, S> {
    /// `generation` is that of the manifest in memory.
    pub(super) fn manifest(&mut self, generation: u64) -> Result<(), CheckError> {
        self.begin(CheckPart::Manifest, 2);
        let slots = match read_slots(&*self.engine.directory) {
            Ok(slots) => slots,
            Err(error @ IoError::NotFound { .. }) => {
                self.find(Finding::new(FindingKind::Manifest, FILE, error.to_string()));
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        for slot in &slots {
            if let Err(reason) = &slot.content {
                let finding = Finding::new(FindingKind::ManifestSlot, FILE, reason);
                self.find(finding.at(slot.offset_bytes));
            }
        }
        let valid = slots.iter().filter_map(|slot| slot.content.as_ref().ok());
        let newest = valid.max_by_key(|(sequence, _)| *sequence);
        let found = newest.map_or(0, |(sequence, _)| *sequence);
        let is_stored = newest.is_some_and(|(_, payload)| {
            Manifest::decode(payload).as_ref().ok() == Some(self.manifest)
        });
        if found != generation || !is_stored {
            let reason = "the newest valid slot is not what was stored last";
            let finding = Finding::new(FindingKind::Manifest, FILE, reason);
            self.find(finding.instead(generation, found));
        }
        self.tell(CheckPart::Manifest, 2, 2);
        Ok(())
    }
}
