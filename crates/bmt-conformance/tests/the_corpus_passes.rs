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

/// The database by each of its ways, on a few cases: the conformance command runs them all.
#[cfg(feature = "db")]
#[test]
fn forks_and_public_vectors_pass_on_every_layer_of_the_database() {
    let mut corpus = Corpus::default();
    for folder in ["chains", "public"] {
        corpus.add_folder(&vectors().join(folder)).unwrap();
    }
    corpus.cases.retain(|case| case.folder.ends_with("public") || case.name.contains("forks"));
    assert!(corpus.cases.len() > 2);
    let layers: Vec<_> = bmt_conformance::backend::all_layers().drain(2..).collect();
    let effort = Effort { keys_proven_max: 60, keys_sampled: 20, ..Effort::default() };
    let report = runner::run(&corpus, &layers, effort, &mut |_| ());
    assert!(report.passed, "{report}");
    assert_eq!(report.layers, ["db", "session", "overlay", "read-at"]);
    for folder in &report.folders {
        assert!(folder.layers.iter().all(|tally| tally.roots == folder.roots), "{report}");
    }
}

#[test]
fn the_files_are_what_the_generator_writes() {
    let script = vectors().join("generate/generate.py");
    let output = Command::new("python3").arg(script).arg("--check").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
}
