//! `cargo xtask package`: every crate can be packed for the registry, without a warning.

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::process;
use crate::tidy::publishing_order;
use crate::workspace::{self, cargo_in};

/// Packs every publishable crate; with `--verify` also builds each one from its package.
///
/// # Errors
/// [`Failure::Failed`] when a crate can't be packed, or cargo warns about one.
pub(crate) fn run(mut arguments: Arguments) -> Result<(), Failure> {
    let verify = arguments.flag("--verify");
    arguments.finish()?;
    let root = workspace::root()?;
    let packages = workspace::packages(&root)?;
    let mut command = cargo_in(&root, &["package", "--allow-dirty"]);
    if !verify {
        command.arg("--no-verify");
    }
    for package in packages.iter().filter(|package| package.publishable) {
        command.args(["--package", &package.name]);
    }
    let (status, lines) = process::tee(&mut command)?;
    if !status.success() {
        let text = format!("`{}` ended with {status}", process::shown(&command));
        return Err(Failure::Failed(text));
    }
    let warnings = lines.iter().filter(|line| is_warning(line)).count();
    if warnings > 0 {
        return Err(Failure::Failed(format!("{warnings} warnings while packing")));
    }
    let present = |name: &&str| packages.iter().any(|it| it.publishable && it.name == *name);
    let order: Vec<_> = publishing_order().filter(present).collect();
    println!("order of publishing: {}", order.join(", "));
    Ok(())
}

fn is_warning(line: &str) -> bool {
    line.trim_start().starts_with("warning:")
}

#[cfg(test)]
mod tests {
    //! What cargo prints, as far as it matters here.

    use super::is_warning;

    #[test]
    fn a_warning_is_told_from_progress() {
        assert!(is_warning("warning: manifest has no documentation"));
        assert!(!is_warning("   Packaged 12 files, 80 KiB"));
    }
}
