//! `bmt`, the command line of the bmt database.
#![forbid(unsafe_code)]

mod arguments;
mod command;
mod database;
mod exit;
mod hex_input;
mod output;
mod progress;
mod value_input;

use arguments::Cli;
use clap::Parser;
use output::Output;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::not_understood(&error),
    };
    let mut output = Output::to_stdout(cli.json, cli.quiet);
    let result = command::run(&cli.command, &mut output);
    exit::finish(result.and_then(|()| output.flush()), cli.json)
}
