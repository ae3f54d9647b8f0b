//! Queues that are kept for the next use, and writing pages through one.

use crate::units::to_u64;
use bmt_io::{Directory, File, IoError, PageBuffer, PagePool, Queue, Request};
use parking_lot::Mutex;
use std::sync::Arc;

/// Writes that are started together; a wait starts the rest.
const SUBMIT_COUNT: usize = 16;

/// Queues of one depth. Making one can cost system calls and memory, so they are kept.
#[derive(Debug)]
pub(crate) struct Queues {
    directory: Arc<dyn Directory>,
    depth: usize,
    idle: Mutex<Vec<Box<dyn Queue>>>,
}

/// Queues kept at most; more exist only while more threads use one.
const IDLE_COUNT_MAX: usize = 8;

impl Queues {
    pub(crate) fn new(directory: Arc<dyn Directory>, depth: usize) -> Self {
        Self { directory, depth, idle: Mutex::new(Vec::new()) }
    }

    pub(crate) fn take(&self) -> Result<Lease<'_>, IoError> {
        let idle = self.idle.lock().pop();
        let queue = match idle {
            Some(queue) => queue,
            None => self.directory.queue(self.depth)?,
        };
        Ok(Lease { queues: self, queue: Some(queue) })
    }
}

/// A queue in use; given back on drop if nothing is in flight, else dropped, which waits.
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    queues: &'a Queues,
    queue: Option<Box<dyn Queue>>,
}

impl Lease<'_> {
    pub(crate) fn depth(&self) -> usize {
        self.queues.depth
    }

    pub(crate) fn queue(&mut self) -> &mut dyn Queue {
        let Some(queue) = &mut self.queue else { unreachable!("a lease has its queue until drop") };
        &mut **queue
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let Some(queue) = self.queue.take() else { return };
        let mut idle = self.queues.idle.lock();
        if queue.in_flight() == 0 && idle.len() < IDLE_COUNT_MAX {
            idle.push(queue);
        }
    }
}

/// Writes buffers to one file, many at a time.
#[derive(Debug)]
pub(crate) struct PageWriter<'a> {
    lease: Lease<'a>,
    pool: &'a PagePool,
    file: &'a Arc<dyn File>,
    /// Bytes written since the last sync.
    pub(crate) unsynced_bytes: u64,
    unsubmitted_count: usize,
}

impl<'a> PageWriter<'a> {
    pub(crate) fn new(
        queues: &'a Queues,
        pool: &'a PagePool,
        file: &'a Arc<dyn File>,
    ) -> Result<Self, IoError> {
        Ok(Self { lease: queues.take()?, pool, file, unsynced_bytes: 0, unsubmitted_count: 0 })
    }

    /// A buffer to fill; waits for one that is being written if the pool has no other.
    pub(crate) fn buffer(&mut self, page_count: usize) -> Result<PageBuffer, IoError> {
        loop {
            match self.pool.take(page_count) {
                Err(IoError::PoolExhausted { .. }) if self.lease.queue().in_flight() > 0 => {
                    self.wait_for_one()?;
                }
                taken => return taken,
            }
        }
    }

    /// Begins to write a buffer.
    pub(crate) fn write(&mut self, buffer: PageBuffer, offset_bytes: u64) -> Result<(), IoError> {
        if self.lease.queue().in_flight() >= self.lease.depth() {
            self.wait_for_one()?;
        }
        self.unsynced_bytes += to_u64(buffer.len());
        let file = Arc::clone(self.file);
        let queue = self.lease.queue();
        queue.push(Request::Write { file, offset_bytes, buffer, tag: 0 });
        self.unsubmitted_count += 1;
        if self.unsubmitted_count < SUBMIT_COUNT {
            return Ok(());
        }
        self.unsubmitted_count = 0;
        queue.submit()
    }

    /// Waits until everything is written.
    pub(crate) fn drain(&mut self) -> Result<(), IoError> {
        while self.lease.queue().in_flight() > 0 {
            self.wait_for_one()?;
        }
        Ok(())
    }

    fn wait_for_one(&mut self) -> Result<(), IoError> {
        match self.lease.queue().wait() {
            Some(completion) => completion.result,
            None => Ok(()),
        }
    }
}
