//! Suite `compare`: the side-by-side runs, a program of their own with other databases in it.

use super::Plan;
use super::report::Report;
use crate::failure::Failure;
use crate::process;

const MANIFEST: &str = "benches/compare/Cargo.toml";

/// Runs the program and passes its lines through. Its dependencies are kept out of the workspace.
pub(super) fn run(plan: &Plan, _: &mut Report) -> Result<(), Failure> {
    if !plan.root.join(MANIFEST).is_file() {
        return Err(Failure::Failed(format!("there is no {MANIFEST} in this checkout")));
    }
    let mut command = process::cargo();
    command.current_dir(&plan.root).args(["run", "--release", "--manifest-path", MANIFEST, "--"]);
    if plan.quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}
