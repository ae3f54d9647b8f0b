//! `bmt stats`: all figures of a database, once or again and again.

use super::inspect::is_summary;
use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use bmt::{Figure, FigureValue, InspectOptions, Item, ItemKind, OpenError, Stats, inspect};
use serde_json::{Map, Value as Json, json};
use std::fmt;
use std::time::Duration;

/// Print the figures of a database.
///
/// One a line, name, value and unit; docs/metrics.md says what each means and when to act. They are those of
/// a handle that has just been opened: what the database holds, how full its files are, what opening
/// it took. What a running program does with the database, only that program can tell: it has the
/// same figures under the same names, by `Db::stats`.
///
/// With --watch the database is not opened, so that a program may have it open: the command reads the
/// headers of its files every so many seconds and prints what they say in one line. That is what has
/// been written, not what is in memory.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt stats --db state
    $ bmt stats --db state --json | jq .bmt_store_file_bytes
    $ bmt stats --db state --prometheus > bmt.prom     in the text format of Prometheus
    $ bmt stats --db state --watch            every 2 seconds, until interrupted
    $ bmt stats --db state --watch 10 --count 6
    generation 9, position 12, keys 2501, log records through 15, log bytes 4194304, …
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// Print the text that Prometheus reads.
    #[arg(long, conflicts_with_all = ["json", "watch"])]
    prometheus: bool,

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
    let stats = db.stats();
    if arguments.prometheus {
        return output.raw(stats.prometheus_text().as_bytes());
    }
    let figures = Figures(stats);
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

/// Every figure that a handle has, with its name and unit as in docs/metrics.md.
struct Figures(Stats);

impl Figures {
    fn to_json(&self) -> Json {
        let field = |(figure, value): (&Figure, FigureValue<'_>)| {
            let value = match value {
                FigureValue::Number(number) => json!(number),
                FigureValue::Ratio(ratio) => json!(ratio),
                FigureValue::Durations(seen) => json!({
                    "count": seen.count(),
                    "sum": seconds(seen.total_ns()),
                    "p50": seconds(seen.quantile_ns(500)),
                    "p99": seconds(seen.quantile_ns(990)),
                    "max": seconds(seen.max_ns()),
                }),
                _ => Json::Null,
            };
            (figure.name.to_owned(), value)
        };
        Json::Object(self.0.figures().map(field).collect::<Map<_, _>>())
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (figure, value)) in self.0.figures().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{:31} ", figure.name)?;
            match value {
                FigureValue::Number(number) => write!(f, "{number}")?,
                FigureValue::Ratio(ratio) => write!(f, "{ratio:.3}")?,
                FigureValue::Durations(seen) if seen.count() == 0 => write!(f, "0 times")?,
                FigureValue::Durations(seen) => write!(
                    f,
                    "{} times, p50 {:?}, p99 {:?}, longest {:?}",
                    seen.count(),
                    Duration::from_nanos(seen.quantile_ns(500)),
                    Duration::from_nanos(seen.quantile_ns(990)),
                    Duration::from_nanos(seen.max_ns()),
                )?,
                _ => write!(f, "unknown")?,
            }
            // What is timed has its unit, and the ratio and the flags need none.
            if !matches!(figure.unit, "seconds" | "ratio" | "0 or 1") {
                write!(f, " {}", figure.unit)?;
            }
        }
        Ok(())
    }
}

/// Nanoseconds as seconds.
fn seconds(ns: u64) -> f64 {
    Duration::from_nanos(ns).as_secs_f64()
}
