//! Running `bmt` on a database of the test's own.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub(crate) const EMPTY_ROOT: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// A folder with a database in it, which the first command that may do so makes.
pub(crate) struct Bmt {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bmt {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// Writes a file beside the database.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A command on the database, to be run.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, command: &str, arguments: &[S]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_bmt"));
        program.arg(command).arg("--db").arg(self.database()).args(arguments);
        program
    }

    /// Runs a command on the database.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, command: &str, arguments: &[S]) -> Run {
        run(self.command(command, arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs a command on the database with some standard input.
    pub(crate) fn run_with_input<S: AsRef<OsStr>>(
        &self,
        command: &str,
        arguments: &[S],
        input: &[u8],
    ) -> Run {
        run_with_input(&mut self.command(command, arguments), input)
    }

    /// Runs a command that must succeed, and returns what it prints.
    #[track_caller]
    pub(crate) fn ok<S: AsRef<OsStr>>(&self, command: &str, arguments: &[S]) -> String {
        let run = self.run(command, arguments);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
        run.stdout
    }

    /// The root that `bmt root` prints.
    #[track_caller]
    pub(crate) fn root(&self) -> String {
        let line = self.ok::<&str>("root", &[]);
        let root = line.strip_suffix('\n').unwrap();
        let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        assert!(root.len() == 64 && root.chars().all(is_digit), "{root:?}");
        root.to_owned()
    }

    /// The sequence of the newest commit.
    #[track_caller]
    pub(crate) fn sequence(&self) -> u64 {
        json(&self.ok("root", &["--json"]))["sequence"].as_u64().unwrap()
    }
}

/// Runs the program without a database.
pub(crate) fn without_database(arguments: &[&str]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bmt"));
    run(program.args(arguments).stdin(Stdio::null()).output().unwrap())
}

/// Runs a command with some standard input, all of which it may leave unread.
pub(crate) fn run_with_input(command: &mut Command, input: &[u8]) -> Run {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let written = std::thread::scope(|scope| {
        let writer = scope.spawn(move || stdin.write_all(input).is_ok());
        let output = child.wait_with_output().unwrap();
        (writer.join().unwrap(), output)
    });
    run(written.1)
}

fn run(output: Output) -> Run {
    Run {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// One line of JSON.
#[track_caller]
pub(crate) fn json(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap()
}

/// A key: this byte, 31 times.
pub(crate) fn key(byte: u8) -> String {
    format!("{byte:02x}").repeat(31)
}

pub(crate) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
