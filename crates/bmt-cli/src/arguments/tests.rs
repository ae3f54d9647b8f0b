//! Tests of the command line's definition.

use super::Cli;
use clap::CommandFactory;

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_shows_examples() {
    for command in Cli::command().get_subcommands() {
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let call = format!("bmt {}", command.get_name());
        assert!(help.contains("EXAMPLES") && help.contains(&call), "{}", command.get_name());
    }
}
