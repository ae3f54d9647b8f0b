//! `bmt apply`: a chain file, one atomic commit a line.

mod branches;
mod input;
mod line;

use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use bmt::EMPTY_ROOT;
use bmt_conformance::chain::{ChainError, ChainLine, ChainOptions, ChainReader, ChainState};
use branches::Branches;
use input::Progress;
use line::Applied;
use std::iter::Peekable;
use std::path::PathBuf;

/// Apply a chain file: states as changes, each with its root, one commit a line.
///
/// For each line, once its commit is durable, prints the line's number in the file (the first line,
/// which names the source, is 1) and the root. Makes the database if the directory is missing or
/// empty.
///
/// Every line is exactly one atomic commit: a change of the newest state; a change of the state of
/// any earlier line (a fork); a whole state, which replaces everything; and a change of nothing. The
/// state that the database has at the start counts as the state before the first line: a line may name
/// its root as parent.
///
/// The first line that is malformed, has an unknown parent, or comes to another root than it says,
/// ends the command; it is not committed, what was acknowledged stays. To go on after an
/// interruption, name with --after the newest line that is in the database: the last one that was
/// acknowledged, or the one after it, whichever has the root that `bmt root` prints. Without --after
/// a file that begins with a whole state is applied anew from its first line.
///
/// --fork says how a fork is made. `difference`: as one commit that turns the newest state into that of
/// the line. `rollback`: the commits that the fork does not stand on are rolled back, and those that
/// it does stand on and that had been rolled back are committed again; then the line. `overlay`: the
/// newest line is held as an overlay that is not committed, and other lines on the same parent
/// are overlays beside it; when a line stands on one of them, that one is committed and the others are
/// dropped. The newest line is committed at the end. A line is then printed once its root is
/// computed and right; what is durable when the command is killed is the newest line that another
/// one was printed on. A fork from further back is made by rollback first. Either way fails when it has
/// to roll back more than the database keeps.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt apply --db state blocks.jsonl
    2 2e9d2a12bd30d43f5e9ba2bd7e0ad5ad1b9a9ab2c7ed60c4b3a2d4ef3f3b6f70
    3 9c1185a5c5e9fc54612808977ee8f548b2258d31f0b8e5a7a5d6c7b3e6cf9b11
    $ bmt apply --db state --after 3 blocks.jsonl     go on with line 4
    $ bmt apply --db state --fork overlay blocks.jsonl
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

    /// How lines are made that do not stand on the newest one.
    #[arg(long, value_enum, value_name = "HOW", default_value_t = Fork::Difference)]
    fork: Fork,

    /// Commit only what follows this line; those up to it are in the database already, which must have its
    /// root. Not with --fork rollback or overlay.
    #[arg(long, value_name = "LINE", value_parser = clap::value_parser!(u64).range(1..))]
    after: Option<u64>,
}

/// How a line is made that does not stand on the newest one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Fork {
    /// By one commit that changes the newest state into the line's.
    Difference,
    /// By rolling back to the state that it stands on.
    Rollback,
    /// Beside the newest line, which is not committed before another line stands on it.
    Overlay,
}

/// A file's lines, of which the first has not been asked for yet.
type Lines = Peekable<ChainReader<input::Input>>;

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    if arguments.after.is_some() && arguments.fork != Fork::Difference {
        let message = "--after goes with --fork difference alone";
        return Err(Failure::Usage(message.to_owned()));
    }
    let file = input::name(&arguments.file);
    let (input, progress) = input::open(&arguments.file, output)?;
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
    match arguments.fork {
        Fork::Difference => {
            state.advance(&line::of_database(&db, &file)?)?;
            apply(lines, output, &progress, |line| line::commit(&db, &mut state, line))?;
        }
        Fork::Rollback | Fork::Overlay => {
            let mut branches = Branches::new(&db, arguments.fork == Fork::Overlay);
            let applied = apply(lines, output, &progress, |line| branches.apply(line));
            // Also after a line that was wrong: the one before it has been acknowledged.
            branches.finish()?;
            applied?;
        }
    }
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

/// Makes every line by `make`, and acknowledges it.
fn apply(
    lines: Lines,
    output: &mut Output,
    progress: &Progress,
    mut make: impl FnMut(&ChainLine) -> Result<Applied, Failure>,
) -> Result<(), Failure> {
    for line in lines {
        let line = line?;
        let applied = make(&line)?;
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
