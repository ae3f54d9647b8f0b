//! A queue on a ring of its own: every entry is accounted for until its completion.
#![expect(unsafe_code, reason = "it promises the ring that requests stay until they complete")]

use super::ring::Ring;
use crate::buffer::PageBuffer;
use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::stats::Counters;
use crate::storage::{Completion, Queue, Request};
use crate::units::len_u64;
use core::fmt;
use core::mem::ManuallyDrop;
use core::time::Duration;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

/// How often entering the kernel may fail in a row, with a pause in between, before requests are given
/// up: about ten seconds.
const ENTER_RETRY_MAX: usize = 10_000;
const ENTER_RETRY_PAUSE: Duration = Duration::from_millis(1);

/// A request that the kernel has.
struct Running {
    request: Request,
    done_bytes: usize,
    /// Its completion was returned without its buffer, because the kernel could not be entered.
    abandoned: bool,
}

/// A queue on io_uring. A wait that finds completions there returns one without entering the kernel,
/// unless a quarter of the depth could be started.
pub(super) struct RingQueue {
    ring: Ring,
    counters: Arc<Counters>,
    depth: usize,
    waiting: VecDeque<Request>,
    /// By index; an entry's user data is its index here.
    running: Vec<Option<Running>>,
    /// Indices of `running` that are `None`.
    vacant: Vec<usize>,
    abandoned_count: usize,
    ready: VecDeque<Completion>,
}

impl RingQueue {
    pub(super) fn new(depth: usize, counters: Arc<Counters>) -> io::Result<Self> {
        Ok(Self {
            ring: Ring::new(depth)?,
            counters,
            depth,
            waiting: VecDeque::new(),
            running: (0..depth).map(|_| None).collect(),
            vacant: (0..depth).rev().collect(),
            abandoned_count: 0,
            ready: VecDeque::new(),
        })
    }

    fn running_count(&self) -> usize {
        self.depth - self.vacant.len()
    }

    /// Pushes waiting requests into the ring, as far as there are vacant places.
    fn start(&mut self) {
        while !self.waiting.is_empty()
            && let Some(index) = self.vacant.pop()
        {
            if let Some(request) = self.waiting.pop_front() {
                self.push(index, Running { request, done_bytes: 0, abandoned: false });
            }
        }
    }

    /// Puts a request into the place `index`, which is empty and not in `vacant`, and into the ring.
    fn push(&mut self, index: usize, running: Running) {
        let file = Arc::clone(running.request.file());
        let Some(os_file) = file.os_file() else {
            return self.finish_blocking(index, running.request);
        };
        let done_bytes = running.done_bytes;
        let running = self.running[index].insert(running);
        // SAFETY: the request stays in `running`, untouched, until `handle` gets its completion; when
        // the queue is dropped before that, it is leaked.
        let pushed = unsafe { self.ring.push(&mut running.request, os_file, done_bytes, index) };
        if let Err(error) = pushed
            && let Some(refused) = self.running[index].take()
        {
            self.fail(index, refused.request, error);
        }
    }

    fn handle(&mut self, index: usize, result: i32) {
        let Some(running) = self.running.get_mut(index).and_then(Option::take) else { return };
        let Running { request, done_bytes, abandoned } = running;
        if abandoned {
            self.abandoned_count -= 1;
            self.vacant.push(index);
            return;
        }
        let len_bytes = request.buffer().len();
        match usize::try_from(result) {
            Ok(count) if done_bytes + count >= len_bytes => self.succeed(index, request),
            Ok(0) => self.end_early(index, request, done_bytes),
            Ok(count) => {
                let done_bytes = done_bytes + count;
                self.push(index, Running { request, done_bytes, abandoned: false });
            }
            Err(_) => match result.saturating_neg() {
                libc::EINTR | libc::EAGAIN => {
                    self.push(index, Running { request, done_bytes, abandoned: false });
                }
                // What the ring cannot do (a file opened read-only, a range out of bounds, direct I/O
                // that is not aligned) the blocking call does, or says why not.
                libc::EINVAL | libc::EBADF | libc::EOPNOTSUPP => {
                    self.finish_blocking(index, request);
                }
                errno => self.fail(index, request, io::Error::from_raw_os_error(errno)),
            },
        }
    }

    fn succeed(&mut self, index: usize, request: Request) {
        let len_bytes = len_u64(request.buffer().len());
        self.counters.record(request.operation(), len_bytes);
        self.finish(index, request.complete(Ok(())));
    }

    fn end_early(&mut self, index: usize, request: Request, done_bytes: usize) {
        match request.operation() {
            Operation::Read => {
                let read_bytes = len_u64(done_bytes);
                let error = IoError::UnexpectedEnd { site: request.site(), read_bytes };
                self.finish(index, request.complete(Err(error)));
            }
            _ => self.fail(index, request, io::ErrorKind::WriteZero.into()),
        }
    }

    fn fail(&mut self, index: usize, request: Request, source: io::Error) {
        let error = IoError::new(request.site(), source);
        self.finish(index, request.complete(Err(error)));
    }

    fn finish_blocking(&mut self, index: usize, request: Request) {
        self.finish(index, request.run());
    }

    fn finish(&mut self, index: usize, completion: Completion) {
        self.vacant.push(index);
        self.ready.push_back(completion);
    }

    /// Takes in the completions that have come.
    fn reap(&mut self) {
        let come: Vec<(usize, i32)> = self.ring.completions().collect();
        come.into_iter().for_each(|(index, result)| self.handle(index, result));
    }

    /// Enters the kernel until something completes. Fails if that fails for too long.
    fn block(&mut self) -> io::Result<()> {
        let mut failure_count = 0;
        loop {
            let Err(error) = self.ring.submit_and_wait() else { return Ok(()) };
            if error.kind() == io::ErrorKind::Interrupted {
                continue;
            }
            self.reap();
            if !self.ready.is_empty() {
                return Ok(());
            }
            failure_count += 1;
            if failure_count > ENTER_RETRY_MAX {
                return Err(error);
            }
            std::thread::sleep(ENTER_RETRY_PAUSE);
        }
    }

    /// Completes a request whose buffer the kernel may still use: without its buffer.
    fn abandon_one(&mut self, source: io::Error) -> Option<Completion> {
        let running = self.running.iter_mut().flatten().find(|running| !running.abandoned)?;
        running.abandoned = true;
        self.abandoned_count += 1;
        let result = Err(IoError::new(running.request.site(), source));
        Some(Completion { tag: running.request.tag(), buffer: PageBuffer::empty(), result })
    }
}

impl Queue for RingQueue {
    fn push(&mut self, request: Request) {
        self.waiting.push_back(request);
    }

    fn submit(&mut self) -> Result<(), IoError> {
        self.start();
        loop {
            match self.ring.submit() {
                Ok(_) => return Ok(()),
                Err(error) => match error.raw_os_error() {
                    Some(libc::EINTR) => {}
                    // The kernel wants completions taken first, or is short of memory: a wait will
                    // submit again.
                    Some(libc::EAGAIN | libc::EBUSY) => return Ok(()),
                    _ => return Err(IoError::new(Site::whole(Operation::Queue, "ring"), error)),
                },
            }
        }
    }

    fn wait(&mut self) -> Option<Completion> {
        self.reap();
        let startable_count = self.waiting.len().min(self.vacant.len());
        if startable_count > 0 && startable_count * 4 >= self.depth {
            // Whatever is wrong if this fails, blocking meets it again.
            self.submit().unwrap_or_default();
        }
        loop {
            if let Some(completion) = self.ready.pop_front() {
                return Some(completion);
            }
            self.start();
            if self.ready.is_empty() {
                if self.running_count() == self.abandoned_count {
                    return None;
                }
                if let Err(error) = self.block() {
                    return self.abandon_one(error);
                }
                self.reap();
            }
        }
    }

    fn in_flight(&self) -> usize {
        self.waiting.len() + self.ready.len() + self.running_count() - self.abandoned_count
    }
}

impl Drop for RingQueue {
    fn drop(&mut self) {
        self.waiting.clear();
        while self.running_count() > 0 {
            let blocked = self.block();
            self.reap();
            self.ready.clear();
            if blocked.is_err() {
                break;
            }
        }
        // The kernel may still write to the buffers of what is left: never free them.
        for running in self.running.drain(..).flatten() {
            let _leaked = ManuallyDrop::new(running);
        }
    }
}

impl fmt::Debug for RingQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingQueue")
            .field("depth", &self.depth)
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
