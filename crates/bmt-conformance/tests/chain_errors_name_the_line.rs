//! Every fault of a chain file is an error that names the file and the line.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_conformance::chain::{
    ChainError, ChainFault, ChainLine, ChainOptions, ChainReader, ChainState,
};
use bmt_core::StateKey;
use std::io::{self, BufReader, Read};

const HEADER: &str = r#"{"source":"test","gp":"0.7.2"}"#;
const TRUNCATE: ChainOptions = ChainOptions { truncate_keys: true };

fn zeros() -> String {
    "00".repeat(32)
}

/// A key of `length` bytes whose last one is `last`.
fn key(length: usize, last: u8) -> String {
    format!("{}{last:02x}", "a5".repeat(length - 1))
}

fn read(text: &str, options: ChainOptions) -> Result<Vec<ChainLine>, ChainError> {
    let mut state = ChainState::new();
    let mut lines = Vec::new();
    for line in ChainReader::new(text.as_bytes(), "dir/file.jsonl", options)? {
        let line = line?;
        state.advance(&line)?;
        lines.push(line);
    }
    Ok(lines)
}

/// The fault of a file whose third line has these fields, after an empty state at line 2.
fn fault_with(fields: &str, options: ChainOptions) -> ChainFault {
    let root = zeros();
    let text = format!(
        "{HEADER}\n{{\"at\":\"a\",\"root\":\"{root}\",\"set\":{{}}}}\n\
         {{\"at\":\"b\",\"root\":\"{root}\"{fields}}}\n"
    );
    let error = read(&text, options).unwrap_err();
    assert_eq!((&*error.file, error.line_number), ("dir/file.jsonl", 3), "{error}");
    assert!(error.to_string().starts_with("dir/file.jsonl:3: "), "{error}");
    error.fault
}

fn fault(fields: &str) -> ChainFault {
    fault_with(&format!(r#","parent":"{}"{fields}"#, zeros()), ChainOptions::default())
}

#[test]
fn a_sound_file_is_read_sorted() {
    let (low, high) = (key(31, 1), key(31, 2));
    let root = zeros();
    let text = format!(
        "{HEADER}\n{{\"at\":\"a\",\"root\":\"{root}\",\"set\":{{\"{high}\":\"ff\",\"{low}\":\"\"}}}}\n\
         {{\"at\":\"b\",\"parent\":\"{root}\",\"root\":\"{root}\",\"del\":[\"{high}\",\"{low}\"]}}"
    );
    let lines = read(&text, ChainOptions::default()).unwrap();
    let keys: Vec<StateKey> = [low, high].iter().map(|key| key.parse().unwrap()).collect();
    assert_eq!((lines[0].line_number, lines[1].line_number), (2, 3));
    assert_eq!(
        lines[0].set,
        [(keys[0], b"".as_slice().into()), (keys[1], b"\xff".as_slice().into())]
    );
    assert!(lines[0].replace_all && lines[0].parent.is_none());
    assert_eq!(lines[1].del, keys);
    assert!(!lines[1].replace_all && lines[1].parent == Some([0; 32]));
}

#[test]
fn a_key_given_twice_in_set_is_an_error() {
    let (one, two) = (key(31, 1), key(31, 2));
    let found = fault(&format!(r#","set":{{"{one}":"01","{two}":"02","{one}":"01"}}"#));
    let ChainFault::DuplicateKey { key, field } = found else { panic!("{found}") };
    assert_eq!((key.to_string(), field), (one, "set"));
}

#[test]
fn a_key_written_in_two_ways_is_the_same_key() {
    let one = key(31, 1);
    let found = fault(&format!(r#","set":{{"{one}":"01","{}":"02"}}"#, one.to_uppercase()));
    assert!(matches!(found, ChainFault::DuplicateKey { .. }), "{found}");
}

#[test]
fn a_key_given_twice_in_del_is_an_error() {
    let one = key(31, 1);
    let found = fault(&format!(r#","del":["{one}","{one}"]"#));
    assert!(matches!(found, ChainFault::DuplicateKey { field: "del", .. }), "{found}");
}

#[test]
fn a_key_in_set_and_del_is_an_error() {
    let one = key(31, 1);
    let found = fault(&format!(r#","set":{{"{one}":"01"}},"del":["{one}"]"#));
    assert!(matches!(found, ChainFault::SetAndDeleted { .. }), "{found}");
}

#[test]
fn a_key_of_32_bytes_needs_the_option() {
    let long = key(32, 7);
    let found = fault(&format!(r#","set":{{"{long}":""}}"#));
    assert!(matches!(found, ChainFault::KeyLength { found: 32, .. }), "{found}");
    assert!(found.to_string().contains("--truncate-keys"), "{found}");

    let root = zeros();
    let text =
        format!("{HEADER}\n{{\"at\":\"a\",\"root\":\"{root}\",\"set\":{{\"{long}\":\"\"}}}}");
    let lines = read(&text, TRUNCATE).unwrap();
    assert_eq!(lines[0].set[0].0.to_string(), "a5".repeat(31));
}

#[test]
fn keys_that_are_equal_when_cut_are_an_error() {
    let parent = format!(r#","parent":"{}""#, zeros());
    let (one, two, short) = (key(32, 1), key(32, 2), "a5".repeat(31));
    let pairs = [(&one, &two), (&one, &short)];
    for (a, b) in pairs {
        let found = fault_with(&format!(r#"{parent},"set":{{"{a}":"","{b}":""}}"#), TRUNCATE);
        assert!(matches!(found, ChainFault::EqualWhenCut { .. }), "{found}");
        let found = fault_with(&format!(r#"{parent},"del":["{a}","{b}"]"#), TRUNCATE);
        assert!(matches!(found, ChainFault::EqualWhenCut { .. }), "{found}");
        let both = format!(r#"{parent},"set":{{"{a}":""}},"del":["{b}"]"#);
        let found = fault_with(&both, TRUNCATE);
        assert!(matches!(found, ChainFault::SetAndDeleted { .. }), "{found}");
    }
    let found = fault_with(&format!(r#"{parent},"del":["{one}","{one}"]"#), TRUNCATE);
    assert!(matches!(found, ChainFault::DuplicateKey { .. }), "{found}");
}

#[test]
fn keys_of_other_lengths_are_an_error() {
    for length in [1, 30, 33] {
        let found = fault(&format!(r#","del":["{}"]"#, key(length, 0)));
        assert!(matches!(found, ChainFault::KeyLength { found, .. } if found == length), "{found}");
        let parent = format!(r#","parent":"{}""#, zeros());
        let found = fault_with(&format!(r#"{parent},"del":["{}"]"#, key(length, 0)), TRUNCATE);
        assert!(matches!(found, ChainFault::KeyLength { .. }), "{found}");
    }
}

#[test]
fn an_unknown_parent_is_an_error() {
    let found = fault_with(&format!(r#","parent":"{}""#, "11".repeat(32)), ChainOptions::default());
    assert!(
        matches!(found, ChainFault::UnknownParent { parent } if parent == [0x11; 32]),
        "{found}"
    );
    assert!(found.to_string().contains(&"11".repeat(32)), "{found}");
}

#[test]
fn a_wrong_root_names_both_roots() {
    let root = zeros();
    let text = format!("{HEADER}\n{{\"at\":\"a\",\"root\":\"{root}\",\"set\":{{}}}}");
    let line = read(&text, ChainOptions::default()).unwrap().remove(0);
    line.check_root([0; 32]).unwrap();
    let error = line.check_root([0xee; 32]).unwrap_err();
    assert_eq!(error.line_number, 2);
    let message = error.to_string();
    assert!(message.contains(&"ee".repeat(32)) && message.contains(&root), "{message}");
}

#[test]
fn text_that_is_no_hex_is_an_error() {
    let one = key(31, 1);
    for fields in [
        r#","set":{"0x":""}"#.to_owned(),
        format!(r#","set":{{"{one}":"0"}}"#),
        format!(r#","set":{{"{one}":"0x00"}}"#),
        format!(r#","del":["{}"]"#, "zz".repeat(31)),
    ] {
        let found = fault(&fields);
        assert!(matches!(found, ChainFault::NotHex { .. }), "{found}");
    }
    let found = fault_with(r#","parent":"xyz""#, ChainOptions::default());
    assert!(matches!(found, ChainFault::NotHex { field: "parent", .. }), "{found}");
    let found = fault_with(r#","parent":"00""#, ChainOptions::default());
    assert!(matches!(found, ChainFault::RootLength { field: "parent", found: 1 }), "{found}");
}

#[test]
fn a_line_without_parent_must_be_a_whole_state() {
    let found = fault_with("", ChainOptions::default());
    assert!(matches!(found, ChainFault::NoChange), "{found}");
    let deletes = format!(r#","set":{{}},"del":["{}"]"#, key(31, 1));
    let found = fault_with(&deletes, ChainOptions::default());
    assert!(matches!(found, ChainFault::DeleteWithoutParent), "{found}");
}

#[test]
fn a_line_that_is_no_such_object_is_an_error() {
    for fields in [
        r#","delete":[]"#,
        r#","set":[]"#,
        r#","set":{"00":1}"#,
        r#","del":{}"#,
        r#","set":{},"set":{}"#,
        r#","set":{}}{"#,
    ] {
        let found = fault(fields);
        assert!(matches!(found, ChainFault::Json { .. }), "{fields}: {found}");
    }
    let error = read(&format!("{HEADER}\n\n"), ChainOptions::default()).unwrap_err();
    assert_eq!(error.line_number, 2, "an empty line is no object");
}

#[test]
fn null_is_not_a_field_left_out() {
    let root = zeros();
    for fields in [
        r#","parent":null,"set":{}"#.to_owned(),
        format!(r#","parent":"{root}","set":null"#),
        format!(r#","parent":"{root}","del":null"#),
    ] {
        let found = fault_with(&fields, ChainOptions::default());
        assert!(matches!(found, ChainFault::Json { .. }), "{fields}: {found}");
    }
}

#[test]
fn an_array_of_the_values_is_no_object() {
    let root = zeros();
    let line = format!(r#"["a",null,"{root}",{{}},[]]"#);
    for text in [format!("{HEADER}\n{line}\n"), r#"["test","0.7.2"]"#.to_owned()] {
        let error = read(&text, ChainOptions::default()).unwrap_err();
        assert!(matches!(error.fault, ChainFault::Json { .. }), "{error}");
    }
}

#[test]
fn a_message_does_not_repeat_a_long_line() {
    let long = "ab".repeat(100_000);
    for fields in [
        format!(r#","{long}":1"#),
        format!(r#","set":"{long}""#),
        format!(r#","del":["{long}"]"#),
        format!(r#","set":{{"{long}x":""}}"#),
    ] {
        let message = fault(&fields).to_string();
        assert!(message.len() < 400, "{} bytes: {}", message.len(), &message[..200]);
    }
    let message = fault(r#","set":[]"#).to_string();
    assert!(message.contains(" at column 1") && !message.contains("line 1"), "{message}");
}

#[test]
fn the_first_line_must_be_a_header() {
    for text in ["", "\n", "{}\n", r#"{"at":"a","root":"","set":{}}"#, "[1]"] {
        let error = read(text, ChainOptions::default()).unwrap_err();
        assert_eq!(error.line_number, 1, "{text:?}: {error}");
    }
    let reader = ChainReader::new(HEADER.as_bytes(), "x", ChainOptions::default()).unwrap();
    assert_eq!((&*reader.header().source, &*reader.header().gp), ("test", "0.7.2"));
}

#[test]
fn an_error_of_the_input_names_the_line_and_ends_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let header = format!("{HEADER}\n");
    let input = BufReader::new(header.as_bytes().chain(Broken));
    let mut reader = ChainReader::new(input, "x", ChainOptions::default()).unwrap();
    let error = reader.next().unwrap().unwrap_err();
    assert!(matches!(error.fault, ChainFault::Io(_)) && error.line_number == 2, "{error}");
    assert!(reader.next().is_none());
}
