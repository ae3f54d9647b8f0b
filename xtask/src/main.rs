//! The project's own commands, run as `cargo xtask COMMAND`.
#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a command line program talks on stdout")]
#![expect(clippy::print_stderr, reason = "a command line program complains on stderr")]

mod arguments;
#[cfg(feature = "layers")]
mod bench;
mod ci;
#[cfg(feature = "layers")]
mod conformance;
mod failure;
mod layers;
mod package;
mod process;
mod tidy;
mod workspace;

use arguments::Arguments;
use failure::Failure;
use std::process::ExitCode;

/// One command: its name, what it takes, what it does, and the function that does it.
struct Command {
    name: &'static str,
    takes: &'static str,
    about: &'static str,
    run: fn(Arguments) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "ci",
        takes: "[--only STEP]... [--no-conformance] [--keep-going]",
        about: "everything that must hold before a change is merged",
        run: ci::run,
    },
    Command { name: "tidy", takes: "", about: "the house style", run: tidy::run },
    Command {
        name: "conformance",
        takes: "[--vectors DIR]... [--json]",
        about: "the corpus of test vectors against every implementation",
        run: layers::conformance,
    },
    Command {
        name: "bench",
        takes: "SUITE [--quick] [--json FILE]",
        about: "measurements, in a release build",
        run: layers::bench,
    },
    Command {
        name: "package",
        takes: "[--verify]",
        about: "every crate can be packed for the registry",
        run: package::run,
    },
];

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure @ Failure::Told { .. }) => failure.exit_code(),
        Err(failure) => {
            eprintln!("xtask: {failure}");
            failure.exit_code()
        }
    }
}

fn dispatch(mut words: Vec<String>) -> Result<(), Failure> {
    if words.is_empty() {
        return Err(Failure::Usage(usage()));
    }
    let name = words.remove(0);
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        println!("{}", usage());
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(Arguments::new(words)),
        None => Err(Failure::Usage(format!("there is no command `{name}`\n{}", usage()))),
    }
}

fn usage() -> String {
    let mut text = String::from("usage: cargo xtask COMMAND [ARGUMENTS]\n");
    for Command { name, takes, about, .. } in COMMANDS {
        text.push_str(&format!("\n  {:<56} {about}", format!("{name} {takes}")));
    }
    text
}
