//! Which command lines are for the program.

use super::words;

fn split(line: &str) -> Option<Vec<String>> {
    words(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
}

#[test]
fn compare_and_check_go_to_the_program() {
    let expect = |line, rest: &[&str]| {
        assert_eq!(split(line), Some(rest.iter().map(|word| (*word).to_owned()).collect()));
    };
    expect("compare", &[]);
    expect("compare --quick --json f", &["--quick", "--json", "f"]);
    expect("--check --bless", &["--check", "--bless"]);
}

#[test]
fn other_suites_do_not() {
    assert_eq!(split("hashing --quick"), None);
    assert_eq!(split(""), None);
}
