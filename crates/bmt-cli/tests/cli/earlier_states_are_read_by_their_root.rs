//! `get --at`, `prove --at` and `scan --at`.

use crate::program::{Bmt, EMPTY_ROOT, json, key, without_database};

/// A key with the values 01, 02, 03 in turn, then none; and the root of each state.
fn four_states() -> (Bmt, Vec<String>) {
    let bmt = Bmt::new();
    let mut roots = Vec::new();
    for value in ["01", "02", "03"] {
        roots.push(bmt.ok("put", &[key(1).as_str(), value, key(2).as_str(), "ff"]));
    }
    roots.push(bmt.ok("del", &[key(1)]));
    (bmt, roots.iter().map(|root| root.trim().to_owned()).collect())
}

#[test]
fn values_and_entries_are_those_of_that_state() {
    let (bmt, roots) = four_states();
    for (value, root) in ["01", "02", "03"].into_iter().zip(&roots) {
        assert_eq!(bmt.ok("get", &[key(1).as_str(), "--at", root]), format!("{value}\n"));
        let entries = format!("{} {value}\n{} ff\n", key(1), key(2));
        assert_eq!(bmt.ok("scan", &["--at", root]), entries);
    }
    assert_eq!(bmt.run("get", &[key(1).as_str(), "--at", &roots[3]]).status, 1);
    assert_eq!(bmt.ok("scan", &["--at", EMPTY_ROOT]), "");
    assert_eq!(bmt.root(), roots[3], "reading changes nothing");
}

#[test]
fn proofs_verify_against_that_root() {
    let (bmt, roots) = four_states();
    for (value, root) in ["01", "02", "03"].into_iter().zip(&roots) {
        let proof = json(&bmt.ok("prove", &[key(1).as_str(), "--json", "--at", root]));
        assert_eq!((&proof["root"], &proof["value"]), (&json_of(root), &json_of(value)));
        let bytes = proof["proof"].as_str().unwrap();
        let verify = |root: &str| {
            let key = key(1);
            let claim = ["verify", "--root", root, "--key", &key, "--value", value, bytes];
            without_database(&claim).status
        };
        assert_eq!((verify(root), verify(&roots[3])), (0, 1));
    }
}

fn json_of(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}

#[test]
fn an_unknown_root_exits_with_1_and_a_wrong_one_with_2() {
    let (bmt, roots) = four_states();
    let get = |root: &str| bmt.run("get", &[key(1).as_str(), "--at", root]).status;
    assert_eq!(get(&"ab".repeat(32)), 1);
    assert_eq!(get("ab"), 2);
    assert_eq!(get(&"zz".repeat(32)), 2);
    bmt.ok("rollback", &["2"]);
    assert_eq!((get(&roots[0]), get(&roots[1])), (0, 0));
    assert_eq!(get(&roots[2]), 1, "it was rolled back");
}
