//! A file of the simulated disk.

use super::disk::{Disk, InFlight, failure};
use super::fault::{Course, Fault};
use super::image::{Change, Image, SECTOR_BYTES};
use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::storage::File;
use crate::units::len_u64;
use parking_lot::Mutex;
use std::sync::Arc;

/// The longest file: memory is the disk.
const LEN_BYTES_MAX: u64 = 1 << 40;

/// An open file of a simulated disk.
#[derive(Debug)]
pub(super) struct SimFile {
    disk: Arc<Mutex<Disk>>,
    inode: u64,
    name: String,
    read_only: bool,
}

impl SimFile {
    /// A handle to a file of `disk`, whose lock the caller holds as `held`.
    pub(super) fn new(
        disk: &Arc<Mutex<Disk>>,
        held: &mut Disk,
        inode: u64,
        name: &str,
        read_only: bool,
    ) -> Self {
        if let Some(file) = held.inodes.get_mut(&inode) {
            file.handle_count += 1;
        }
        Self { disk: Arc::clone(disk), inode, name: name.to_owned(), read_only }
    }

    /// The file's number, if it is on this disk.
    pub(super) fn inode_on(&self, disk: &Arc<Mutex<Disk>>) -> Option<u64> {
        Arc::ptr_eq(&self.disk, disk).then_some(self.inode)
    }

    fn site(&self, operation: Operation, offset_bytes: u64, len_bytes: u64) -> Site {
        Site::range(operation, &self.name, offset_bytes, len_bytes)
    }

    fn change(
        &self,
        site: Site,
        run: impl FnOnce(&mut Disk, Course, &Site) -> Result<(), IoError>,
    ) -> Result<(), IoError> {
        if self.read_only {
            return Err(IoError::ReadOnly { site });
        }
        let end = site.offset_bytes.checked_add(site.len_bytes);
        if end.is_none_or(|end| end > LEN_BYTES_MAX) {
            return Err(IoError::OutOfRange { site });
        }
        self.disk.lock().operate(site, run)
    }

    fn write(&self, site: Site, bytes: Vec<u8>) -> Result<(), IoError> {
        let inode = self.inode;
        self.change(site, |disk, course, site| {
            let offset = index(site.offset_bytes);
            match course {
                Course::Normal => write_within_capacity(disk, inode, offset, bytes, site),
                Course::Crash => {
                    let id = disk.fresh_id();
                    let change = Change::Write { offset, bytes };
                    disk.in_flight.push(InFlight { id, inode, change });
                    Ok(())
                }
                Course::Fault(Fault::Ignored) => Ok(()),
                Course::Fault(fault) => {
                    let kept = disk.random.below(bytes.len() / SECTOR_BYTES + 1) * SECTOR_BYTES;
                    write_within_capacity(disk, inode, offset, bytes[..kept].to_vec(), site)?;
                    Err(failure(site, fault))
                }
            }
        })
    }
}

/// A file offset, checked to be at most [`LEN_BYTES_MAX`], as an index.
fn index(offset_bytes: u64) -> usize {
    usize::try_from(offset_bytes).unwrap_or(usize::MAX)
}

fn image(disk: &mut Disk, inode: u64) -> &mut Image {
    &mut disk.inodes.entry(inode).or_default().image
}

/// Writes what there is room for.
fn write_within_capacity(
    disk: &mut Disk,
    inode: u64,
    offset: usize,
    mut bytes: Vec<u8>,
    site: &Site,
) -> Result<(), IoError> {
    let free = disk.free_bytes();
    let image = image(disk, inode);
    let end_max = image.volatile.len().saturating_add(free);
    let room = end_max.saturating_sub(offset);
    let full = bytes.len() > room;
    bytes.truncate(room);
    if !bytes.is_empty() {
        image.change(Change::Write { offset, bytes });
    }
    if full { Err(failure(site, Fault::NoSpace)) } else { Ok(()) }
}

impl File for SimFile {
    fn name(&self) -> &str {
        &self.name
    }

    fn len_bytes(&self) -> Result<u64, IoError> {
        let site = Site::whole(Operation::Length, &self.name);
        self.disk.lock().operate(site, |disk, course, site| match course {
            Course::Fault(fault) => Err(failure(site, fault)),
            _ => Ok(len_u64(image(disk, self.inode).volatile.len())),
        })
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset_bytes: u64) -> Result<(), IoError> {
        let site = self.site(Operation::Read, offset_bytes, len_u64(buffer.len()));
        self.disk.lock().operate(site, |disk, course, site| {
            let bytes = &image(disk, self.inode).volatile;
            let from = index(offset_bytes).min(bytes.len());
            let mut count = buffer.len().min(bytes.len() - from);
            buffer[..count].copy_from_slice(&bytes[from..from + count]);
            match course {
                Course::Fault(Fault::ShortRead) => count = disk.random.below(count),
                Course::Fault(Fault::CorruptRead) if count > 0 => {
                    buffer[disk.random.below(count)] ^= 1 << disk.random.below(8);
                }
                Course::Fault(fault) => return Err(failure(site, fault)),
                Course::Normal | Course::Crash => {}
            }
            if count < buffer.len() {
                let read_bytes = len_u64(count);
                return Err(IoError::UnexpectedEnd { site: site.clone(), read_bytes });
            }
            Ok(())
        })
    }

    fn write_all_at(&self, buffer: &[u8], offset_bytes: u64) -> Result<(), IoError> {
        let site = self.site(Operation::Write, offset_bytes, len_u64(buffer.len()));
        self.write(site, buffer.to_vec())
    }

    fn set_len(&self, len_bytes: u64) -> Result<(), IoError> {
        let site = self.site(Operation::SetLen, len_bytes, 0);
        self.change(site, |disk, course, site| {
            let len = index(len_bytes);
            let happens = match course {
                Course::Normal => true,
                Course::Crash => disk.random.coin(),
                Course::Fault(Fault::Ignored) => return Ok(()),
                Course::Fault(fault) => return Err(failure(site, fault)),
            };
            let free = disk.free_bytes();
            let image = image(disk, self.inode);
            if len.saturating_sub(image.volatile.len()) > free {
                return Err(failure(site, Fault::NoSpace));
            }
            if happens {
                image.change(Change::SetLen { len });
            }
            Ok(())
        })
    }

    fn zero_fill(&self, offset_bytes: u64, len_bytes: u64) -> Result<(), IoError> {
        let site = self.site(Operation::ZeroFill, offset_bytes, len_bytes);
        if offset_bytes.checked_add(len_bytes).is_none_or(|end| end > LEN_BYTES_MAX) {
            return Err(IoError::OutOfRange { site });
        }
        self.write(site, vec![0; index(len_bytes)])
    }

    fn sync_data(&self) -> Result<(), IoError> {
        let site = Site::whole(Operation::SyncData, &self.name);
        self.change(site, |disk, course, site| {
            let ignored = disk.ignore_sync;
            let Disk { random, inodes, .. } = disk;
            let image = &mut inodes.entry(self.inode).or_default().image;
            match course {
                _ if ignored => Ok(()),
                Course::Normal => {
                    image.sync();
                    Ok(())
                }
                // A power loss decides by itself how much of an unfinished sync it finds done.
                Course::Crash | Course::Fault(Fault::Ignored) => Ok(()),
                Course::Fault(fault) => {
                    image.sync_failing(random);
                    Err(failure(site, fault))
                }
            }
        })
    }
}

impl Drop for SimFile {
    fn drop(&mut self) {
        let mut disk = self.disk.lock();
        if let Some(file) = disk.inodes.get_mut(&self.inode) {
            file.handle_count = file.handle_count.saturating_sub(1);
        }
        disk.collect(self.inode);
    }
}
