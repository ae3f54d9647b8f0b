//! The command line as clap reads it: the program, its commands, the options all of them have.

use crate::command::{
    apply, bench, check, checkpoint, completions, del, export, get, import, info, init, inspect,
    prove, put, rollback, root, scan, stats, verify,
};
use crate::exit::Failure;
use crate::hex_input;
use bmt::{Db, GrayPaper, ReadSession};
use clap::{Parser, Subcommand};

const EXIT_STATUS: &str = "\
EXIT STATUS
    0  done
    1  the answer is no: the key is absent, a root differs, a proof does not verify,
       fewer commits can be undone than asked for
    2  wrong usage or input: options, hexadecimal, lengths, a key given twice, the syntax of a
       chain file; or DIR holds no database, another scheme's, or one of a newer version
    3  the database, or an export, is damaged; or `check` or `inspect` found something
    4  another process has the database open
    5  a file cannot be read or written, or the device is full

    Nothing is changed when the status is 1, 2 or 4, except that `apply` keeps the lines it has
    acknowledged before. Messages go to standard error.

INPUT
    Keys are 62 hexadecimal digits (31 bytes), without 0x. 64 digits are taken when the last two
    are zeros; with --truncate-keys the last two are cut off whatever they are. Values are any even
    number of digits; \"\" is the empty value, which is a value.

EXAMPLES
    bmt put  --db state 01000000000000000000000000000000000000000000000000000000000000 cafe
    bmt get  --db state 01000000000000000000000000000000000000000000000000000000000000
    bmt root --db state
    bmt apply --db state blocks.jsonl
    bmt export --db state state.bmtexport && bmt import --db elsewhere state.bmtexport
";

/// An embedded, authenticated key-value database, from the command line.
///
/// The state in DIR is a keyed binary Merkle trie; its root is that of the JAM Gray Paper
/// (appendix D). Each command that changes it makes exactly one atomic, durable commit; `apply`
/// makes one a line. One process at a time can have a database open for writing.
///
/// Commands that only read change no byte: an unfinished commit at the end of the log is left out, and
/// what is not in pages yet is applied, both in memory. Any number of them can run at once, as long as
/// nobody has the database open for writing. `inspect` and `stats --watch` take no lock at all.
#[derive(Debug, Parser)]
#[command(name = "bmt", version, after_help = EXIT_STATUS)]
pub(crate) struct Cli {
    /// Print JSON instead of text; errors too.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Show no progress, which otherwise is shown on standard error if that is a terminal.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Arguments),
    Put(put::Arguments),
    Get(get::Arguments),
    Del(del::Arguments),
    Root(root::Arguments),
    Apply(apply::Arguments),
    Prove(prove::Arguments),
    Verify(verify::Arguments),
    Scan(scan::Arguments),
    Info(info::Arguments),
    Rollback(rollback::Arguments),
    Stats(stats::Arguments),
    Check(check::Arguments),
    Inspect(inspect::Arguments),
    Export(export::Arguments),
    Import(import::Arguments),
    Checkpoint(checkpoint::Arguments),
    Bench(bench::Arguments),
    Completions(completions::Arguments),
}

/// Which state is read.
#[derive(Debug, clap::Args)]
pub(crate) struct AtRoot {
    /// Read the state with this root, in hexadecimal: the newest, or any that a rollback could restore.
    #[arg(long = "at", value_name = "ROOT")]
    root: Option<String>,
}

impl AtRoot {
    /// A session that reads the state; the newest one if none is named.
    pub(crate) fn read(&self, db: &Db) -> Result<ReadSession<GrayPaper>, Failure> {
        match &self.root {
            Some(text) => Ok(db.begin_read_at(&hex_input::root(text)?)?),
            None => Ok(db.begin_read()),
        }
    }

    /// Checks what was given, before anything is opened.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        self.root.as_deref().map_or(Ok(()), |text| hex_input::root(text).map(drop))?;
        Ok(())
    }
}

/// How keys are read from the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct KeyOptions {
    /// Take keys of 64 digits and cut off their last byte, whatever it is.
    #[arg(long)]
    pub(crate) truncate_keys: bool,
}

#[cfg(test)]
mod tests;
