//! `bmt check`: read everything and compare it.

use super::inspect::item_json;
use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress::Bar;
use bmt::{CheckReport, Db, Error, Finding, InspectOptions, Item, OpenError, Recovery, inspect};
use serde_json::{Value as Json, json};

/// Read everything in the database and compare it.
///
/// Both slots of the manifest; every record of the log; every page of the ordered store, its index
/// and its free list; every page of the table, its map, and pages that nothing names; and every hash
/// of the trie, from the entries up to the root. A line for each finding, then one for the whole; the
/// exit status is 3 if there is a finding.
///
/// The database is opened first, in memory alone: an unfinished commit at the end of the log, as a crash
/// leaves it, is left out, and one damaged slot of the manifest does no harm; both are told, and are no
/// finding, since the next command that changes the database sees to them. If it cannot be opened since it
/// is damaged, the command says why, and which of its parts an opening would not accept; `bmt inspect`
/// tells more. Nothing is changed.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt check --db state
    sound: commit 12, root 5117…, 2501 keys, 15 records, 123 store pages, 4 table pages
    $ bmt check --db state --json | jq .findings
    $ bmt check --db state || bmt inspect --db state     where to look next
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    match arguments.database.open_for_reading() {
        Ok(db) => check(&db, output),
        Err(Failure::Database(Error::Open(OpenError::Corruption(damage)))) => {
            let error = OpenError::Corruption(damage);
            not_opened(arguments, &error, output)?;
            Err(error.into())
        }
        Err(other) => Err(other),
    }
}

fn check(db: &Db, output: &mut Output) -> Result<(), Failure> {
    let mut bar = Bar::new(output, "{msg:14} {bar:40} {human_pos} of {human_len}");
    let report = db.check(|progress| bar.show(progress.part.name(), progress.done, progress.total));
    drop(bar);
    let (report, recovery) = (report?, db.stats().recovery);
    if output.is_json() {
        output.line("", || report_json(&report, &recovery))?;
    } else {
        print(&report, &recovery, output)?;
    }
    match report.is_clean() {
        true => Ok(()),
        false => Err(Failure::Damaged { count: report.finding_count }),
    }
}

fn print(report: &CheckReport, recovery: &Recovery, output: &mut Output) -> Result<(), Failure> {
    if let Some(damage) = &recovery.damaged_manifest_slot {
        output.text(format_args!("one of the manifest's two slots is damaged: {damage}"))?;
    }
    if recovery.torn_tail_bytes > 0 {
        let (bytes, records) = (recovery.torn_tail_bytes, recovery.torn_tail_records);
        output.text(format_args!(
            "left out {bytes} bytes of {records} unfinished records at the end of the log"
        ))?;
    }
    report.findings.iter().try_for_each(|finding| output.text(finding))?;
    let unlisted = report.finding_count.saturating_sub(report.findings.len() as u64);
    if unlisted > 0 {
        output.text(format_args!("and {unlisted} more"))?;
    }
    // Of a damaged database they are those that could be read, which may be none.
    let (verdict, keys) =
        if report.is_clean() { ("sound", "keys") } else { ("damaged", "keys read") };
    output.text(format_args!(
        "{verdict}: commit {}, root {}, {} {keys}, {} records, {} store pages, {} table pages",
        report.sequence,
        hex::encode(report.root),
        report.key_count,
        report.record_count,
        report.store_page_count,
        report.table_page_count
    ))
}

fn report_json(report: &CheckReport, recovery: &Recovery) -> Json {
    json!({
        "opened": true,
        "sound": report.is_clean(),
        "sequence": report.sequence,
        "root": hex::encode(report.root),
        "finding_count": report.finding_count,
        "findings": report.findings.iter().map(finding_json).collect::<Vec<_>>(),
        "keys": report.key_count,
        "records": report.record_count,
        "store_pages": report.store_page_count,
        "table_pages": report.table_page_count,
        "damaged_manifest_slot": recovery.damaged_manifest_slot,
        "torn_tail_bytes": recovery.torn_tail_bytes,
    })
}

fn finding_json(finding: &Finding) -> Json {
    json!({
        "kind": finding.kind.name(),
        "part": finding.kind.part().name(),
        "file": finding.file,
        "offset": finding.offset_bytes,
        "reason": finding.reason,
        "expected": finding.expected,
        "found": finding.found,
    })
}

/// Says which parts of a database that does not open are to blame.
fn not_opened(
    arguments: &Arguments,
    error: &OpenError,
    output: &mut Output,
) -> Result<(), Failure> {
    let directory = arguments.database.open_directory()?;
    let mut damaged: Vec<Item> = Vec::new();
    // Every page: opening reads some, so that one of them may be all that is damaged.
    let options = InspectOptions::new().records(true).pages(true);
    let inspected = inspect(&directory, options, |item| {
        if item.is_damaged() {
            damaged.push(item);
        }
    });
    inspected.map_err(|error| Failure::from(OpenError::Io(error)))?;
    if output.is_json() {
        let items: Vec<Json> = damaged.iter().map(item_json).collect();
        return output.line("", || {
            json!({ "opened": false, "sound": false, "error": error.to_string(), "items": items })
        });
    }
    output.text("cannot be opened; what does not check by itself:")?;
    damaged.iter().try_for_each(|item| output.text(item))
}
