//! Walking a folder and telling the formats apart.

use super::json::Document;
use super::{Case, Corpus, CorpusError, edge, jam_duna, proofs, states, strict_json};
use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders below a named one that are entered at most.
const DEPTH_MAX: usize = 16;
/// Bytes of a JSON file, which is read whole.
const JSON_BYTES_MAX: u64 = 1 << 28;

/// Adds the cases of `named`, a folder or a single file.
pub(super) fn add(corpus: &mut Corpus, named: &Path) -> Result<(), CorpusError> {
    let metadata = fs::metadata(named).map_err(|source| CorpusError::read(named, source))?;
    let absolute = fs::canonicalize(named).map_err(|source| CorpusError::read(named, source))?;
    if metadata.is_file() {
        let label = absolute.parent().map_or_else(String::new, last_name);
        return add_file(corpus, named, &label);
    }
    add_below(corpus, named, &last_name(&absolute), 0)
}

fn last_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn add_below(
    corpus: &mut Corpus,
    folder: &Path,
    label: &str,
    depth: usize,
) -> Result<(), CorpusError> {
    for path in sorted_entries(folder)? {
        let name = last_name(&path);
        if !path.is_dir() {
            add_file(corpus, &path, label)?;
        } else if name == "generate" || name == "generator" {
            corpus.skip(&path, "generator");
        } else if name.starts_with('.') || name == "__pycache__" {
            corpus.skip(&path, "hidden folder");
        } else if depth == DEPTH_MAX {
            corpus.skip(&path, "too many folders deep");
        } else {
            add_below(corpus, &path, &format!("{label}/{name}"), depth + 1)?;
        }
    }
    Ok(())
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let read = |source| CorpusError::read(folder, source);
    let entries = fs::read_dir(folder).map_err(read)?;
    let mut paths: Vec<_> = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()
        .map_err(read)?;
    paths.sort();
    Ok(paths)
}

fn add_file(corpus: &mut Corpus, path: &Path, label: &str) -> Result<(), CorpusError> {
    let name = last_name(path);
    let extension = name.rsplit('.').next().unwrap_or_default();
    match extension {
        "jsonl" => corpus.cases.push(Case::from_chain(label, &name, path.to_owned())?),
        "json" => add_json(corpus, path, label)?,
        "xz" | "gz" | "zst" | "bz2" | "tar" | "zip" => {
            corpus.skip(path, "archive, not unpacked: unpack it and name the folder");
        }
        "md" | "txt" => corpus.skip(path, "text"),
        _ => corpus.skip(path, "not a known format"),
    }
    Ok(())
}

fn add_json(corpus: &mut Corpus, path: &Path, label: &str) -> Result<(), CorpusError> {
    let json = read_json(path)?;
    let has = |field: &str| json.get(field).is_some();
    let is_state_list = json.get(0).is_some_and(|first| first.get("input").is_some());
    let is_proofs = json.get("format").and_then(Json::as_str) == Some(proofs::FORMAT);
    let (is_jam_duna, is_edge) = (has("stated_by_sources"), has("small") && has("large"));
    let document = Document { path, folder: label, json };
    let cases = match () {
        () if is_state_list => states::cases(&document)?,
        () if is_jam_duna => jam_duna::cases(&document)?,
        () if is_edge => edge::cases(&document)?,
        () if is_proofs => proofs::cases(&document)?,
        () => {
            corpus.skip(path, "JSON of no known form");
            return Ok(());
        }
    };
    corpus.cases.extend(cases);
    Ok(())
}

fn read_json(path: &Path) -> Result<Json, CorpusError> {
    let read = |source| CorpusError::read(path, source);
    if fs::metadata(path).map_err(read)?.len() > JSON_BYTES_MAX {
        return Err(CorpusError::TooLarge { path: path.to_owned(), limit_bytes: JSON_BYTES_MAX });
    }
    let bytes = fs::read(path).map_err(read)?;
    strict_json::parse(&bytes).map_err(|error| CorpusError::Json {
        path: path.to_owned(),
        message: format!("cannot be parsed: {error}"),
    })
}
