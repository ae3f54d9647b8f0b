//! The portable crates are checked for systems other than this one.

use super::Run;
use crate::failure::Failure;
use crate::process;
use crate::workspace::{self, cargo_in};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const TARGETS: &[&str] = &["x86_64-pc-windows-gnu", "x86_64-apple-darwin"];

/// A target that can't be had within this time is reported as not checked.
const INSTALL_TIME_MAX: Duration = Duration::from_secs(120);

/// Checks every published crate for each target.
pub(super) fn check(run: &mut Run) -> Result<(), Failure> {
    let packages = workspace::packages(&run.root)?;
    for &target in TARGETS {
        if let Err(reason) = provide(&run.root, target) {
            run.not_checked(format!("target {target}: {reason}"));
            continue;
        }
        println!("checking for {target}");
        let mut command = cargo_in(&run.root, &["check", "--target", target]);
        for package in packages.iter().filter(|package| package.publishable) {
            command.args(["--package", &package.name]);
        }
        process::run(&mut command)?;
    }
    Ok(())
}

/// Makes sure that the target's standard library is there.
pub(super) fn provide(root: &Path, target: &str) -> Result<(), String> {
    if is_installed(root, target) {
        return Ok(());
    }
    println!("installing the standard library for {target}");
    let mut command = Command::new("rustup");
    command.current_dir(root).args(["target", "add", target]);
    match process::run_at_most(&mut command, INSTALL_TIME_MAX) {
        Err(failure) => Err(failure.to_string()),
        Ok(None) => Err(format!("rustup took over {} s", INSTALL_TIME_MAX.as_secs())),
        Ok(Some(status)) if !status.success() => Err(format!("rustup ended with {status}")),
        Ok(Some(_)) if !is_installed(root, target) => Err("rustup did not bring it".to_owned()),
        Ok(Some(_)) => Ok(()),
    }
}

fn is_installed(root: &Path, target: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.current_dir(root).args(["--print", "target-libdir", "--target", target]);
    process::capture(&mut command).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}
