//! The commands, one file each.

pub(crate) mod apply;
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod checkpoint;
pub(crate) mod completions;
pub(crate) mod del;
pub(crate) mod export;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod info;
pub(crate) mod init;
pub(crate) mod inspect;
pub(crate) mod prove;
pub(crate) mod put;
pub(crate) mod rollback;
pub(crate) mod root;
pub(crate) mod scan;
pub(crate) mod stats;
pub(crate) mod verify;

use crate::arguments::Command;
use crate::exit::Failure;
use crate::output::Output;

/// Runs one command.
pub(crate) fn run(command: &Command, output: &mut Output) -> Result<(), Failure> {
    match command {
        Command::Init(arguments) => init::run(arguments, output),
        Command::Put(arguments) => put::run(arguments, output),
        Command::Get(arguments) => get::run(arguments, output),
        Command::Del(arguments) => del::run(arguments, output),
        Command::Root(arguments) => root::run(arguments, output),
        Command::Apply(arguments) => apply::run(arguments, output),
        Command::Prove(arguments) => prove::run(arguments, output),
        Command::Verify(arguments) => verify::run(arguments, output),
        Command::Scan(arguments) => scan::run(arguments, output),
        Command::Info(arguments) => info::run(arguments, output),
        Command::Rollback(arguments) => rollback::run(arguments, output),
        Command::Stats(arguments) => stats::run(arguments, output),
        Command::Check(arguments) => check::run(arguments, output),
        Command::Inspect(arguments) => inspect::run(arguments, output),
        Command::Export(arguments) => export::run(arguments, output),
        Command::Import(arguments) => import::run(arguments, output),
        Command::Checkpoint(arguments) => checkpoint::run(arguments, output),
        Command::Bench(arguments) => bench::run(arguments, output),
        Command::Completions(arguments) => completions::run(arguments, output),
    }
}
