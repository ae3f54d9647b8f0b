//! `bmt export`: a whole state, to a file.

use crate::arguments::AtRoot;
use crate::database::Database;
use crate::exit::Failure;
use crate::output::Output;
use crate::progress::Bar;
use crate::value_input::is_stdin as is_standard;
use bmt::{Exported, GrayPaper, ReadSession};
use serde_json::json;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Write a whole state to a file.
///
/// The root and all entries, keys in order, under checksums; `bmt import` makes a database of it, and
/// docs/format/export.md describes the bytes, which are the same for the same state. The file appears
/// under its name when it is complete and on the disk; until then it is FILE.unfinished. Prints the
/// root, the number of keys and that of bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    ROOT stands for 64 digits.

    $ bmt export --db state state.bmtexport
    511727325a0cd23890c21cda3c6f8b1c9fbdf37ed57b9a85ca77286356183dcf 2501 171234
    $ bmt export --db state --at ROOT old.bmtexport     an earlier state
    $ bmt export --db state - | zstd > state.zst        to standard output
    $ bmt export --db state --json state.bmtexport
    {\"bytes\":171234,\"keys\":2501,\"root\":\"5117…\"}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    at: AtRoot,

    /// The file; - is standard output, where then nothing else is printed.
    file: PathBuf,

    /// Replace a file that is there.
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    arguments.at.check()?;
    let file = &arguments.file;
    if !is_standard(file) && file.exists() && !arguments.force {
        let message =
            format!("{}: there is something already; --force replaces it", file.display());
        return Err(Failure::Usage(message));
    }
    if !is_standard(file) {
        check_is_outside(file, &arguments.database.path)?;
    }
    let db = arguments.database.open_for_reading()?;
    let state = arguments.at.read(&db)?;
    let mut bar = Bar::of_keys(output);
    if is_standard(file) {
        state.export(output.writer(), |progress| bar.show_keys(&progress))?;
        return Ok(());
    }
    let exported = to_file(&state, file, &mut bar)?;
    drop(bar);
    let Exported { root, key_count, bytes, .. } = exported;
    output.line(
        format_args!("{} {key_count} {bytes}", hex::encode(root)),
        || json!({ "root": hex::encode(root), "keys": key_count, "bytes": bytes }),
    )
}

/// No export may take the place of a file of the database.
fn check_is_outside(file: &Path, database: &Path) -> Result<(), Failure> {
    let folder = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new("."))).ok();
    match folder.is_some() && folder == fs::canonicalize(database).ok() {
        false => Ok(()),
        true => Err(Failure::Usage(format!("{}: is in the database's directory", file.display()))),
    }
}

/// Writes the file under another name first, so that what has the name is whole.
fn to_file(
    state: &ReadSession<GrayPaper>,
    file: &Path,
    bar: &mut Bar,
) -> Result<Exported, Failure> {
    let name = file.file_name().unwrap_or_default();
    let unfinished = file.with_file_name(OsString::from_iter([name, ".unfinished".as_ref()]));
    let written = write(state, &unfinished, bar);
    let named = written.and_then(|exported| {
        fs::rename(&unfinished, file).map_err(|source| failed(file, source))?;
        sync_parent(file)?;
        Ok(exported)
    });
    if named.is_err() {
        fs::remove_file(&unfinished).ok();
    }
    named
}

fn write(state: &ReadSession<GrayPaper>, path: &Path, bar: &mut Bar) -> Result<Exported, Failure> {
    // What an interrupted export left; and nothing is written through a link of this name.
    fs::remove_file(path).ok();
    let file = File::create_new(path).map_err(|source| failed(path, source))?;
    let exported = state.export(&file, |progress| bar.show_keys(&progress))?;
    file.sync_all().map_err(|source| failed(path, source))?;
    Ok(exported)
}

/// Makes the file's name durable. Windows can't, and needs no such call.
fn sync_parent(file: &Path) -> Result<(), Failure> {
    let parent = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if cfg!(windows) {
        return Ok(());
    }
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(|source| failed(parent, source))
}

fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::Input { path: path.to_owned(), source }
}
