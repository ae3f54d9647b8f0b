//! `export` and `import`.

use crate::program::{Bmt, EMPTY_ROOT, Run, json, key, text};
use serde_json::json as value;
use std::fs;

/// A database with three commits, and the root after the first.
fn with_commits() -> (Bmt, String) {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02"]);
    let first = bmt.root();
    bmt.ok("put", &[key(1).as_str(), "11"]);
    bmt.ok("put", &[key(3).as_str(), ""]);
    (bmt, first)
}

/// Imports a file to a database of its own, which must be refused; the status and the message.
#[track_caller]
fn refused(file: &[u8], arguments: &[&str]) -> (i32, String) {
    let other = Bmt::new();
    let path = other.file("state.bmtexport", file);
    let Run { status, stdout, stderr } = other.run("import", &[&[text(&path)], arguments].concat());
    assert_eq!(stdout, "", "{stderr}");
    assert!(!other.database().exists(), "nothing half-imported is left");
    assert!(!other.database().with_extension("unfinished").exists());
    (status, stderr)
}

#[test]
fn the_copy_has_the_root_and_every_entry() {
    let (bmt, _) = with_commits();
    let file = bmt.database().with_file_name("state.bmtexport");
    let printed = bmt.ok("export", &[text(&file)]);
    let bytes = fs::metadata(&file).unwrap().len();
    assert_eq!(printed, format!("{} 3 {bytes}\n", bmt.root()));
    let other = Bmt::new();
    assert_eq!(other.ok("import", &[text(&file)]), format!("{}\n", bmt.root()));
    assert_eq!(other.ok::<&str>("scan", &[]), bmt.ok::<&str>("scan", &[]));
    assert!(other.ok::<&str>("check", &[]).starts_with("sound"));
}

#[test]
fn through_a_pipe_too() {
    let (bmt, _) = with_commits();
    let export = bmt.command("export", &["-"]).output().unwrap();
    assert!(export.status.success());
    let other = Bmt::new();
    let run = other.run_with_input("import", &["-"], &export.stdout);
    assert_eq!((run.status, run.stdout), (0, format!("{}\n", bmt.root())));
}

#[test]
fn an_earlier_state_is_named_by_its_root() {
    let (bmt, first) = with_commits();
    let file = bmt.database().with_file_name("old.bmtexport");
    let export = json(&bmt.ok("export", &["--json", "--at", &first, text(&file)]));
    assert_eq!((&export["root"], &export["keys"]), (&value!(first), &value!(2)));
    let other = Bmt::new();
    let import = json(&other.ok("import", &["--json", "--root", &first, text(&file)]));
    assert_eq!(import, value!({ "root": first, "keys": 2 }));
    assert_eq!(bmt.run("export", &["--at", &"11".repeat(32), "x"]).status, 1);
}

#[test]
fn a_file_that_is_there_is_replaced_on_request_only() {
    let (bmt, _) = with_commits();
    let file = bmt.file("letter.txt", "dear reader");
    let run = bmt.run("export", &[text(&file)]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--force"), "{run:?}");
    assert_eq!(fs::read(&file).unwrap(), b"dear reader");
    bmt.ok("export", &["--force", text(&file)]);
    assert!(fs::read(&file).unwrap().starts_with(b"BMTEXPRT"));
    let missing = bmt.database().join("missing").join("file");
    assert_eq!(bmt.run("export", &[text(&missing)]).status, 5);
}

#[test]
fn a_broken_file_exits_with_3_and_names_the_place() {
    let (bmt, _) = with_commits();
    let file = bmt.command("export", &["-"]).output().unwrap().stdout;
    let mut damaged = file.clone();
    damaged[100] ^= 1;
    let (status, message) = refused(&damaged, &[]);
    assert_eq!(status, 3);
    assert!(message.contains("state.bmtexport: ") && message.contains("byte 72"), "{message}");
    let (status, message) = refused(&file[..file.len() - 1], &[]);
    assert_eq!(status, 3);
    assert!(message.contains(&format!("after {} bytes", file.len() - 1)), "{message}");
}

#[test]
fn what_is_no_export_or_another_state_has_its_own_status() {
    let (bmt, _) = with_commits();
    let file = bmt.command("export", &["-"]).output().unwrap().stdout;
    assert_eq!((refused(&[b'#'; 200], &[]).0, refused(b"hello\n", &[]).0), (2, 2));
    let (status, message) = refused(&file, &["--root", EMPTY_ROOT]);
    assert_eq!(status, 1);
    assert!(message.contains(&bmt.root()), "{message}");
    assert_eq!(refused(&file, &["--root", "12"]).0, 2);
    let missing = bmt.database().join("missing");
    assert_eq!(Bmt::new().run("import", &[text(&missing)]).status, 5);
}

#[test]
fn a_database_that_is_there_is_left_as_it_is() {
    let (bmt, _) = with_commits();
    let file = bmt.file("state.bmtexport", bmt.command("export", &["-"]).output().unwrap().stdout);
    bmt.ok("del", &[key(1)]);
    let root = bmt.root();
    assert_eq!(bmt.run("import", &[text(&file)]).status, 2);
    assert_eq!(bmt.root(), root);
}

#[test]
fn no_file_of_the_database_is_written_over() {
    let (bmt, _) = with_commits();
    let root = bmt.root();
    for name in ["MANIFEST", "beatree.pages", "new"] {
        let path = bmt.database().join(name);
        let Run { status, stderr, .. } = bmt.run("export", &["--force", text(&path)]);
        assert_eq!((status, stderr.contains("database's directory")), (2, true), "{stderr}");
    }
    assert_eq!(bmt.root(), root);
    assert!(bmt.ok::<&str>("check", &[]).starts_with("sound"));
}

#[test]
fn standard_output_is_no_file_of_the_database() {
    let (bmt, _) = with_commits();
    let mut command = bmt.command("export", &["-"]);
    let output = command.current_dir(bmt.database()).output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty(), "{output:?}");
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_with_the_unfinished_name() {
    let (bmt, _) = with_commits();
    let (root, target) = (bmt.root(), bmt.file("whole.bmtexport", ""));
    let link = target.with_file_name("whole.bmtexport.unfinished");
    std::os::unix::fs::symlink(bmt.database().join("MANIFEST"), link).unwrap();
    bmt.ok("export", &["--force", text(&target)]);
    assert!(!fs::read(&target).unwrap().is_empty());
    assert_eq!(bmt.root(), root);
}
