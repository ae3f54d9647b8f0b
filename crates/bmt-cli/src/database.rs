//! Opening the database that `--db` names.

use crate::exit::Failure;
use bmt::{Db, Options};
use std::path::PathBuf;

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

    /// Opens the database, or makes one if the directory is missing or empty.
    pub(crate) fn open_or_create(&self) -> Result<Db, Failure> {
        self.check_is_no_file()?;
        Ok(Db::open_with(&self.path, &Options::new())?)
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
