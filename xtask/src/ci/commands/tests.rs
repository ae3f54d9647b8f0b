//! Which lines of a document are commands.

use super::blocks;

#[test]
fn blocks_of_sh_are_one_script() {
    let text = "# A\n```sh\ncd x\nls\n```\n\n```rust\nls\n```\n\n```sh\npwd\n```\n";
    let found = blocks(text);
    assert_eq!(
        (found.script.as_str(), found.run_count, found.long_count),
        ("cd x\nls\npwd\n", 2, 0)
    );
}

#[test]
fn long_blocks_are_counted_and_not_run() {
    let found = blocks("```sh long\nsleep 9999\n```\n");
    assert_eq!((found.script.as_str(), found.run_count, found.long_count), ("", 0, 1));
}

#[test]
fn output_is_no_command() {
    assert_eq!(blocks("```sh\n$ echo hello\nhello\n$ true\n```\n").script, "echo hello\ntrue\n");
}
