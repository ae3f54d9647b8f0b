//! `bmt inspect`: what the files of a database say.

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use bmt::{Field, InspectOptions, Item, ItemKind, OpenError, inspect};
use serde_json::{Map, Value as Json, json};

/// Print what the files of a database say, without opening it.
///
/// The manifest's two slots and the one in force; the segments of the log; the header of the ordered
/// store's file; header, switch records and map of the table. With --records each record of the log,
/// with --pages each page. Then, as a verdict each, whether an opening would accept log, ordered store
/// and table.
///
/// A line for each: file, offset, what it is, how it is, its fields. Nothing is written and no lock is
/// taken, so it works on a database that is damaged, and on one that is open elsewhere: what is being
/// written meanwhile may then look damaged. The exit status is 3 if something is.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt inspect --db state
    MANIFEST 0 manifest slot: valid, generation 9, bytes 308
    …
    $ bmt inspect --db state --records | grep 'log record'
    $ bmt inspect --db state --pages --json | jq 'select(.state != \"valid\")'
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// Each record of the log too, its payload compared with its checksum.
    #[arg(long)]
    records: bool,

    /// Each page of the ordered store and of the table too.
    #[arg(long)]
    pages: bool,

    /// Leave out whether an opening would accept the parts, which reads more than headers.
    #[arg(long)]
    no_verdicts: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let directory = arguments.database.open_directory()?;
    arguments.database.check_is_database(&*directory)?;
    let options = InspectOptions::new()
        .records(arguments.records)
        .pages(arguments.pages)
        .verdicts(!arguments.no_verdicts);
    let mut printed = Ok(());
    let damaged = inspect(&directory, options, |item| {
        if printed.is_ok() {
            printed = output.line(&item, || item_json(&item));
        }
    });
    printed?;
    match damaged.map_err(|error| Failure::from(OpenError::Io(error)))? {
        0 => Ok(()),
        count => Err(Failure::Damaged { count }),
    }
}

/// An item with its fields.
pub(super) fn item_json(item: &Item) -> Json {
    let field = |(name, field): &(&'static str, Field)| {
        let value = match field {
            Field::Number(number) => json!(number),
            other => json!(other.to_string()),
        };
        (name.replace(' ', "_"), value)
    };
    let fields: Map<String, Json> = item.fields.iter().map(field).collect();
    json!({
        "file": item.file,
        "offset": item.offset_bytes,
        "kind": item.kind.name(),
        "state": item.state.name(),
        "reason": item.state.reason(),
        "fields": fields,
    })
}

/// Whether an item sums up a part of the database.
pub(super) fn is_summary(item: &Item) -> bool {
    matches!(
        item.kind,
        ItemKind::Manifest | ItemKind::LogSegment | ItemKind::TreeFile | ItemKind::TableFile
    )
}
