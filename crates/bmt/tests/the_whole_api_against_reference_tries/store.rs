//! Where a round's database lies: a simulated disk or a directory.

use crate::random::Random;
use crate::settings::Settings;
use bmt::{Db, Durability};
use bmt_io::SimDisk;
use tempfile::TempDir;

pub(crate) enum Store {
    Simulated(SimDisk),
    Directory(TempDir),
}

impl Store {
    pub(crate) fn new(settings: &Settings, random: &mut Random) -> Self {
        match settings.is_simulated {
            true => Self::Simulated(SimDisk::new(random.next())),
            false => Self::Directory(tempfile::tempdir().unwrap()),
        }
    }

    pub(crate) fn open(&self, settings: &Settings) -> Db {
        match self {
            Self::Simulated(disk) => Db::open_in(disk.directory(), &settings.options),
            Self::Directory(directory) => Db::open_with(directory.path(), &settings.options),
        }
        .unwrap_or_else(|error| panic!("{error}: {settings:?}"))
    }

    /// The power fails, if a disk can be told so and every commit is durable.
    pub(crate) fn lose_power(&mut self, settings: &Settings, random: &mut Random) {
        if let (Self::Simulated(disk), Durability::Immediate) = (&*self, settings.durability) {
            let disk = disk.power_loss(random.next());
            *self = Self::Simulated(disk);
        }
    }
}
