//! `--check`: instruction counts of the hot paths under callgrind, and I/O counts, against stored
//! baselines. Counts do not depend on how busy the machine is.

use crate::engine::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The names that the program `hotpath` knows.
pub const HOT_PATHS: [&str; 5] =
    ["trie_insert_root", "trie_update_root", "proof_prove", "proof_verify", "db_commit_1000"];
/// Commits over which I/O is averaged.
pub const IO_COMMITS: u64 = 20;

/// A count may grow by this share before it is a regression.
const TOLERANCE: f64 = 0.02;
/// The exit code of a run that checked nothing.
const NOT_CHECKED: u8 = 3;

/// Counts to compare with, and the compiler that they belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Baselines {
    /// `rustc --version`.
    pub rustc: String,
    /// Instructions of each hot path.
    pub instructions: BTreeMap<String, u64>,
    /// I/O counts by name.
    pub io: BTreeMap<String, u64>,
}

/// What a count is, compared with its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Within the tolerance.
    Same,
    /// Fewer: a new baseline is due.
    Better,
    /// More: a regression.
    Worse,
}

/// Compares a count with its baseline.
#[must_use]
pub fn judge(baseline: u64, now: u64) -> Verdict {
    let ratio = now as f64 / baseline.max(1) as f64;
    match ratio {
        ratio if ratio > 1.0 + TOLERANCE => Verdict::Worse,
        ratio if ratio < 1.0 - TOLERANCE => Verdict::Better,
        _ => Verdict::Same,
    }
}

/// Counts everything and compares, or stores the counts with `bless`. Without valgrind, or without
/// a baseline of this compiler, it says "not checked" and does not succeed.
///
/// # Errors
/// When the program `hotpath` is missing or fails.
pub fn check(bless: bool) -> Outcome<ExitCode> {
    let baselines = Path::new(env!("CARGO_MANIFEST_DIR")).join("../baselines.json");
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not checked: there is no valgrind on this machine");
        return Ok(ExitCode::from(NOT_CHECKED));
    }
    let now = Baselines { rustc: rustc()?, instructions: instructions()?, io: io()? };
    for (name, count) in &now.instructions {
        println!("figure instructions_{name} {count} instructions");
    }
    for (name, count) in &now.io {
        println!("figure {name} {count} per_commit");
    }
    if bless {
        fs::write(&baselines, format!("{}\n", serde_json::to_string_pretty(&now)?))?;
        println!("stored as the new baselines");
        return Ok(ExitCode::SUCCESS);
    }
    let Ok(text) = fs::read(&baselines) else {
        println!("not checked: no baselines are stored; --bless stores these counts");
        return Ok(ExitCode::from(NOT_CHECKED));
    };
    let stored: Baselines = serde_json::from_slice(&text)?;
    Ok(ExitCode::from(compare(&stored, &now)))
}

/// Prints what differs and returns the exit code.
#[must_use]
pub fn compare(stored: &Baselines, now: &Baselines) -> u8 {
    if stored.rustc != now.rustc {
        println!("not checked: the baselines belong to {}, this is {}", stored.rustc, now.rustc);
        return NOT_CHECKED;
    }
    let pairs = [(&stored.instructions, &now.instructions), (&stored.io, &now.io)];
    let mut code = 0;
    for (stored, now) in pairs {
        for (name, &baseline) in stored {
            let Some(&count) = now.get(name) else {
                println!("not checked: {name} was not counted");
                code = code.max(NOT_CHECKED);
                continue;
            };
            match judge(baseline, count) {
                Verdict::Same => {}
                Verdict::Better => println!("better: {name} {baseline} -> {count}; store it"),
                Verdict::Worse => {
                    println!("regression: {name} {baseline} -> {count}");
                    code = 1;
                }
            }
        }
        for name in now.keys().filter(|name| !stored.contains_key(*name)) {
            println!("not checked: {name} has no baseline");
            code = if code == 1 { 1 } else { NOT_CHECKED };
        }
    }
    if code == 0 {
        println!("checked: all counts within {} %", TOLERANCE * 100.0);
    }
    code
}

fn rustc() -> Outcome<String> {
    let output = Command::new("rustc").arg("--version").output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The program beside this one.
fn hotpath() -> Outcome<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("hotpath");
    match path.exists() {
        true => Ok(path),
        false => Err("there is no program `hotpath` beside this one; build all bins".into()),
    }
}

fn instructions() -> Outcome<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for name in HOT_PATHS {
        let dir = tempfile::tempdir()?;
        let (out, database) = (dir.path().join("callgrind.out"), dir.path().join("database"));
        fs::create_dir(&database)?;
        let mut command = Command::new("valgrind");
        command
            .args(["--tool=callgrind", "--toggle-collect=*hot_measured*"])
            .arg(format!("--callgrind-out-file={}", out.display()))
            .arg(hotpath()?)
            .arg(name);
        if name.starts_with("db_") {
            command.arg(&database);
        }
        let output = command.output()?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("{name} under valgrind: {words}").into());
        }
        let count = collected(&fs::read_to_string(&out)?);
        counts.insert(name.to_owned(), count.ok_or("callgrind collected nothing")?);
    }
    Ok(counts)
}

/// The number in the line `summary:` or `totals:` of callgrind's output.
#[must_use]
pub fn collected(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("totals:").or_else(|| line.strip_prefix("summary:")))?;
    line.split_whitespace().next()?.parse().ok().filter(|&count| count > 0)
}

fn io() -> Outcome<BTreeMap<String, u64>> {
    let dir = tempfile::tempdir()?;
    let output = Command::new(hotpath()?).arg("io").arg(dir.path()).output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("hotpath io: {words}").into());
    }
    let text = String::from_utf8(output.stdout)?;
    let counts = text.lines().filter_map(|line| {
        let (name, count) = line.split_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    Ok(counts.collect())
}

#[cfg(test)]
mod tests;
