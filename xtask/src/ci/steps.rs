//! The steps of `cargo xtask ci`, in their order.

use super::totals::Totals;
use super::{Run, commands, conformance, examples, no_std, targets};
use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::process;
use crate::tidy;
use crate::workspace::cargo_in;
use std::process::Command;

/// One step: a name for `--only`, what it does, and the function that does it.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) run: fn(&mut Run) -> Result<(), Failure>,
}

/// From the cheapest to the dearest, as far as one does not need another.
pub(super) const STEPS: &[Step] = &[
    Step { name: "fmt", about: "every file is formatted", run: fmt },
    Step { name: "clippy", about: "no lint fires, with all targets and features", run: clippy },
    Step { name: "test", about: "unit and integration tests", run: test },
    Step { name: "doctest", about: "the examples in the documentation", run: doctest },
    Step { name: "doc", about: "the documentation builds without a warning", run: doc },
    Step {
        name: "examples",
        about: "the examples run and print what they say",
        run: examples::check,
    },
    Step { name: "tidy", about: "the house style", run: check_tidy },
    Step { name: "vectors", about: "the test vectors come out of their generator", run: vectors },
    Step { name: "no-std", about: "bmt-core builds without std", run: no_std::check },
    Step { name: "targets", about: "the crates build for other systems", run: targets::check },
    Step { name: "conformance", about: "test vectors, release build", run: conformance::check },
    Step { name: "commands", about: "the commands in the documentation", run: commands::check },
];

const VECTORS_GENERATOR: &str = "test-vectors/generate/generate.py";

fn fmt(run: &mut Run) -> Result<(), Failure> {
    process::run(&mut cargo_in(&run.root, &["fmt", "--all", "--check"]))
}

fn clippy(run: &mut Run) -> Result<(), Failure> {
    let words =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    process::run(&mut cargo_in(&run.root, &words))
}

fn test(run: &mut Run) -> Result<(), Failure> {
    let all = ["--workspace", "--all-features", "--no-fail-fast"];
    if process::works(&mut cargo_in(&run.root, &["nextest", "--version"])) {
        let mut command = cargo_in(&run.root, &["nextest", "run", "--no-tests=pass"]);
        return counted(run, command.args(all));
    }
    println!("cargo-nextest is not installed: `cargo test` runs the tests");
    let mut command = cargo_in(&run.root, &["test", "--all-targets"]);
    counted(run, command.args(all))
}

fn doctest(run: &mut Run) -> Result<(), Failure> {
    let words = ["test", "--doc", "--workspace", "--all-features", "--no-fail-fast"];
    let mut command = cargo_in(&run.root, &words);
    counted(run, &mut command)
}

fn doc(run: &mut Run) -> Result<(), Failure> {
    let mut command = cargo_in(&run.root, &["doc", "--no-deps", "--workspace", "--all-features"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn check_tidy(_: &mut Run) -> Result<(), Failure> {
    tidy::run(Arguments::default())
}

fn vectors(run: &mut Run) -> Result<(), Failure> {
    if !run.root.join(VECTORS_GENERATOR).is_file() {
        run.not_checked(format!("test vectors: there is no {VECTORS_GENERATOR}"));
        return Ok(());
    }
    let python = ["python3", "python"].into_iter().find(|name| {
        process::works(
            Command::new(name).args(["-c", "import sys; sys.exit(sys.version_info < (3,))"]),
        )
    });
    let Some(python) = python else {
        return Err(Failure::Failed("there is no Python 3 to run the generator".to_owned()));
    };
    process::run(Command::new(python).current_dir(&run.root).args([VECTORS_GENERATOR, "--check"]))
}

/// Runs tests, adds their totals up, and fails when one of them failed.
fn counted(run: &mut Run, command: &mut Command) -> Result<(), Failure> {
    let (status, lines) = process::tee(command)?;
    let totals = Totals::read(&lines);
    run.totals += totals;
    if status.success() && totals.failed == 0 {
        return Ok(());
    }
    Err(Failure::Failed(format!("`{}` ended with {status}: {totals}", process::shown(command))))
}
