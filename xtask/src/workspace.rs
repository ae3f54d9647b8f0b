//! The checkout: where it is, which files are tracked, and what cargo says about its packages.

use crate::failure::Failure;
use crate::process;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the workspace's `Cargo.toml`.
///
/// # Errors
/// When cargo does not find a workspace here.
pub(crate) fn root() -> Result<PathBuf, Failure> {
    let mut command = process::cargo();
    command.args(["locate-project", "--workspace", "--message-format", "plain"]);
    if let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") {
        command.current_dir(package);
    }
    let manifest = process::capture(&mut command)?;
    match Path::new(manifest.trim()).parent() {
        Some(folder) => Ok(folder.to_owned()),
        None => Err(Failure::Failed(format!("`{}` is in no folder", manifest.trim()))),
    }
}

/// A command of cargo's that runs in the workspace's folder.
pub(crate) fn cargo_in(root: &Path, words: &[&str]) -> Command {
    let mut command = process::cargo();
    command.current_dir(root).args(words);
    command
}

/// The paths that git tracks, relative to the root, with `/` between the parts.
///
/// # Errors
/// When git can't be run here.
pub(crate) fn tracked_files(root: &Path) -> Result<Vec<String>, Failure> {
    let mut command = Command::new("git");
    let listing = process::capture(command.current_dir(root).args(["ls-files", "-z"]))?;
    Ok(listing.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

/// A package of the workspace, as far as the commands need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// The package's folder, relative to the root.
    pub(crate) folder: String,
    pub(crate) description: Option<String>,
    pub(crate) readme: Option<String>,
    pub(crate) publishable: bool,
    pub(crate) has_library: bool,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency as a manifest names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: DependencyKind,
    pub(crate) optional: bool,
}

/// When a dependency is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DependencyKind {
    Normal,
    Build,
    Dev,
}

/// The workspace's packages, from `cargo metadata`.
///
/// # Errors
/// When cargo fails, or its answer is not of the documented shape.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>, Failure> {
    let words = ["metadata", "--no-deps", "--format-version", "1"];
    parse_packages(&process::capture(&mut cargo_in(root, &words))?, root)
}

fn parse_packages(json: &str, root: &Path) -> Result<Vec<Package>, Failure> {
    let metadata: Value =
        serde_json::from_str(json).map_err(|error| Failure::of("cargo metadata", error))?;
    let packages = metadata["packages"].as_array();
    let packages = packages.ok_or_else(|| Failure::of("cargo metadata", "no `packages`"))?;
    packages.iter().map(|package| parse_package(package, root)).collect()
}

fn parse_package(json: &Value, root: &Path) -> Result<Package, Failure> {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let missing = |key: &str| Failure::of("cargo metadata", format!("a package without `{key}`"));
    let manifest = text("manifest_path").ok_or_else(|| missing("manifest_path"))?;
    let folder = Path::new(&manifest).parent().and_then(|path| path.strip_prefix(root).ok());
    let folder = folder.map(|path| path.to_string_lossy().replace('\\', "/"));
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    Ok(Package {
        name: text("name").ok_or_else(|| missing("name"))?,
        folder: folder.ok_or_else(|| missing("manifest_path under the root"))?,
        description: text("description"),
        readme: text("readme"),
        publishable: json["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
        has_library: list(&json["targets"])
            .iter()
            .any(|target| list(&target["kind"]).iter().any(|kind| kind == "lib")),
        dependencies: list(&json["dependencies"]).iter().filter_map(parse_dependency).collect(),
    })
}

fn parse_dependency(json: &Value) -> Option<Dependency> {
    let kind = match json["kind"].as_str() {
        Some("dev") => DependencyKind::Dev,
        Some("build") => DependencyKind::Build,
        _ => DependencyKind::Normal,
    };
    let optional = json["optional"].as_bool().unwrap_or_default();
    Some(Dependency { name: json["name"].as_str()?.to_owned(), kind, optional })
}

#[cfg(test)]
mod tests;
