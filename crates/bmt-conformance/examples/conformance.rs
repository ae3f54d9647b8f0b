//! Runs folders of test vectors against the layers of this crate:
//! `cargo run -p bmt-conformance --example conformance -- --vectors DIR`.
//!
//! Not run by CI: the step `conformance` runs the same vectors.

use bmt_conformance::{backend, command};
use std::path::Path;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let variable = std::env::var_os(command::VECTORS_VARIABLE);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
    let options =
        command::Options::parse(std::env::args_os().skip(1), &corpus, variable.as_deref())?;
    let report = command::run(&options, &backend::core_layers(), &mut std::io::stdout())?;
    Ok(if report.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
