//! A closed standard output: no panic, and no acknowledgement that nobody got.

use crate::chain_file::generate;
use crate::program::{Bmt, key, text};
use std::io::Read;
use std::process::Stdio;

#[test]
fn scan_ends_quietly() {
    let bmt = Bmt::new();
    let blob = bmt.file("blob", vec![0xab; 2_000_000]);
    bmt.ok("put", &[key(1).as_str(), "--value-file", text(&blob)]);
    let mut command = bmt.command::<&str>("scan", &[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut message = String::new();
    child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
    assert_eq!((child.wait().unwrap().code(), message.as_str()), (Some(0), ""));
}

#[test]
fn apply_stops_and_says_which_line_is_durable() {
    let bmt = Bmt::new();
    let chain = generate(5, 1);
    let file = bmt.file("chain.jsonl", &chain.text);
    let mut command = bmt.command("apply", &[&file]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut message = String::new();
    child.stderr.take().unwrap().read_to_string(&mut message).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(5));
    assert!(message.contains("chain.jsonl:2: is durable"), "{message}");
    assert_eq!((bmt.root(), bmt.sequence()), (chain.root(0), 1));
}
