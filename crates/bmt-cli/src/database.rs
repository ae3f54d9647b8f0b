//! Opening the database that `--db` names.

use crate::exit::Failure;
use bmt::{Db, Directory, IoOptions, OpenError, Options};
use std::path::PathBuf;
use std::sync::Arc;

/// The option that names the database.
#[derive(Debug, clap::Args)]
pub(crate) struct Database {
    /// The directory of the database.
    #[arg(long = "db", value_name = "DIR")]
    pub(crate) path: PathBuf,
}

impl Database {
    /// Opens a database that must be there.
    pub(crate) fn open_existing(&self) -> Result<Db, Failure> {
        self.check_is_no_file()?;
        Ok(Db::open_with(&self.path, &Options::new().create(false))?)
    }

    /// Opens a database that must be there, and changes no byte of it.
    pub(crate) fn open_for_reading(&self) -> Result<Db, Failure> {
        self.check_is_no_file()?;
        Ok(Db::open_read_only(&self.path)?)
    }

    /// Opens the database, or makes one if the directory is missing or empty.
    pub(crate) fn open_or_create(&self) -> Result<Db, Failure> {
        self.check_is_no_file()?;
        Ok(Db::open_with(&self.path, &Options::new())?)
    }

    /// Opens the directory for reading, whatever is in it.
    pub(crate) fn open_directory(&self) -> Result<Arc<dyn Directory>, Failure> {
        self.check_is_no_file()?;
        if !self.path.is_dir() {
            return Err(OpenError::NotFound { path: self.path.clone() }.into());
        }
        let options = IoOptions { read_only: true, ..IoOptions::default() };
        bmt::open_directory(&self.path, &options).map_err(|error| OpenError::Io(error).into())
    }

    /// Fails if no file of the directory can be a database's.
    pub(crate) fn check_is_database(&self, directory: &dyn Directory) -> Result<(), Failure> {
        let path = || self.path.clone();
        let names = directory.entries().map_err(OpenError::Io)?;
        let is_ours = |name: &String| {
            name == "MANIFEST" || name == "beatree.pages" || name.starts_with("seglog-")
        };
        match names.iter().find(|name| !is_ours(name)) {
            _ if names.iter().any(is_ours) => Ok(()),
            Some(found) => {
                Err(OpenError::NotADatabase { path: path(), found: found.clone() }.into())
            }
            None => Err(OpenError::NotFound { path: path() }.into()),
        }
    }

    fn check_is_no_file(&self) -> Result<(), Failure> {
        match self.path.is_file() {
            true => Err(Failure::Usage(format!(
                "{}: not a database: a file, not a directory",
                self.path.display()
            ))),
            false => Ok(()),
        }
    }
}
