//! Every example is run, and prints what its first comment says.
//!
//! A line `//! Prints:` and a fenced block after it are the expected output; `…` stands for whatever changes from
//! run to run. An example with a line `//! Not run by CI: why` is only built.

use super::Run;
use crate::failure::Failure;
use crate::process;
use crate::workspace::cargo_in;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What an example says of itself.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    /// These lines on standard output.
    Lines(Vec<String>),
    /// Anything, as long as it succeeds.
    Anything,
    /// It is not run.
    NotRun(String),
}

/// Builds all examples, runs them one by one, and compares.
pub(super) fn check(run: &mut Run) -> Result<(), Failure> {
    let examples = examples(&run.root)?;
    process::run(&mut cargo_in(&run.root, &["build", "--workspace", "--examples"]))?;
    let (mut failed, mut run_count) = (Vec::new(), 0_u64);
    for (package, name) in &examples {
        let path =
            run.root.join("crates").join(package).join("examples").join(format!("{name}.rs"));
        let source = std::fs::read_to_string(&path)
            .map_err(|error| Failure::of(path.display().to_string(), error))?;
        let expected = expected(&source);
        if let Expected::NotRun(why) = &expected {
            println!("{package}/{name}: not run: {why}");
            continue;
        }
        run_count += 1;
        // Run by itself: `cargo run` would build it again, with the features of its package alone.
        let program = built(&run.root).join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        match process::capture(Command::new(program).current_dir(&run.root)) {
            Ok(output) => match difference(&expected, &output) {
                None => println!("{package}/{name}: ok"),
                Some(text) => failed.push(format!("{package}/{name}: {text}")),
            },
            Err(failure) => failed.push(format!("{package}/{name}: {failure}")),
        }
    }
    let failed_count = failed.len() as u64;
    run.totals.passed += run_count - failed_count;
    run.totals.failed += failed_count;
    match failed.is_empty() {
        true => Ok(()),
        false => Err(Failure::Failed(failed.join("\n"))),
    }
}

/// Where cargo puts the examples that it builds.
fn built(root: &Path) -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    target.join("debug").join("examples")
}

/// Packages and names of the examples that stand in `crates/*/examples/*.rs`, sorted.
fn examples(root: &Path) -> Result<Vec<(String, String)>, Failure> {
    let files = crate::workspace::tracked_files(root)?;
    let mut examples: Vec<_> = files.iter().filter_map(|path| example(path)).collect();
    examples.sort();
    Ok(examples)
}

fn example(path: &str) -> Option<(String, String)> {
    match path.split('/').collect::<Vec<_>>()[..] {
        ["crates", package, "examples", file] => {
            Some((package.to_owned(), file.strip_suffix(".rs")?.to_owned()))
        }
        _ => None,
    }
}

fn expected(source: &str) -> Expected {
    let comment = source.lines().map_while(|line| line.strip_prefix("//!"));
    let comment: Vec<&str> = comment.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    if let Some(why) = comment.iter().find_map(|line| line.strip_prefix("Not run by CI: ")) {
        return Expected::NotRun(why.to_owned());
    }
    let Some(at) = comment.iter().position(|line| *line == "Prints:") else {
        return Expected::Anything;
    };
    let fenced = comment[at + 1..].iter().skip_while(|line| !line.starts_with("```")).skip(1);
    Expected::Lines(
        fenced.take_while(|line| **line != "```").map(|line| (*line).to_owned()).collect(),
    )
}

/// What is wrong with an output.
fn difference(expected: &Expected, output: &str) -> Option<String> {
    let Expected::Lines(expected) = expected else { return None };
    let found: Vec<&str> = output.lines().collect();
    if expected.len() != found.len() {
        return Some(format!("{} lines instead of {}:\n{output}", found.len(), expected.len()));
    }
    let mut pairs = expected.iter().zip(found);
    let (wanted, line) = pairs.find(|(wanted, line)| !is_like(wanted, line))?;
    Some(format!("printed `{line}` instead of `{wanted}`"))
}

/// Whether a line has the parts of a pattern between its `…`, in order and from end to end.
fn is_like(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests;
