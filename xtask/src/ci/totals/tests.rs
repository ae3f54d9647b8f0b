//! Closing lines as the test runners print them.

use super::Totals;

fn read(lines: &[&str]) -> Totals {
    Totals::read(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
}

#[test]
fn nextest_is_read() {
    let line =
        "     Summary [   0.012s] 6 tests run: 3 passed (1 slow), 2 failed, 1 timed out, 9 skipped";
    assert_eq!(read(&["PASS a", line]), Totals { passed: 3, failed: 3 });
    let one = "Summary [   0.012s] 1 test run: 1 passed, 0 skipped";
    assert_eq!(read(&[one]), Totals { passed: 1, failed: 0 });
    let cut = "Summary [   0.012s] 2/6 tests run: 1 passed, 1 failed, 0 skipped";
    assert_eq!(read(&[cut]), Totals { passed: 1, failed: 1 });
}

#[test]
fn the_standard_runner_is_read_and_added_up() {
    let good = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
    let bad = "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out";
    assert_eq!(read(&[good, "noise", bad]), Totals { passed: 4, failed: 2 });
}

#[test]
fn colours_do_not_matter() {
    let line = "\u{1b}[32;1m     Summary\u{1b}[0m [   0.1s] \u{1b}[1m2\u{1b}[0m tests run: \
                \u{1b}[1m2\u{1b}[0m \u{1b}[32;1mpassed\u{1b}[0m, \u{1b}[1m0\u{1b}[0m skipped";
    assert_eq!(read(&[line]), Totals { passed: 2, failed: 0 });
}

#[test]
fn other_lines_count_nothing() {
    assert_eq!(read(&["4 passed", "Summary of 3 passed, 1 failed"]), Totals::default());
}
