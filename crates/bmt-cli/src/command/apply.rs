//! `bmt apply`: a chain file, one atomic commit a line.

mod input;
mod line;

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use bmt::{Db, EMPTY_ROOT};
use bmt_conformance::chain::{ChainError, ChainLine, ChainOptions, ChainReader, ChainState};
use input::Progress;
use std::iter::Peekable;
use std::path::PathBuf;

/// Apply a chain file: states as changes, each with its root, one commit a line.
///
/// For each line, once its commit is durable, prints the line's number in the file (the first line,
/// which names the source, is 1) and the root. Makes the database if the directory is missing or
/// empty.
///
/// Every line is exactly one atomic commit: a change of the newest state; a change of the state of
/// any earlier line (a fork, committed as the difference); a whole state, which replaces everything;
/// and a change of nothing. The state that the database has at the start counts as the state before
/// the first line: a line may name its root as parent.
///
/// The first line that is malformed, has an unknown parent, or comes to another root than it says,
/// ends the command; it is not committed, what was acknowledged stays. To go on after an
/// interruption, name with --after the newest line that is in the database: the last one that was
/// acknowledged, or the one after it, whichever has the root that `bmt root` prints. Without --after
/// a file that begins with a whole state is applied anew from its first line.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt apply --db state blocks.jsonl
    2 2e9d2a12bd30d43f5e9ba2bd7e0ad5ad1b9a9ab2c7ed60c4b3a2d4ef3f3b6f70
    3 9c1185a5c5e9fc54612808977ee8f548b2258d31f0b8e5a7a5d6c7b3e6cf9b11
    $ bmt apply --db state --after 3 blocks.jsonl     go on with line 4
    $ zcat blocks.jsonl.gz | bmt apply --db state -   from standard input
    $ bmt apply --db state --json blocks.jsonl
    {\"at\":\"genesis\",\"changes\":12,\"fork\":false,\"line\":2,\"root\":\"2e9d…\",\"sequence\":1}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// The chain file; - is standard input.
    file: PathBuf,

    /// Take keys of 64 digits and cut off their last byte; keys that are then equal are an error.
    #[arg(long)]
    truncate_keys: bool,

    /// The lines up to this one are in the database already: read them, and commit only what
    /// follows. The database must have the root of that line.
    #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    after: Option<u64>,
}

/// A file's lines, of which the first has not been asked for yet.
type Lines = Peekable<ChainReader<input::Input>>;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let file = input::name(&arguments.file);
    let (input, progress) = input::open(&arguments.file)?;
    let options = ChainOptions { truncate_keys: arguments.truncate_keys };
    let mut lines = ChainReader::new(input, &file, options)?.peekable();
    let mut state = ChainState::new();
    let skipped = match arguments.after {
        Some(after) => skip(&mut lines, &mut state, &file, after)?,
        None => None,
    };
    // Before the database is opened: a file that is wrong from the start makes none.
    if let Some(error) = lines.next_if(Result::is_err) {
        error?;
    }
    let db = arguments.database.open_or_create()?;
    if let Some(line) = skipped {
        line::check_is_newest(&db, &line)?;
    }
    state.advance(&line::of_database(&db, &file)?)?;
    apply(&db, &mut state, lines, output, &progress)?;
    db.close()?;
    Ok(())
}

/// Reads the lines up to number `after`, and returns that one, if it is not the first of the file.
///
/// The states of a file that goes on from another state than the empty one cannot be known from the
/// file; forks from these lines are then forks from an unknown parent.
fn skip(
    lines: &mut Lines,
    state: &mut ChainState,
    file: &str,
    after: u64,
) -> Result<Option<ChainLine>, Failure> {
    let mut newest = None;
    let is_skipped = |line: &Result<ChainLine, ChainError>| {
        line.as_ref().is_ok_and(|line| line.line_number as u64 <= after)
    };
    while let Some(line) = lines.next_if(is_skipped) {
        let line = line?;
        if newest.is_none() && line.parent == Some(EMPTY_ROOT) {
            state.advance(&line::of_nothing(file))?;
        }
        state.advance(&line).ok();
        newest = Some(line);
    }
    if let Some(error) = lines.next_if(Result::is_err) {
        error?;
    }
    let read = newest.as_ref().map_or(1, |line| line.line_number);
    if (read as u64) < after {
        return Err(Failure::Usage(format!(
            "{file}: there is no line {after}, the last is {read}"
        )));
    }
    Ok(newest)
}

fn apply(
    db: &Db,
    state: &mut ChainState,
    lines: Lines,
    output: &mut Output,
    progress: &Progress,
) -> Result<(), Failure> {
    for line in lines {
        let line = line?;
        let applied = line::commit(db, state, &line)?;
        let acknowledged = progress.suspend(|| {
            output.line(format_args!("{} {}", line.line_number, hex::encode(line.root)), || {
                applied.to_json(&line)
            })?;
            output.flush()
        });
        acknowledged.map_err(|failure| line::not_acknowledged(&line, failure))?;
    }
    Ok(())
}
