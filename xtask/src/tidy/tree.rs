//! The tracked files and packages that the rules look at.

use super::rust_text;
use crate::failure::Failure;
use crate::workspace::{self, Package};
use std::cell::OnceCell;
use std::path::Path;

/// Everything a rule can see. Tests make small ones of their own.
#[derive(Default)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    pub(super) packages: Vec<Package>,
}

/// A tracked file. Bytes that are not text are replaced, so that every file can be searched.
#[derive(Default)]
pub(super) struct File {
    /// Relative to the root, with `/` between the parts.
    pub(super) path: String,
    pub(super) text: String,
    code: OnceCell<String>,
}

impl Tree {
    /// Reads every file that git tracks and that is still there.
    ///
    /// # Errors
    /// When git or cargo fail, or a file can't be read.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in workspace::tracked_files(root)? {
            let place = root.join(&path);
            if place.is_file() {
                let bytes = std::fs::read(&place).map_err(|error| Failure::of(&path, error))?;
                files.push(File::new(&path, &String::from_utf8_lossy(&bytes)));
            }
        }
        Ok(Self { files, packages: workspace::packages(root)? })
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    pub(super) fn rust_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    /// Whether a tracked file, or a folder with tracked files in it, has this path.
    pub(super) fn has(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        path.is_empty()
            || self.files.iter().any(|file| file.path == path || file.path.starts_with(&inside))
    }

    /// The packages that other people may depend on.
    pub(super) fn libraries(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.has_library && package.publishable)
    }

    #[cfg(test)]
    pub(super) fn sample(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| File::new(path, text)).collect();
        Self { files, packages: Vec::new() }
    }

    #[cfg(test)]
    pub(super) fn with_package(mut self, package: Package) -> Self {
        self.packages.push(package);
        self
    }
}

impl File {
    fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned(), code: OnceCell::new() }
    }

    /// The lines with their numbers, counted from one.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(&self.text)
    }

    /// The lines of a Rust file, with comments and the contents of literals blanked out.
    pub(super) fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        numbered(self.code())
    }

    /// A Rust file with comments and the contents of literals blanked out.
    pub(super) fn code(&self) -> &str {
        self.code.get_or_init(|| rust_text::without_comments_and_literals(&self.text))
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether this is Rust that only tests or benchmarks run.
    pub(super) fn is_test_or_bench(&self) -> bool {
        let in_folder =
            self.path.split('/').any(|part| ["tests", "benches", "fuzz"].contains(&part));
        in_folder || self.name() == "tests.rs" || self.name().ends_with("_tests.rs")
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}
