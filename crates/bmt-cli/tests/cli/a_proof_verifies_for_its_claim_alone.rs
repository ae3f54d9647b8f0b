//! `prove` and `verify`.

use crate::program::{Bmt, Run, key, run_with_input, text, without_database};
use std::process::Command;

/// A database of eight keys, key n with the value n.
fn with_keys() -> Bmt {
    let bmt = Bmt::new();
    let items: Vec<_> = (1..=8).flat_map(|byte| [key(byte), format!("{byte:02x}")]).collect();
    bmt.ok("put", &items);
    bmt
}

fn proof(bmt: &Bmt, key: &str) -> String {
    bmt.ok("prove", &[key]).trim().to_owned()
}

fn verify(root: &str, key: &str, claim: &[&str], proof: &str) -> Run {
    without_database(&[&["verify", "--root", root, "--key", key], claim, &[proof]].concat())
}

#[track_caller]
fn verified(run: &Run) {
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "verified\n", ""));
}

#[track_caller]
fn not_verified(run: &Run) {
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:?}");
    assert!(run.stderr.starts_with("bmt: does not verify: "), "{run:?}");
}

#[test]
fn presence_and_absence_verify() {
    let bmt = with_keys();
    let root = bmt.root();
    for byte in 1..=8 {
        let value = format!("{byte:02x}");
        verified(&verify(&root, &key(byte), &["--value", &value], &proof(&bmt, &key(byte))));
    }
    for byte in [0, 9, 0x80, 0xff] {
        verified(&verify(&root, &key(byte), &["--absent"], &proof(&bmt, &key(byte))));
    }
}

#[test]
fn another_claim_does_not() {
    let bmt = with_keys();
    let (root, present, absent) = (bmt.root(), proof(&bmt, &key(3)), proof(&bmt, &key(9)));
    not_verified(&verify(&root, &key(3), &["--value", "04"], &present));
    not_verified(&verify(&root, &key(3), &["--value", ""], &present));
    not_verified(&verify(&root, &key(3), &["--absent"], &present));
    not_verified(&verify(&root, &key(4), &["--value", "03"], &present));
    not_verified(&verify(&"ab".repeat(32), &key(3), &["--value", "03"], &present));
    not_verified(&verify(&root, &key(9), &["--value", "03"], &absent));
    not_verified(&verify(&root, &key(3), &["--absent"], &absent));
    bmt.ok("put", &[key(3).as_str(), "04"]);
    not_verified(&verify(&bmt.root(), &key(3), &["--value", "03"], &present));
}

#[test]
fn a_changed_proof_does_not() {
    let bmt = with_keys();
    let (root, proof) = (bmt.root(), proof(&bmt, &key(3)));
    for at in 0..proof.len() {
        let digit = u8::from_str_radix(&proof[at..=at], 16).unwrap();
        let changed = format!("{}{:x}{}", &proof[..at], digit ^ 1, &proof[at + 1..]);
        not_verified(&verify(&root, &key(3), &["--value", "03"], &changed));
    }
    not_verified(&verify(&root, &key(3), &["--value", "03"], &proof[..proof.len() - 2]));
    not_verified(&verify(&root, &key(3), &["--value", "03"], &(proof + "00")));
    not_verified(&verify(&root, &key(3), &["--value", "03"], ""));
}

#[test]
fn the_value_may_be_a_file_and_the_proof_standard_input() {
    let bmt = with_keys();
    let blob = bmt.file("blob", [7; 100_000]);
    bmt.ok("put", &[key(3).as_str(), "--value-file", text(&blob)]);
    let (root, proof) = (bmt.root(), bmt.ok("prove", &[key(3)]));
    let claim = ["--value-file", text(&blob)];
    verified(&verify(&root, &key(3), &claim, proof.trim()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_bmt"));
    command.args(["verify", "--root", &root, "--key", &key(3)]).args(claim).arg("-");
    verified(&run_with_input(&mut command, proof.as_bytes()));
}

#[test]
fn wrong_usage_exits_with_2() {
    let (root, key) = ("ab".repeat(32), key(1));
    let wrong = |run: Run| assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    wrong(verify(&root, &key, &["--value", "01"], "0x00"));
    wrong(verify(&root, &key, &["--value", "01"], "000"));
    wrong(verify(&root, &key, &["--value", "0"], "00"));
    wrong(verify(&root, &key[2..], &["--value", "01"], "00"));
    wrong(verify(&root[2..], &key, &["--value", "01"], "00"));
    wrong(verify(&root, &key, &[], "00"));
    wrong(verify(&root, &key, &["--absent", "--value", "01"], "00"));
    wrong(verify(&root, &key, &["--value-file", "-"], "-"));
}

#[test]
fn standard_input_that_is_no_text_or_too_long_is_wrong_usage() {
    for input in [vec![0xff; 10], vec![b'0'; (1 << 20) + 2]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bmt"));
        command.args(["verify", "--root", &"ab".repeat(32), "--key", &key(1), "--absent", "-"]);
        let run = run_with_input(&mut command, &input);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}
