//! `completions`.

use crate::program::without_database;

const COMMANDS: [&str; 19] = [
    "init",
    "put",
    "get",
    "del",
    "root",
    "apply",
    "prove",
    "verify",
    "scan",
    "info",
    "rollback",
    "stats",
    "check",
    "inspect",
    "export",
    "import",
    "checkpoint",
    "bench",
    "completions",
];

#[test]
fn in_every_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = without_database(&["completions", shell]);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{shell}");
        for command in COMMANDS {
            assert!(run.stdout.contains(command), "{command} for {shell}");
        }
    }
}

#[test]
fn and_help_lists_them_with_examples() {
    let help = without_database(&["--help"]).stdout;
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
        let run = without_database(&[command, "--help"]);
        assert_eq!(run.status, 0);
        assert!(run.stdout.contains(&format!("bmt {command}")), "{command}: {}", run.stdout);
    }
}

#[test]
fn another_shell_exits_with_2() {
    assert_eq!(without_database(&["completions", "tcsh"]).status, 2);
    assert_eq!(without_database(&["completions"]).status, 2);
}
