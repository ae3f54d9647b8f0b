//! `bmt stats`: all figures of a database, once or again and again.

use super::inspect::is_summary;
use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use bmt::{InspectOptions, Item, ItemKind, OpenError, Operation, Stats, inspect};
use serde_json::{Map, Value as Json, json};
use std::fmt;
use std::time::Duration;

/// Print the figures of a database.
///
/// One a line, name and value. They are those of a handle that has just been opened: what the database
/// holds, how full its files are, what opening it took. What a running program does with the
/// database, only that program can tell.
///
/// With --watch the database is not opened, so that a program may have it open: the command reads the
/// headers of its files every so many seconds and prints what they say in one line. That is what has
/// been written, not what is in memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt stats --db state
    $ bmt stats --db state --json | jq .store_page_count
    $ bmt stats --db state --watch            every 2 seconds, until interrupted
    $ bmt stats --db state --watch 10 --count 6
    generation 9, position 12, keys 2501, log records through 15, log bytes 4194304, …
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// Read the files again every so many seconds, without opening the database.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "2")]
    watch: Option<f64>,

    /// End after so many lines.
    #[arg(long, value_name = "COUNT", requires = "watch")]
    count: Option<u64>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    if let Some(seconds) = arguments.watch {
        return watch(arguments, seconds, output);
    }
    let db = arguments.database.open_for_reading()?;
    let figures = Figures::of(&db.stats());
    output.line(&figures, || figures.to_json())
}

fn watch(arguments: &Arguments, seconds: f64, output: &mut Output) -> Result<(), Failure> {
    let interval = Duration::try_from_secs_f64(seconds)
        .map_err(|_| Failure::Usage(format!("{seconds} is no number of seconds to wait")))?;
    let directory = arguments.database.open_directory()?;
    arguments.database.check_is_database(&*directory)?;
    let mut left = arguments.count.unwrap_or(u64::MAX);
    while left > 0 {
        let mut items = Vec::new();
        let options = InspectOptions::new().verdicts(false);
        let inspected = inspect(&directory, options, |item| {
            if is_summary(&item) {
                items.push(item);
            }
        });
        inspected.map_err(|error| Failure::from(OpenError::Io(error)))?;
        let written = Written::of(&items);
        output.line(&written, || written.to_json())?;
        output.flush()?;
        left -= 1;
        if left > 0 {
            std::thread::sleep(interval);
        }
    }
    Ok(())
}

/// What has been written to the files.
struct Written(Vec<(&'static str, u64)>);

impl Written {
    fn of(items: &[Item]) -> Self {
        let of_kind = |kind| items.iter().filter(move |item| item.kind == kind);
        let total = |kind, name: &'static str| {
            of_kind(kind).filter_map(|item| item.number(name)).sum::<u64>()
        };
        let newest = of_kind(ItemKind::LogSegment).filter_map(|item| item.number("last record"));
        let mut figures = Vec::new();
        for name in ["generation", "position", "keys", "store entries", "store free pages"] {
            figures.push((name, total(ItemKind::Manifest, name)));
        }
        figures.push(("log records through", newest.max().unwrap_or_default()));
        figures.push(("log bytes", total(ItemKind::LogSegment, "file bytes")));
        figures.push(("store bytes", total(ItemKind::TreeFile, "file bytes")));
        figures.push(("table bytes", total(ItemKind::TableFile, "file bytes")));
        Self(figures)
    }

    fn to_json(&self) -> Json {
        let field = |(name, value): &(&str, u64)| (name.replace(' ', "_"), json!(value));
        Json::Object(self.0.iter().map(field).collect())
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name} {value}")?;
        }
        Ok(())
    }
}

/// Figures of a handle, each under a name that says its unit.
struct Figures(Vec<(&'static str, Json)>);

impl Figures {
    fn of(stats: &Stats) -> Self {
        let Stats { log, tree, table, io, recovery, backend, .. } = stats;
        Self(vec![
            ("sequence", json!(stats.sequence)),
            ("key_count", json!(stats.key_count)),
            ("undoable_commits", json!(stats.undoable_commits)),
            ("undo_bytes", json!(stats.undo_bytes)),
            ("checkpoint_sequence", json!(stats.checkpoint_sequence)),
            ("checkpoint_count", json!(stats.checkpoint_count)),
            ("slice_count", json!(stats.slice_count)),
            ("stall_count", json!(stats.stall_count)),
            ("buffer_bytes", json!(stats.buffer_bytes)),
            ("buffer_bytes_max", json!(stats.buffer_bytes_max)),
            ("buffer_run_count", json!(stats.buffer_run_count)),
            ("page_cache_bytes", json!(stats.page_cache_bytes)),
            ("page_cache_bytes_max", json!(stats.page_cache_bytes_max)),
            ("held_version_count", json!(stats.held_version_count)),
            ("expired_version_count", json!(stats.expired_version_count)),
            ("log_file_bytes", json!(log.file_bytes)),
            ("log_segment_count", json!(log.segment_count)),
            ("log_first_sequence", json!(log.first_sequence)),
            ("log_next_sequence", json!(log.next_sequence)),
            ("log_synced_through", json!(log.synced_through)),
            ("store_page_count", json!(tree.page_count)),
            ("store_free_pages", json!(tree.free_pages)),
            ("store_held_pages", json!(tree.held_pages)),
            ("store_generation", json!(tree.generation)),
            ("store_cache_bytes", json!(tree.cache_bytes)),
            ("store_leaf_hits", json!(tree.leaf_hits)),
            ("store_leaf_reads", json!(tree.leaf_reads)),
            ("table_page_count", json!(table.page_count)),
            ("table_bucket_count", json!(table.bucket_count)),
            ("table_tombstone_count", json!(table.tombstone_count)),
            ("table_pinned_bytes", json!(table.pinned_bytes)),
            ("table_memory_bytes", json!(table.memory_bytes)),
            ("table_file_bytes", json!(table.file_bytes)),
            ("io_read_count", json!(io.count(Operation::Read))),
            ("io_read_bytes", json!(io.bytes(Operation::Read))),
            ("io_write_count", json!(io.count(Operation::Write))),
            ("io_write_bytes", json!(io.written_bytes())),
            ("io_sync_count", json!(io.count(Operation::SyncData))),
            ("recovery_replayed_steps", json!(recovery.replayed_steps)),
            ("recovery_replayed_changes", json!(recovery.replayed_changes)),
            ("recovery_torn_tail_bytes", json!(recovery.torn_tail_bytes)),
            ("backend", json!(backend.kind.to_string())),
        ])
    }

    fn to_json(&self) -> Json {
        let field = |(name, value): &(&str, Json)| ((*name).to_owned(), value.clone());
        Json::Object(self.0.iter().map(field).collect::<Map<_, _>>())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, value)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            write!(f, "{separator}{name:27} {value}")?;
        }
        Ok(())
    }
}
