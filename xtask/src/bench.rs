//! `cargo xtask bench SUITE`: measurements, always in a release build.
//!
//! A suite prints `figure NAME VALUE UNIT` and `ratio NAME VALUE`, each followed by a `spread`
//! line. A ratio says how many times better than the peer we are: rates ours by theirs, costs
//! theirs by ours. Only names that end in `_vs_bare` or `_vs_flat` are our cost by theirs.

mod beatree;
mod compare;
mod hashing;
mod io;
mod log;
mod merkle;
mod open;
mod readers;
mod report;
mod rounds;
mod sample_keys;
mod series;
mod sizes;
mod trie;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::workspace;
use report::Report;
use std::path::{Path, PathBuf};

/// What a suite is asked for.
struct Plan {
    /// Small and short: does the suite work at all? Its figures are not to be quoted.
    quick: bool,
    /// The sizes that take minutes, too.
    full: bool,
    /// How long suites run that run for a time.
    seconds: Option<u64>,
    root: PathBuf,
}

impl Plan {
    /// The first in an ordinary run, the second in a quick one.
    fn size(&self, ordinary: usize, quick: usize) -> usize {
        if self.quick { quick } else { ordinary }
    }

    /// How often each side is measured.
    fn rounds(&self) -> usize {
        self.size(15, 3)
    }
}

/// A suite: its name, what it measures, and the function that does it.
struct Suite {
    name: &'static str,
    about: &'static str,
    run: fn(&Plan, &mut Report) -> Result<(), Failure>,
}

const SUITES: &[Suite] = &[
    Suite {
        name: "hashing",
        about: "64-byte nodes, many at once and one by one",
        run: hashing::run,
    },
    Suite { name: "trie", about: "the in-memory trie: building and updating", run: trie::run },
    Suite { name: "io", about: "reads and writes, next to fio and a bare loop", run: io::run },
    Suite { name: "log", about: "a durable append, next to a bare overwrite", run: log::run },
    Suite { name: "beatree", about: "the ordered store, next to redb and LMDB", run: beatree::run },
    Suite { name: "merkle", about: "updating the paged trie, in memory", run: merkle::run },
    Suite { name: "open", about: "opening: clean, and with a log to apply", run: open::run },
    Suite {
        name: "readers",
        about: "commits beside eight reading threads, in turn with none",
        run: readers::readers,
    },
    Suite { name: "sizes", about: "the same load on more and more keys", run: sizes::run },
    Suite { name: "memory", about: "memory and pauses in a random load", run: readers::memory },
];

/// Runs one suite, and writes its report to `--json FILE` too when asked.
///
/// # Errors
/// [`Failure::Usage`] for an unknown suite; [`Failure::Failed`] when the suite fails.
pub(crate) fn run(arguments: Arguments) -> Result<(), Failure> {
    let root = workspace::root()?;
    let words = arguments.into_words();
    if let Some(words) = compare::words(&words) {
        return compare::run(&root, words);
    }
    let mut arguments = Arguments::new(words);
    let quick = arguments.flag("--quick");
    let full = arguments.flag("--full");
    let seconds = arguments.option("--seconds")?.map(|text| {
        text.parse().map_err(|_| Failure::Usage(format!("`{text}` is no number of seconds")))
    });
    let seconds = seconds.transpose()?;
    let json = arguments.option("--json")?;
    let name = arguments.positional();
    arguments.finish()?;
    let suite = find(name.as_deref())?;
    let mut report = Report::new(suite.name, quick);
    (suite.run)(&Plan { quick, full, seconds, root }, &mut report)?;
    match json {
        Some(file) => write(Path::new(&file), &report),
        None => Ok(()),
    }
}

fn find(name: Option<&str>) -> Result<&'static Suite, Failure> {
    let Some(name) = name else {
        return Err(Failure::Usage(format!("which suite?\n{}", list())));
    };
    let suite = SUITES.iter().find(|suite| suite.name == name);
    suite.ok_or_else(|| Failure::Usage(format!("there is no suite `{name}`\n{}", list())))
}

fn list() -> String {
    let suites = SUITES.iter().map(|suite| (suite.name, suite.about));
    let lines = suites
        .chain([(compare::NAME, compare::ABOUT)])
        .map(|(name, about)| format!("  {name:<10} {about}"));
    std::iter::once("the suites are:".to_owned()).chain(lines).collect::<Vec<_>>().join("\n")
}

fn write(file: &Path, report: &Report) -> Result<(), Failure> {
    let text = format!("{:#}\n", report.json());
    std::fs::write(file, text).map_err(|error| Failure::of(file.display(), error))
}
