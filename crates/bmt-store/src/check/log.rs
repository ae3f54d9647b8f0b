//! The log's part of a check: every segment, every record, and that each record follows the one before.

use super::finding::Hex;
use super::{Check, CheckError, CheckPart, Finding, FindingKind};
use crate::error::ReadError;
use crate::layout::{LOG, Part, salt_of};
use crate::record::{self, BadRecord, Kind, Record};
use bmt_core::{Hash, Scheme};
use bmt_merkle::decode_changes;
use bmt_seglog::{Log, LogError, LogOptions, Position};
use std::collections::HashMap;

/// What the records so far came to.
#[derive(Default)]
struct Followed {
    /// The record before.
    last: Option<Last>,
    /// The root after each commit, to compare with what rollbacks restore.
    roots: HashMap<u64, Hash>,
}

struct Last {
    root: Hash,
    key_count: u64,
    /// The step whose state the newest one is.
    head: u64,
}

impl<S: Scheme> Check<'_, S> {
    pub(super) fn log(&mut self) -> Result<(), CheckError> {
        let (first, through) = (self.engine.log.first_sequence(), self.version.sequence());
        let total = (through + 1).saturating_sub(first);
        self.begin(CheckPart::Log, total);
        self.segments(first)?;
        let records = match self.engine.log.iter_from(first) {
            Ok(records) => records,
            Err(error) => return self.log_damage(error),
        };
        let mut followed = Followed::default();
        for record in records {
            let record = match record {
                Ok(record) => record,
                Err(error) => return self.log_damage(error),
            };
            // Commits that came after the check began.
            if record.sequence() > through {
                break;
            }
            self.report.record_count += 1;
            self.record(record.position, &record.payload, &mut followed);
            self.tell(CheckPart::Log, self.report.record_count, total);
        }
        if let Some(last) = followed.last
            && last.root != self.version.view.root()
        {
            let reason = "the root is not that of the newest record";
            let root = self.version.view.root();
            let finding = Finding::new(FindingKind::Root, LOG, reason);
            self.find(finding.instead(Hex(&last.root), Hex(&root)));
        }
        Ok(())
    }

    /// Reads the files as an opening would.
    fn segments(&mut self, first: u64) -> Result<(), CheckError> {
        let engine = self.engine;
        let inspect = || {
            let options = LogOptions {
                expected_from: first,
                expected_through: engine.log.synced_through(),
                record_bytes_max: engine.options.commit_bytes_max,
                ..LogOptions::new(salt_of(self.manifest.salt, Part::Log))
            };
            Log::inspect(&*engine.directory, &options)
        };
        let inspected = match inspect() {
            Ok(report) => Ok(report),
            // A record that was being appended can look like damage: once more, while none is.
            Err(_) => {
                let _writer = engine.writer.lock();
                inspect()
            }
        };
        match inspected {
            Ok(_) => Ok(()),
            Err(error) => self.log_damage(error),
        }
    }

    fn log_damage(&mut self, error: LogError) -> Result<(), CheckError> {
        match error {
            LogError::UnsupportedVersion { ref file, offset_bytes, .. }
            | LogError::UnsupportedFlags { ref file, offset_bytes, .. } => {
                let finding = Finding::new(FindingKind::LogDamage, file, error.to_string());
                self.find(finding.at(offset_bytes));
                Ok(())
            }
            other => self.find_damage(FindingKind::LogDamage, ReadError::from(other)),
        }
    }

    fn record(&mut self, position: Position, payload: &[u8], followed: &mut Followed) {
        let sequence = position.sequence;
        let name = format!("record {sequence}");
        let found =
            |reason: String| Finding::new(FindingKind::LogRecord, LOG, format!("{name}: {reason}"));
        let record = match record::decode::<S>(payload) {
            Ok(record) => record,
            Err(bad) => {
                self.find(match bad {
                    BadRecord::Version(version) => {
                        found("its format version".to_owned()).instead(record::VERSION, version)
                    }
                    BadRecord::Malformed(rule) => found(format!("it does not hold that {rule}")),
                });
                followed.last = None;
                return;
            }
        };
        if let Err(error) = decode_changes::<S::Key>(record.frontier) {
            self.find(found(error.to_string()));
        }
        let stored = self.manifest.state.as_ref().filter(|it| it.position.sequence == sequence);
        if let Some(state) = stored {
            if state.position.chain != position.chain {
                let chains = (state.position.chain, position.chain);
                let finding = found("its chain value is not the manifest's".to_owned());
                self.find(finding.instead(chains.0, chains.1));
            }
            if state.root != record.root {
                let finding = found("its root is not the manifest's".to_owned());
                self.find(finding.instead(Hex(&state.root), Hex(&record.root)));
            }
        }
        for (reason, expected, is_found) in contradictions(&record, sequence, followed) {
            self.find(found(reason.to_owned()).instead(expected, is_found));
        }
        let head = match record.kind {
            Kind::Commit { .. } => sequence,
            Kind::Rollback { restored } => restored,
        };
        followed.roots.insert(sequence, record.root);
        followed.last = Some(Last { root: record.root, key_count: record.key_count, head });
    }
}

/// Why a record can't follow the one before: what does not hold, what it should be, what it is.
fn contradictions<S: Scheme>(
    record: &Record<'_, S>,
    sequence: u64,
    followed: &Followed,
) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    if let Kind::Rollback { restored } = record.kind {
        match followed.roots.get(&restored) {
            Some(root) if *root != record.root => {
                let (root, is) = (Hex(root).to_string(), Hex(&record.root).to_string());
                found.push(("its root is not the one of the step that it restores", root, is));
            }
            _ => {}
        }
    }
    let Some(last) = &followed.last else { return found };
    if last.root != record.previous_root {
        let (root, is) = (Hex(&last.root).to_string(), Hex(&record.previous_root).to_string());
        found.push(("its previous root is not that of the record before", root, is));
    }
    match record.kind {
        Kind::Commit { parent } if parent != last.head => {
            let reason = "it stands on another step than the newest (INV-CR-02)";
            found.push((reason, last.head.to_string(), parent.to_string()));
        }
        Kind::Rollback { restored } if restored >= last.head || restored >= sequence => {
            let reason = "it restores a step that is not older (INV-CR-02)";
            found.push((reason, format!("below {}", last.head), restored.to_string()));
        }
        _ => {}
    }
    if let Kind::Commit { .. } = record.kind {
        let mut key_count = last.key_count;
        for ((_, after), before) in record.changes.iter().zip(&record.undo) {
            key_count = match (before.is_some(), after.is_some()) {
                (false, true) => key_count.saturating_add(1),
                (true, false) => key_count.saturating_sub(1),
                _ => key_count,
            };
        }
        if key_count != record.key_count {
            let reason = "its changes do not give its number of keys";
            found.push((reason, key_count.to_string(), record.key_count.to_string()));
        }
    }
    found
}
