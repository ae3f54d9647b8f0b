//! The project's own vectors pass on every layer of this crate, and are what their generator writes.

use bmt_conformance::backend::core_layers;
use bmt_conformance::corpus::Corpus;
use bmt_conformance::runner::{self, Effort};
use std::path::{Path, PathBuf};
use std::process::Command;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors")
}

#[test]
fn every_case_passes_on_every_layer() {
    let mut corpus = Corpus::default();
    corpus.add_folder(&vectors()).unwrap();
    let report = runner::run(&corpus, &core_layers(), Effort::default(), &mut |_| ());
    assert!(report.passed, "{report}");
    let folders: Vec<_> = report.folders.iter().map(|folder| folder.folder.as_str()).collect();
    let expected = ["chains", "populations", "proofs", "public"];
    assert_eq!(folders, expected.map(|name| format!("test-vectors/{name}")));
    for folder in &report.folders {
        assert!(folder.layers.iter().all(|tally| tally.roots == folder.roots), "{report}");
    }
    let trie = report.total(1);
    assert!(trie.known_proofs > 100 && trie.present_proofs > 10_000, "{report}");
    assert!(trie.reads == trie.present_proofs + trie.absent_proofs, "every key read is proven");
}

#[test]
fn the_files_are_what_the_generator_writes() {
    let script = vectors().join("generate/generate.py");
    let output = Command::new("python3").arg(script).arg("--check").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}
