//! The program is a layer of the conformance suite as far as chain files go: it applies each one of
//! `test-vectors/`, and of the folders in `BMT_VECTORS`, and prints every line's stated root.

use crate::program::{Bmt, json, text};
use std::path::{Path, PathBuf};

/// The chain files in a folder and below it.
fn chain_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            chain_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(path);
        }
    }
}

fn corpus() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
    let more = std::env::var_os("BMT_VECTORS").unwrap_or_default();
    let more = std::env::split_paths(&more).filter(|path| !path.as_os_str().is_empty());
    let mut files = Vec::new();
    for folder in std::iter::once(own).chain(more) {
        let before = files.len();
        chain_files(&folder, &mut files);
        assert!(files.len() > before, "{}: no chain file", folder.display());
    }
    files
}

#[test]
fn every_line_has_its_stated_root() {
    let files = corpus();
    assert!(files.len() >= 9, "{files:?}");
    for file in files {
        let bmt = Bmt::new();
        let content = std::fs::read_to_string(&file).unwrap();
        let roots: Vec<String> = (content.lines().skip(1))
            .map(|line| json(line)["root"].as_str().unwrap().to_owned())
            .collect();
        let expected: String = (roots.iter().zip(2..))
            .map(|(root, line_number)| format!("{line_number} {root}\n"))
            .collect();
        assert_eq!(bmt.ok("apply", &[text(&file)]), expected, "{}", file.display());
        assert_eq!(bmt.root(), *roots.last().unwrap(), "{}: reopened", file.display());
        assert_eq!(bmt.sequence(), roots.len() as u64, "{}: a commit a line", file.display());
    }
}
