//! Running other programs: with their output passed through, captured, or under a time limit.

use crate::failure::Failure;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The cargo that runs this program, so that a child uses the same toolchain.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let name = command.get_program().to_string_lossy();
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let words = command.get_args().map(|word| word.to_string_lossy().into_owned());
    std::iter::once(name).chain(words).collect::<Vec<_>>().join(" ")
}

/// Runs to the end with the output passed through.
///
/// # Errors
/// When the program can't be started or does not succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| Failure::of(shown(command), error))?;
    succeeded(command, status)
}

/// Runs to the end and returns what was written to stdout, as text.
///
/// # Errors
/// When the program can't be started or does not succeed.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::of(shown(command), error))?;
    succeeded(command, output.status)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the program starts and succeeds; its output is thrown away.
pub(crate) fn works(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs to the end, passes both output streams through, and returns the lines of both.
///
/// # Errors
/// When the program can't be started; its exit status is the caller's to judge.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, Vec<String>), Failure> {
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().map_err(|error| Failure::of(shown(command), error))?;
    let stdout = child.stdout.take().map(|stream| pass_through(stream, |line| println!("{line}")));
    let stderr = child.stderr.take().map(|stream| pass_through(stream, |line| eprintln!("{line}")));
    let mut lines = Vec::new();
    for reader in [stdout, stderr].into_iter().flatten() {
        lines.extend(reader.join().unwrap_or_default());
    }
    let status = child.wait().map_err(|error| Failure::of(shown(command), error))?;
    Ok((status, lines))
}

/// Runs for at most `limit`, output passed through; `None` when the limit was reached and the
/// program was ended.
///
/// # Errors
/// When the program can't be started or waited for.
pub(crate) fn run_at_most(
    command: &mut Command,
    limit: Duration,
) -> Result<Option<ExitStatus>, Failure> {
    let began = Instant::now();
    let mut child = command.spawn().map_err(|error| Failure::of(shown(command), error))?;
    loop {
        let status = child.try_wait().map_err(|error| Failure::of(shown(command), error))?;
        if status.is_some() {
            return Ok(status);
        }
        if began.elapsed() >= limit {
            end(&mut child);
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself in between; either way there is nothing left to do.
    if child.kill().is_ok() {
        drop(child.wait());
    }
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        return Ok(());
    }
    Err(Failure::Failed(format!("`{}` ended with {status}", shown(command))))
}

fn pass_through(
    stream: impl Read + Send + 'static,
    show: fn(&str),
) -> thread::JoinHandle<Vec<String>> {
    thread::spawn(move || {
        let mut lines = Vec::new();
        for bytes in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&bytes).trim_end_matches('\r').to_owned();
            show(&line);
            lines.push(line);
        }
        lines
    })
}
