//! A database that gets its name when it is whole: [`Staging`].
//!
//! It is made as `NAME.unfinished/database`, and renamed to `NAME`. A lock in `NAME.unfinished` is held from
//! beginning to end, so that what is found there without it is what a crash left.

use crate::inspect::is_file_of_database;
use bmt_io::{DirectoryLock, IoError, IoOptions, LOCK_FILE, open_directory};
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SUFFIX: &str = ".unfinished";
const DATABASE: &str = "database";

/// Why a new database can't be put in its place.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StagingError {
    /// There is something already.
    #[error("{}: there is something already", path.display())]
    Exists {
        /// The place.
        path: PathBuf,
    },
    /// The path does not end in a name.
    #[error("{}: not a name that a directory can have", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// Another process, or another call, is making a database in the same place.
    #[error("{}: being made by another process", path.display())]
    Locked {
        /// The directory in which it does so.
        path: PathBuf,
    },
    /// The directory for unfinished databases holds something else, which is not to be removed.
    #[error("{}: is in the way, and is no unfinished database", path.display())]
    Foreign {
        /// What is in the way.
        path: PathBuf,
    },
    /// The system refused an operation.
    #[error("{}: {source}", path.display())]
    Io {
        /// On what.
        path: PathBuf,
        /// What it says.
        source: Arc<io::Error>,
    },
    /// The directory for unfinished databases can't be opened.
    #[error(transparent)]
    Directory(#[from] IoError),
}

/// A database on its way to its name. When it is dropped before it is finished, it is removed.
#[derive(Debug)]
pub(crate) struct Staging {
    target: PathBuf,
    /// Of the lock and of the database.
    outer: PathBuf,
    is_finished: bool,
    _lock: DirectoryLock,
}

impl Staging {
    /// Makes room for a database that is to be at `target`. What a crash left of an earlier attempt is removed.
    pub(crate) fn begin(target: &Path) -> Result<Self, StagingError> {
        let target = std::path::absolute(target).map_err(|source| failed(target, source))?;
        let Some(name) = target.file_name() else {
            return Err(StagingError::NoName { path: target });
        };
        check_is_free(&target)?;
        let outer = target.with_file_name(OsString::from_iter([name, SUFFIX.as_ref()]));
        if fs::symlink_metadata(&outer).is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(StagingError::Foreign { path: outer });
        }
        let options = IoOptions { create: true, ..IoOptions::default() };
        let lock = open_directory(&outer, &options)?.try_lock().map_err(|error| match error {
            IoError::Locked { .. } => StagingError::Locked { path: outer.clone() },
            other => other.into(),
        })?;
        remove_unfinished(&outer)?;
        Ok(Self { target, outer, is_finished: false, _lock: lock })
    }

    /// Where to make it.
    pub(crate) fn path(&self) -> PathBuf {
        self.outer.join(DATABASE)
    }

    /// Gives it its name, durably. Everything in it must be durable.
    pub(crate) fn finish(mut self) -> Result<(), StagingError> {
        // Windows does not rename over an empty directory.
        if cfg!(windows) && self.target.exists() {
            fs::remove_dir(&self.target).map_err(|source| failed(&self.target, source))?;
        }
        fs::rename(self.path(), &self.target).map_err(|source| match source.kind() {
            io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists => {
                StagingError::Exists { path: self.target.clone() }
            }
            _ => failed(&self.target, source),
        })?;
        self.is_finished = true;
        // Before the old name's directory goes: the rename is to be durable in both.
        for directory in [Some(self.outer.as_path()), self.target.parent()].into_iter().flatten() {
            sync(directory).map_err(|source| failed(directory, source))?;
        }
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What can't be removed is removed by the next attempt.
        if !self.is_finished {
            drop(remove_unfinished(&self.outer));
        }
        drop(fs::remove_file(self.outer.join(LOCK_FILE)));
        drop(fs::remove_dir(&self.outer));
    }
}

/// A database can be put where nothing is, or an empty directory.
fn check_is_free(target: &Path) -> Result<(), StagingError> {
    let is_free = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    match is_free {
        true => Ok(()),
        false => Err(StagingError::Exists { path: target.to_owned() }),
    }
}

/// Removes an unfinished database, and nothing that is none.
fn remove_unfinished(outer: &Path) -> Result<(), StagingError> {
    for path in list(outer)? {
        let name = path.file_name().unwrap_or_default();
        if name == DATABASE && path.is_dir() {
            let files = list(&path)?;
            if let Some(foreign) = files.into_iter().find(|file| !is_ours(file)) {
                return Err(StagingError::Foreign { path: foreign });
            }
            fs::remove_dir_all(&path).map_err(|source| failed(&path, source))?;
        } else if name != LOCK_FILE {
            return Err(StagingError::Foreign { path });
        }
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name == LOCK_FILE || is_file_of_database(name))
}

fn list(directory: &Path) -> Result<Vec<PathBuf>, StagingError> {
    let listed = fs::read_dir(directory).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    });
    listed.map_err(|source| failed(directory, source))
}

/// Makes a directory's names durable. Windows can't, and needs no such call.
fn sync(directory: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    fs::File::open(directory)?.sync_all()
}

fn failed(path: &Path, source: io::Error) -> StagingError {
    StagingError::Io { path: path.to_owned(), source: Arc::new(source) }
}
