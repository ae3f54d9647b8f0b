//! The queue of a simulated disk: completions in an order that the seed decides.

use super::disk::{Disk, InFlight};
use super::file::SimFile;
use super::image::Change;
use crate::error::IoError;
use crate::storage::{Completion, Queue, Request};
use core::any::Any;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;

/// A request that was submitted, and its write in flight if it is one.
#[derive(Debug)]
struct Running {
    request: Request,
    write: Option<u64>,
}

/// A queue whose requests take effect one by one, when they are waited for, in seeded order. Until
/// then a crash may find a submitted write done, done in part, or not done, and a sync does not cover
/// it.
#[derive(Debug)]
pub(super) struct SimQueue {
    disk: Arc<Mutex<Disk>>,
    depth: usize,
    waiting: VecDeque<Request>,
    running: Vec<Running>,
}

impl SimQueue {
    pub(super) fn new(disk: &Arc<Mutex<Disk>>, depth: usize) -> Self {
        let disk = Arc::clone(disk);
        Self { disk, depth: depth.max(1), waiting: VecDeque::new(), running: Vec::new() }
    }

    fn start(&mut self) {
        while self.running.len() < self.depth
            && let Some(request) = self.waiting.pop_front()
        {
            let write = self.announce(&request);
            self.running.push(Running { request, write });
        }
    }

    /// Lets a crash find the write in flight.
    fn announce(&self, request: &Request) -> Option<u64> {
        let Request::Write { file, offset_bytes, buffer, .. } = request else { return None };
        let any: &dyn Any = &**file;
        let inode = any.downcast_ref::<SimFile>()?.inode_on(&self.disk)?;
        let offset = usize::try_from(*offset_bytes).ok()?;
        let mut disk = self.disk.lock();
        if disk.crashed {
            return None;
        }
        let id = disk.fresh_id();
        let change = Change::Write { offset, bytes: buffer.to_vec() };
        disk.in_flight.push(InFlight { id, inode, change });
        Some(id)
    }

    fn finish_one(&mut self) -> Option<Completion> {
        if self.running.is_empty() {
            return None;
        }
        let mut disk = self.disk.lock();
        let at = disk.random.below(self.running.len());
        let Running { request, write } = self.running.swap_remove(at);
        if let Some(id) = write
            && !disk.crashed
        {
            disk.in_flight.retain(|write| write.id != id);
        }
        drop(disk);
        Some(request.run())
    }
}

impl Queue for SimQueue {
    fn push(&mut self, request: Request) {
        self.waiting.push_back(request);
    }

    fn submit(&mut self) -> Result<(), IoError> {
        self.start();
        Ok(())
    }

    fn wait(&mut self) -> Option<Completion> {
        self.start();
        self.finish_one()
    }

    fn in_flight(&self) -> usize {
        self.waiting.len() + self.running.len()
    }
}

impl Drop for SimQueue {
    fn drop(&mut self) {
        while self.finish_one().is_some() {}
    }
}
