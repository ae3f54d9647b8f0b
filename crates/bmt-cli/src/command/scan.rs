//! `bmt scan`: entries in key order.

use crate::arguments::{AtRoot, KeyOptions};
use crate::database::Database;
use crate::exit::Failure;
use crate::hex_input;
use crate::output::Output;
use bmt::{ReadError, StateKey, Value};
use serde_json::json;
use std::ops::Bound;

/// Print entries in key order.
///
/// One a line: key, space, value, in hexadecimal; with --json an object a line. The limits can be
/// combined; no entry within them is no error.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    KEY1 and KEY2 stand for 62 digits each, ROOT for 64.

    $ bmt scan --db state                             everything
    $ bmt scan --db state --prefix 0c --keys-only     keys that begin with the byte 12
    $ bmt scan --db state --from KEY1 --to KEY2       KEY1 and above, below KEY2
    $ bmt scan --db state --reverse --limit 1         the greatest key
    $ bmt scan --db state --at ROOT                   an earlier state
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    keys: KeyOptions,
    #[command(flatten)]
    at: AtRoot,

    /// Begin at this key, included.
    #[arg(long, value_name = "KEY")]
    from: Option<String>,

    /// End before this key.
    #[arg(long, value_name = "KEY")]
    to: Option<String>,

    /// Only keys that begin with these bytes, in hexadecimal.
    #[arg(long, value_name = "BYTES")]
    prefix: Option<String>,

    /// From the greatest key to the least.
    #[arg(long)]
    reverse: bool,

    /// At most this many entries.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,

    /// Leave the values out.
    #[arg(long)]
    keys_only: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let bounds = bounds(arguments)?;
    arguments.at.check()?;
    let db = arguments.database.open_for_reading()?;
    let state = arguments.at.read(&db)?;
    let Some(bounds) = bounds else { return Ok(()) };
    let range = state.range(bounds)?;
    let limit = arguments.limit.unwrap_or(usize::MAX);
    match arguments.reverse {
        true => print(range.rev().take(limit), arguments.keys_only, output),
        false => print(range.take(limit), arguments.keys_only, output),
    }
}

fn print(
    entries: impl Iterator<Item = Result<(StateKey, Value), ReadError>>,
    keys_only: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    for entry in entries {
        let (key, value) = entry?;
        match keys_only {
            true => output.line(key, || json!({ "key": key.to_string() }))?,
            false => {
                let value = hex::encode(&value);
                output.line(
                    format_args!("{key} {value}"),
                    || json!({ "key": key.to_string(), "value": value }),
                )?;
            }
        }
    }
    Ok(())
}

type Bounds = (Bound<StateKey>, Bound<StateKey>);

/// What `--from`, `--to` and `--prefix` have in common; `None` if that is no key at all.
fn bounds(arguments: &Arguments) -> Result<Option<Bounds>, Failure> {
    let key = |text: &String| hex_input::key(text, arguments.keys.truncate_keys);
    let from = arguments.from.as_ref().map(key).transpose()?;
    let to = arguments.to.as_ref().map(key).transpose()?;
    let prefix = hex_input::prefix(arguments.prefix.as_deref().unwrap_or_default())?;
    let (least, greatest) = prefix.into_inner();
    let first = from.map_or(least, |from| from.max(least));
    let (last, is_empty) = match to {
        Some(to) if to <= greatest => (Bound::Excluded(to), first >= to),
        _ => (Bound::Included(greatest), first > greatest),
    };
    Ok((!is_empty).then_some((Bound::Included(first), last)))
}
