//! The commands in the documentation are run, as a reader would type them.
//!
//! Each fenced block `sh` of a Markdown file is a part of one script, run by `bash -eu` in the checkout with
//! `bmt` on its path; a line that begins with `$ ` is a command and the lines after it its output. A block
//! `sh long` is only read, since it takes minutes, needs what is not there, or would run this very step.

use super::Run;
use crate::failure::Failure;
use crate::process;
use crate::workspace::{self, cargo_in};
use std::path::Path;
use std::process::Command;

/// The blocks of one file.
#[derive(Debug, PartialEq, Eq, Default)]
struct Blocks {
    /// What is run, block after block.
    script: String,
    run_count: usize,
    long_count: usize,
}

/// Builds the command line program, and runs every file's blocks.
pub(super) fn check(run: &mut Run) -> Result<(), Failure> {
    process::run(&mut cargo_in(&run.root, &["build", "--release", "--package", "bmt-cli"]))?;
    let mut failed = Vec::new();
    let files = workspace::tracked_files(&run.root)?;
    for path in files.iter().filter(|path| path.ends_with(".md")) {
        let text = std::fs::read_to_string(run.root.join(path))
            .map_err(|error| Failure::of(path, error))?;
        let blocks = blocks(&text);
        if blocks.run_count + blocks.long_count > 0 {
            println!("{path}: {} run, {} long", blocks.run_count, blocks.long_count);
        }
        if blocks.run_count > 0 {
            match run_script(&run.root, &blocks.script) {
                Ok(()) => run.totals.passed += blocks.run_count as u64,
                Err(failure) => failed.push(format!("{path}: {failure}")),
            }
        }
    }
    run.totals.failed += failed.len() as u64;
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failure::Failed(failed.join("\n"))),
    }
}

/// Runs a script with a folder of its own for what it makes.
fn run_script(root: &Path, script: &str) -> Result<(), Failure> {
    let scratch = root.join("target").join("documented-commands");
    let fail = |error| Failure::of("documented-commands", error);
    if scratch.exists() {
        std::fs::remove_dir_all(&scratch).map_err(fail)?;
    }
    std::fs::create_dir_all(&scratch).map_err(fail)?;
    let mut paths = vec![root.join("target").join("release")];
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
    let paths = std::env::join_paths(paths).map_err(|error| Failure::of("PATH", error))?;
    let mut command = Command::new("bash");
    command.current_dir(root).env("PATH", paths).env("TMPDIR", &scratch).args(["-eu", "-c"]);
    let ran = process::run(command.arg(script));
    std::fs::remove_dir_all(&scratch).map_err(fail)?;
    ran.map_err(|_| Failure::Failed(format!("this failed:\n{script}")))
}

/// The blocks of a Markdown text.
fn blocks(text: &str) -> Blocks {
    let mut blocks = Blocks::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        match info.trim() {
            "sh" => {
                blocks.run_count += 1;
                commands(&block).for_each(|line| blocks.script.push_str(&format!("{line}\n")));
            }
            "sh long" => blocks.long_count += 1,
            _ => {}
        }
    }
    blocks
}

/// The commands of a block: all lines, or those after `$ ` if there is one.
fn commands<'a>(block: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let has_output = block.iter().any(|line| line.starts_with("$ "));
    block
        .iter()
        .filter_map(move |line| if has_output { line.strip_prefix("$ ") } else { Some(line) })
}

#[cfg(test)]
mod tests;
