//! `bmt bench`: a small workload, to compare machines, disks and options.

mod workload;

use crate::exit::Failure;
use crate::output::Output;
use crate::progress::Bar;
use bmt::{Db, Durability, Options};
use serde_json::{Value as Json, json};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use workload::{Timed, Workload};

/// Measure commits and reads on this machine and disk.
///
/// Makes a database in DIR, which must be missing or empty, and removes it at the end. Loads the keys,
/// then commits batches of changes to random keys for the given time, one durable commit after the
/// other, then reads random keys for the same time. Prints the rates, and of commits and reads the
/// median latency and the one that one in a hundred exceeds.
///
/// Figures of a few seconds say little about a database of another size; docs/performance.md has
/// careful ones.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt bench --db scratch
    load    100000 keys, 650213 keys/s
    commit  1210 commits of 1000 changes, 241.8 commits/s, 241822 changes/s, p50 3.91 ms, p99 8.02 ms
    read    2310040 reads, 770013 reads/s, p50 0.001 ms, p99 0.003 ms
    $ bmt bench --db scratch --keys 1000000 --batch 100 --seconds 20
    $ bmt bench --db scratch --eventual --json | jq .commits_per_second
    $ bmt bench --db state --keys 4000000 --seconds 0 --keep     a database to try things on
")]
pub(crate) struct Arguments {
    /// The directory of the database that is made, and removed at the end.
    #[arg(long = "db", value_name = "DIR")]
    path: PathBuf,

    /// Keys in the database.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    keys: u64,

    /// Changes in a commit.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    batch: u64,

    /// Bytes of a value.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(0..=1_048_576))]
    value_bytes: u32,

    /// How long to commit, and how long to read.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,

    /// Memory for buffers and caches, in MiB.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=1_048_576))]
    memory: u64,

    /// Do not sync after every commit.
    #[arg(long)]
    eventual: bool,

    /// Leave the database where it is, to try other commands on.
    #[arg(long)]
    keep: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let seconds = arguments.seconds;
    let duration = Duration::try_from_secs_f64(seconds)
        .map_err(|_| Failure::Usage(format!("{seconds} is no number of seconds to measure")))?;
    let path = &arguments.path;
    let is_free = std::fs::read_dir(path).map_or_else(
        |error| error.kind() == std::io::ErrorKind::NotFound,
        |mut entries| entries.next().is_none(),
    );
    if !is_free {
        let message = format!("{}: there is something already", path.display());
        return Err(Failure::Usage(message));
    }
    let mut scratch = Scratch { path, is_kept: false };
    let report = measure(arguments, duration, output)?;
    scratch.is_kept = arguments.keep;
    drop(scratch);
    output.line(&report, || report.to_json())
}

/// A directory that is removed at the end, whatever the end is, unless it is kept.
struct Scratch<'a> {
    path: &'a Path,
    is_kept: bool,
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            std::fs::remove_dir_all(self.path).ok();
        }
    }
}

fn measure(arguments: &Arguments, duration: Duration, output: &Output) -> Result<Report, Failure> {
    let durability = match arguments.eventual {
        true => Durability::Eventual,
        false => Durability::Immediate,
    };
    let options = Options::new().memory_bytes(arguments.memory << 20).durability(durability);
    let db = Db::open_with(&arguments.path, &options)?;
    let value_bytes = usize::try_from(arguments.value_bytes).unwrap_or(usize::MAX);
    let mut workload = Workload::new(arguments.keys, value_bytes);
    let mut bar = Bar::new(output, "{msg:8} {bar:40}");
    bar.show("load", 0, 3);
    let load = workload.load(&db)?;
    bar.show("commit", 1, 3);
    let commit = workload.commit(&db, arguments.batch, duration)?;
    bar.show("read", 2, 3);
    let read = workload.read(&db, duration)?;
    db.close()?;
    Ok(Report { keys: arguments.keys, batch: arguments.batch, load, commit, read })
}

struct Report {
    keys: u64,
    batch: u64,
    load: Duration,
    commit: Timed,
    read: Timed,
}

impl Report {
    fn keys_per_second(&self) -> f64 {
        workload::rate(self.keys, self.load)
    }

    fn changes_per_second(&self) -> f64 {
        workload::rate(self.commit.count() * self.batch, self.commit.total())
    }

    fn to_json(&self) -> Json {
        let (commit, read) = (&self.commit, &self.read);
        json!({
            "keys": self.keys,
            "batch": self.batch,
            "load_keys_per_second": self.keys_per_second(),
            "commits": commit.count(),
            "commits_per_second": commit.per_second(),
            "changes_per_second": self.changes_per_second(),
            "commit_ms_p50": commit.percentile_ms(50),
            "commit_ms_p99": commit.percentile_ms(99),
            "reads": read.count(),
            "reads_per_second": read.per_second(),
            "read_ms_p50": read.percentile_ms(50),
            "read_ms_p99": read.percentile_ms(99),
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (commit, read) = (&self.commit, &self.read);
        writeln!(f, "load    {} keys, {:.0} keys/s", self.keys, self.keys_per_second())?;
        writeln!(
            f,
            "commit  {} commits of {} changes, {:.1} commits/s, {:.0} changes/s, p50 {:.2} ms, p99 {:.2} ms",
            commit.count(),
            self.batch,
            commit.per_second(),
            self.changes_per_second(),
            commit.percentile_ms(50),
            commit.percentile_ms(99)
        )?;
        write!(
            f,
            "read    {} reads, {:.0} reads/s, p50 {:.3} ms, p99 {:.3} ms",
            read.count(),
            read.per_second(),
            read.percentile_ms(50),
            read.percentile_ms(99)
        )
    }
}
