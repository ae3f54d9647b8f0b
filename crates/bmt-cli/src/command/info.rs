//! `bmt info`: what a database is and what opening it found.

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use bmt::{GrayPaper, Hash, Scheme, Stats};
use serde_json::{Value as Json, json};
use std::fmt;
use std::path::Path;

/// Print what the database is, its figures, and what opening it found.
///
/// An unfinished commit at the end of the log, as a crash leaves it, is reported here as a torn tail, and a
/// damaged one of the manifest's two slots. Both are left as they are; the next command that changes
/// the database cuts the one off and replaces the other.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt info --db state
    $ bmt info --db state --json | jq .keys
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let db = arguments.database.open_for_reading()?;
    let report = Report { path: &arguments.database.path, root: db.root(), stats: db.stats() };
    output.line(&report, || report.to_json())
}

struct Report<'a> {
    path: &'a Path,
    root: Hash,
    stats: Stats,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stats { log, recovery, backend, .. } = &self.stats;
        writeln!(f, "path      {}", self.path.display())?;
        writeln!(f, "scheme    {} ({})", GrayPaper::NAME, GrayPaper::ID)?;
        writeln!(f, "sequence  {}", self.stats.sequence)?;
        writeln!(f, "root      {}", hex::encode(self.root))?;
        writeln!(f, "keys      {}", self.stats.key_count)?;
        writeln!(f, "pending   {} changes", self.stats.pending_changes)?;
        writeln!(
            f,
            "undoable  {} commits, in {} bytes of the log",
            self.stats.undoable_commits, self.stats.undo_bytes
        )?;
        writeln!(
            f,
            "log       {} bytes in {} segments{}, records from {} to before {}, durable through {}",
            log.file_bytes,
            log.segment_count,
            if log.spare_is_ready { " and a spare" } else { "" },
            log.first_sequence,
            log.next_sequence,
            log.synced_through
        )?;
        writeln!(
            f,
            "recovery  {} steps with {} changes replayed, torn tail of {} bytes in {} records left out",
            recovery.replayed_steps,
            recovery.replayed_changes,
            recovery.torn_tail_bytes,
            recovery.torn_tail_records
        )?;
        if let Some(damage) = &recovery.damaged_manifest_slot {
            writeln!(f, "recovery  one of the manifest's two slots is damaged: {damage}")?;
        }
        if recovery.lost_undo_commits > 0 {
            let count = recovery.lost_undo_commits;
            writeln!(
                f,
                "recovery  {count} commits can't be undone any more: their records are lost"
            )?;
        }
        write!(f, "backend   {backend}")
    }
}

impl Report<'_> {
    fn to_json(&self) -> Json {
        let Stats { log, recovery, backend, .. } = &self.stats;
        json!({
            "path": self.path.display().to_string(),
            "scheme": { "name": GrayPaper::NAME, "id": GrayPaper::ID },
            "sequence": self.stats.sequence,
            "root": hex::encode(self.root),
            "keys": self.stats.key_count,
            "pending_changes": self.stats.pending_changes,
            "undoable_commits": self.stats.undoable_commits,
            "undo_bytes": self.stats.undo_bytes,
            "log": {
                "file_bytes": log.file_bytes,
                "segments": log.segment_count,
                "spare_is_ready": log.spare_is_ready,
                "first_sequence": log.first_sequence,
                "next_sequence": log.next_sequence,
                "synced_through": log.synced_through,
            },
            "recovery": {
                "replayed_steps": recovery.replayed_steps,
                "replayed_changes": recovery.replayed_changes,
                "torn_tail_bytes": recovery.torn_tail_bytes,
                "torn_tail_records": recovery.torn_tail_records,
                "damaged_manifest_slot": recovery.damaged_manifest_slot,
                "lost_undo_commits": recovery.lost_undo_commits,
            },
            "backend": { "kind": backend.kind.to_string(), "reason": backend.reason },
        })
    }
}
