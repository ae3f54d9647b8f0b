//! bmt-core and everything it depends on build without the standard library.
//!
//! `cargo check --no-default-features` alone would not tell: a dependency could still bring std.
//! So a probe crate brings a panic handler of its own, which std, if anything linked it, would
//! clash with.

use super::Run;
use crate::failure::Failure;
use crate::process;
use crate::workspace::cargo_in;
use std::fs;
use std::path::Path;

const PROBE: &str = "//! Builds only if nothing below brings std.
#![no_std]
pub use bmt_core;
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
";

/// Checks bmt-core without its default features, alone and under the probe.
pub(super) fn check(run: &mut Run) -> Result<(), Failure> {
    let words = ["check", "--package", "bmt-core", "--no-default-features"];
    process::run(&mut cargo_in(&run.root, &words))?;
    let folder = run.root.join("target").join("no-std-probe");
    write_probe(&run.root, &folder).map_err(|error| Failure::of("no-std probe", error))?;
    process::run(cargo_in(&folder, &["check"]).arg("--target-dir").arg(run.root.join("target")))
}

/// A package outside the workspace, with the workspace's own versions of every dependency.
fn write_probe(root: &Path, folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("Cargo.toml"), manifest(root))?;
    fs::write(folder.join("lib.rs"), PROBE)?;
    fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock")).map(drop)
}

fn manifest(root: &Path) -> String {
    let core = root.join("crates").join("bmt-core");
    format!(
        "[package]\nname = \"no-std-probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [lib]\npath = \"lib.rs\"\n\
         [dependencies]\nbmt-core = {{ path = '{}', default-features = false }}\n\
         [workspace]\n",
        core.display()
    )
}
