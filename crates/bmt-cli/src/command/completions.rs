//! `bmt completions`: what a shell needs to complete commands and options.

use crate::arguments::Cli;
use crate::exit::Failure;
use crate::output::Output;
use clap::CommandFactory;
use clap_complete::Shell;

/// Print a script that makes a shell complete commands and options.
///
/// It is the same with --json.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    $ bmt completions bash > /etc/bash_completion.d/bmt
    $ bmt completions zsh > ~/.zfunc/_bmt
    $ bmt completions fish > ~/.config/fish/completions/bmt.fish
")]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "bmt", &mut script);
    output.raw(&script)
}
