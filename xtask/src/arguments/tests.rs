//! What is taken from a command line, and what is refused.

use super::Arguments;

fn arguments(line: &str) -> Arguments {
    Arguments::new(line.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn flags_options_and_words_are_taken_in_any_order() {
    let mut given = arguments("--quick hashing --json out.json --only=a --only b");
    assert!(given.flag("--quick"));
    assert!(!given.flag("--quick"));
    assert_eq!(given.option("--json").unwrap().as_deref(), Some("out.json"));
    assert_eq!(given.options("--only").unwrap(), ["a", "b"]);
    assert_eq!(given.positional().as_deref(), Some("hashing"));
    given.finish().unwrap();
}

#[test]
fn an_option_without_its_value_is_refused() {
    assert!(arguments("--json").option("--json").is_err());
}

#[test]
fn a_word_that_no_one_asked_for_is_refused() {
    assert!(arguments("--colour").finish().is_err());
}
