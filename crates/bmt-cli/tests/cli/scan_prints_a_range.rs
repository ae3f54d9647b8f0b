//! `scan`.

use crate::program::{Bmt, key};

/// Keys that begin with 10, 11, 12, 20, 21, 22, ff; the value of each is its first byte.
fn with_keys() -> Bmt {
    let bmt = Bmt::new();
    let keys: Vec<_> =
        ["10", "11", "12", "20", "21", "22", "ff"].map(|byte| byte.repeat(31)).into();
    let items: Vec<_> = keys.iter().flat_map(|key| [key.as_str(), &key[..2]]).collect();
    bmt.ok("put", &items);
    bmt
}

/// The values printed, in order.
#[track_caller]
fn scanned(bmt: &Bmt, arguments: &[&str]) -> String {
    let printed = bmt.ok("scan", arguments);
    let value = |line: &str| {
        let (key, value) = line.split_once(' ').unwrap();
        assert!(key.len() == 62 && key.starts_with(value), "{line}");
        value.to_owned()
    };
    printed.lines().map(value).collect::<Vec<_>>().join(" ")
}

#[test]
fn everything_in_key_order_or_the_other_way_round() {
    let bmt = with_keys();
    assert_eq!(scanned(&bmt, &[]), "10 11 12 20 21 22 ff");
    assert_eq!(scanned(&bmt, &["--reverse"]), "ff 22 21 20 12 11 10");
}

#[test]
fn from_is_included_and_to_is_not() {
    let bmt = with_keys();
    let [from, to] = [key(0x11), key(0x21)];
    assert_eq!(scanned(&bmt, &["--from", &from, "--to", &to]), "11 12 20");
    assert_eq!(scanned(&bmt, &["--from", &from, "--to", &to, "--reverse"]), "20 12 11");
    assert_eq!(scanned(&bmt, &["--from", &to]), "21 22 ff");
    assert_eq!(scanned(&bmt, &["--to", &from]), "10");
    assert_eq!(scanned(&bmt, &["--from", &key(0xff)]), "ff");
}

#[test]
fn a_range_without_keys_is_empty_and_no_error() {
    let bmt = with_keys();
    assert_eq!(scanned(&bmt, &["--from", &key(0x21), "--to", &key(0x21)]), "");
    assert_eq!(scanned(&bmt, &["--from", &key(0x21), "--to", &key(0x11)]), "");
    assert_eq!(scanned(&bmt, &["--prefix", "1f"]), "");
    assert_eq!(scanned(&bmt, &["--prefix", "10", "--from", &key(0x11)]), "");
    assert_eq!(scanned(&bmt, &["--prefix", "20", "--to", &key(0x11)]), "");
    assert_eq!(scanned(&bmt, &["--limit", "0"]), "");
}

#[test]
fn a_prefix_is_of_whole_bytes_and_meets_the_other_limits() {
    let bmt = with_keys();
    assert_eq!(scanned(&bmt, &["--prefix", "1111"]), "11");
    assert_eq!(scanned(&bmt, &["--prefix", "ff"]), "ff");
    assert_eq!(scanned(&bmt, &["--prefix", ""]), "10 11 12 20 21 22 ff");
    assert_eq!(scanned(&bmt, &["--prefix", &key(0x22)]), "22");
    assert_eq!(scanned(&bmt, &["--prefix", "11", "--to", &key(0x22)]), "11");
    assert_eq!(scanned(&bmt, &["--prefix", "ff", "--from", &key(0xff)]), "ff");
    assert_eq!(scanned(&bmt, &["--prefix", "ff", "--to", &key(0xff)]), "");
}

#[test]
fn a_limit_counts_from_where_the_scan_begins() {
    let bmt = with_keys();
    assert_eq!(scanned(&bmt, &["--limit", "2"]), "10 11");
    assert_eq!(scanned(&bmt, &["--limit", "2", "--reverse"]), "ff 22");
    assert_eq!(scanned(&bmt, &["--limit", "100", "--from", &key(0x22)]), "22 ff");
}

#[test]
fn values_can_be_left_out() {
    let bmt = with_keys();
    let printed = bmt.ok("scan", &["--keys-only", "--prefix", "21"]);
    assert_eq!(printed, format!("{}\n", "21".repeat(31)));
}
