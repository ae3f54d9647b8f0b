//! Suite `beatree`: the ordered store alone, and next to redb and LMDB. A program of its own, with those
//! in it; its lines are passed through.

use super::Plan;
use super::report::Report;
use crate::failure::Failure;
use crate::process;

const FOLDER: &str = "benches/ordered";

/// Builds and runs the program. It is kept out of the workspace, so that the peers are built for this
/// alone.
pub(super) fn run(plan: &Plan, _: &mut Report) -> Result<(), Failure> {
    let folder = plan.root.join(FOLDER);
    if !folder.join("Cargo.toml").is_file() {
        return Err(Failure::Failed(format!("there is no {FOLDER} in this checkout")));
    }
    let mut command = process::cargo();
    // In its folder, for the sake of its own configuration.
    command.current_dir(folder).args(["run", "--release", "--quiet", "--"]);
    if plan.quick {
        command.arg("--quick");
    }
    process::run(&mut command)
}
