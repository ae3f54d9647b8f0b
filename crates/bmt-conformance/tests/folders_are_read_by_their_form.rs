//! A folder's files are told apart, skipped ones are named, and a folder without cases is an error.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_conformance::backend::core_layers;
use bmt_conformance::command::{self, CommandError, Options};
use bmt_conformance::corpus::{Corpus, CorpusError};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn chain(root: &str) -> String {
    format!(
        "{{\"source\":\"t\",\"gp\":\"0.7.2\"}}\n{{\"at\":\"a\",\"root\":\"{root}\",\"set\":{{}}}}\n"
    )
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Result<Corpus, CorpusError> {
    let mut corpus = Corpus::default();
    corpus.add_folder(folder)?;
    Ok(corpus)
}

#[test]
fn a_folder_without_a_case_is_an_error() {
    let named = folder(&[("README.md", "text"), ("deep/er/notes.txt", "text"), ("x.json", "{}")]);
    let error = load(named.path()).unwrap_err();
    assert!(matches!(error, CorpusError::NoCase { .. }), "{error}");
    let error = load(&named.path().join("missing")).unwrap_err();
    assert!(matches!(error, CorpusError::Read { .. }), "{error}");
}

#[test]
fn a_second_folder_is_not_excused_by_the_cases_of_the_first() {
    let (good, bad) = (folder(&[("a.jsonl", &chain(ROOT))]), folder(&[("README.md", "")]));
    let mut corpus = load(good.path()).unwrap();
    assert!(matches!(corpus.add_folder(bad.path()), Err(CorpusError::NoCase { .. })));
}

#[test]
fn what_is_not_run_is_reported_with_a_reason() {
    let named = folder(&[
        ("a/one.jsonl", &chain(ROOT)),
        ("a/README.md", ""),
        ("generate/make.jsonl", "not read"),
        ("b/more.tar.xz", ""),
        ("b/other.json", r#"{"some":"thing"}"#),
        ("b/data.bin", ""),
    ]);
    let corpus = load(named.path()).unwrap();
    assert_eq!(corpus.cases.len(), 1);
    assert!(corpus.cases[0].folder.ends_with("/a") && corpus.cases[0].name == "one.jsonl");
    let skipped: Vec<_> = (corpus.skipped.iter())
        .map(|skipped| {
            let name = skipped.path.file_name().unwrap().to_str().unwrap();
            (name, skipped.reason.split(',').next().unwrap())
        })
        .collect();
    let expected = [
        ("README.md", "text"),
        ("data.bin", "not a known format"),
        ("more.tar.xz", "archive"),
        ("other.json", "JSON of no known form"),
        ("generate", "generator"),
    ];
    assert_eq!(skipped, expected);
}

#[test]
fn a_damaged_file_of_a_known_form_is_an_error_and_not_skipped() {
    let key = "a5".repeat(31);
    let twice = format!(r#"[{{"input":{{"{key}":"","{key}":""}},"output":"{ROOT}"}}]"#);
    for (name, text) in [
        ("a.jsonl", "{}"),
        ("a.json", "["),
        ("list.json", r#"[{"input":{},"output":"00"}]"#),
        ("list.json", r#"[{"input":{}}]"#),
        ("go.json", r#"{"stated_by_sources":{}}"#),
        (
            "edge.json",
            r#"{"small":[],"large":[{"population":1,"operations":1,"roots":[],"keys":[1]}]}"#,
        ),
        ("proofs.json", r#"{"format":"bmt proofs 1","cases":[{"root":"","state":{}}],"jip6":[]}"#),
        ("list.json", &twice),
    ] {
        let named = folder(&[(name, text), ("good.jsonl", &chain(ROOT))]);
        let error = load(named.path()).unwrap_err();
        assert!(error.to_string().contains(name), "{name}: {error}");
    }
}

#[test]
fn a_fault_deep_in_a_chain_fails_the_run_and_names_the_line() {
    let text = chain(ROOT) + "{\"at\":\"b\",\"parent\":\"11\",\"root\":\"00\"}\n";
    let named = folder(&[("a.jsonl", &text)]);
    let options = Options { folders: vec![named.path().to_owned()], json: false };
    let mut output = Vec::new();
    let report = command::run(&options, &core_layers(), &mut output).unwrap();
    assert!(!report.passed);
    assert!(String::from_utf8(output).unwrap().contains("a.jsonl:3: "));
}

#[test]
fn the_json_report_can_be_read_back() {
    let named = folder(&[("a.jsonl", &chain(ROOT))]);
    let options = Options { folders: vec![named.path().to_owned()], json: true };
    let mut output = Vec::new();
    assert!(command::run(&options, &core_layers(), &mut output).unwrap().passed);
    let json: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(json["passed"], true);
    assert_eq!(json["layers"], serde_json::json!(["reference", "trie"]));
    assert_eq!(json["folders"][0]["roots"], 1);
    assert!(json["folders"][0]["layers"][1]["commit_time_ms"].is_u64());
}

#[test]
fn a_single_file_may_be_named() {
    let named = folder(&[("a.jsonl", &chain(ROOT)), ("b.jsonl", &chain(ROOT))]);
    assert_eq!(load(&named.path().join("b.jsonl")).unwrap().cases.len(), 1);
}

#[test]
fn the_arguments_choose_the_folders() {
    let own = Path::new("own");
    let parse = |arguments: &[&str], variable: Option<&str>| {
        Options::parse(
            arguments.iter().map(|text| (*text).to_owned()),
            own,
            variable.map(OsStr::new),
        )
    };
    let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
    let by_default = parse(&[], None).unwrap();
    assert_eq!((by_default.folders, by_default.json), (paths(&["own"]), false));
    let listed = std::env::join_paths(["a", "b"]).unwrap();
    let listed = parse(&["--json"], listed.to_str()).unwrap();
    assert_eq!((listed.folders, listed.json), (paths(&["own", "a", "b"]), true));
    assert_eq!(parse(&[], Some("")).unwrap().folders, paths(&["own"]));
    let named = parse(&["--vectors", "x", "--vectors", "y"], Some("a")).unwrap();
    assert_eq!(named.folders, paths(&["x", "y"]));
    for wrong in [&["--vectors"][..], &["--verbose"], &["x"]] {
        assert!(matches!(parse(wrong, None), Err(CommandError::Usage { .. })), "{wrong:?}");
    }
}
