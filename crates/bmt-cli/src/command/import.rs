//! `bmt import`: a database of an exported state.

use crate::database::Database;
use crate::exit::Failure;
use crate::hex_input;
use crate::output::Output;
use crate::progress::Bar;
use crate::value_input::is_stdin;
use bmt::{GrayPaper, Hash, Import, Options};
use serde_json::json;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Memory for caches while a database is built, which need not be large.
const MEMORY_BYTES: u64 = 32 << 20;

/// Make a database of an exported state.
///
/// The directory must be missing or empty. Every checksum is compared, the root is computed from the
/// entries and compared with the file's, and with --root if that is given. A file that is broken is
/// refused with the place in it. Prints the root.
///
/// The database is built in DIR.unfinished, and gets its name when it is whole and on the disk. When
/// the command fails nothing is left; when it is killed, DIR.unfinished is left, and the same command
/// given again takes it away and begins anew.
#[derive(Debug, clap::Args)]
#[command(after_help = "EXAMPLES
    ROOT stands for 64 digits.

    $ bmt import --db state state.bmtexport
    511727325a0cd23890c21cda3c6f8b1c9fbdf37ed57b9a85ca77286356183dcf
    $ bmt import --db state --root ROOT state.bmtexport     only this state
    $ zstd -dc state.zst | bmt import --db state -          from standard input
    $ bmt import --db state --json state.bmtexport
    {\"keys\":2501,\"root\":\"5117…\"}
")]
pub(crate) struct Arguments {
    #[command(flatten)]
    database: Database,

    /// The file that `bmt export` wrote; - is standard input.
    file: PathBuf,

    /// Refuse a file of another state than the one with this root, in hexadecimal.
    #[arg(long, value_name = "ROOT")]
    root: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, output: &mut Output) -> Result<(), Failure> {
    let expected = arguments.root.as_deref().map(hex_input::root).transpose()?;
    let file = &arguments.file;
    let name = match is_stdin(file) {
        true => "standard input".to_owned(),
        false => file.display().to_string(),
    };
    let reader: Box<dyn Read> = match is_stdin(file) {
        true => Box::new(io::stdin().lock()),
        false => Box::new(File::open(file).map_err(|source| failed(file, source))?),
    };
    let of_file = |source| Failure::Import { file: name.clone(), source };
    let import = Import::<GrayPaper, _>::begin(reader).map_err(of_file)?;
    check_root(&name, import.root(), expected)?;
    let (mut bar, keys) = (Bar::of_keys(output), import.key_count());
    let options = Options::new().memory_bytes(MEMORY_BYTES);
    let path = &arguments.database.path;
    let built = import.build(path, &options, |progress| bar.show_keys(&progress));
    drop(bar);
    let root = hex::encode(built.map_err(of_file)?.root);
    output.line(&root, || json!({ "root": root, "keys": keys }))
}

fn check_root(file: &str, found: Hash, expected: Option<Hash>) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected != found => Err(Failure::Mismatch(format!(
            "{file}: an export of the state with root {}",
            hex::encode(found)
        ))),
        _ => Ok(()),
    }
}

fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::Input { path: path.to_owned(), source }
}
