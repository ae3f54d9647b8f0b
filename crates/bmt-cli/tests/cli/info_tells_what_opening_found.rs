//! `info`.

use crate::program::{Bmt, json, key};
use bmt::{Db, StateKey};

#[test]
fn it_names_path_scheme_root_and_figures() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02"]);
    // A handle that is dropped leaves its commits to the next opening, which applies them.
    let db = Db::open(bmt.database()).unwrap();
    db.insert(StateKey::component(3), b"\x03").unwrap();
    db.commit().unwrap();
    drop(db);
    let info = bmt.ok::<&str>("info", &[]);
    for expected in [
        format!("path      {}\n", bmt.database().display()),
        "scheme    gray-paper (1)\n".to_owned(),
        "sequence  2\n".to_owned(),
        format!("root      {}\n", bmt.root()),
        "keys      3\n".to_owned(),
        "pending   0 changes\n".to_owned(),
        "undoable  2 commits".to_owned(),
        "recovery  1 steps with 1 changes replayed, torn tail of 0 bytes".to_owned(),
        "backend   ".to_owned(),
    ] {
        assert!(info.contains(&expected), "{expected:?} in {info}");
    }
}

#[test]
fn it_has_the_same_as_json() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01", key(2).as_str(), "02"]);
    let info = json(&bmt.ok("info", &["--json"]));
    assert_eq!(info["root"], bmt.root());
    assert_eq!(info["keys"], 2);
    assert_eq!(info["sequence"], 1);
    assert_eq!(info["pending_changes"], 0);
    assert_eq!(info["undoable_commits"], 1);
    assert_eq!(info["scheme"]["name"], "gray-paper");
    assert_eq!(info["log"]["next_sequence"], 2);
    assert!(info["log"]["file_bytes"].as_u64().unwrap() > 0);
    assert_eq!(info["recovery"]["replayed_changes"], 0, "closing wrote everything to pages");
    assert_eq!(info["recovery"]["torn_tail_bytes"], 0);
    assert!(!info["backend"]["reason"].as_str().unwrap().is_empty());
}

#[test]
fn it_reports_a_damaged_manifest_slot_until_a_command_that_writes_replaces_it() {
    let bmt = Bmt::new();
    bmt.ok("put", &[key(1).as_str(), "01"]);
    let manifest = bmt.database().join("MANIFEST");
    let mut bytes = std::fs::read(&manifest).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&manifest, bytes).unwrap();
    let info = bmt.ok::<&str>("info", &[]);
    assert!(info.contains("one of the manifest's two slots is damaged"), "{info}");
    let info = json(&bmt.ok("info", &["--json"]));
    assert!(info["recovery"]["damaged_manifest_slot"].is_string(), "{info}");
    bmt.ok("put", &[key(1).as_str(), "02"]);
    let info = json(&bmt.ok("info", &["--json"]));
    assert!(info["recovery"]["damaged_manifest_slot"].is_null(), "{info}");
}
