//! The threads backend: a small pool that runs requests with blocking calls.

use crate::error::{IoError, Site};
use crate::operation::Operation;
use crate::storage::{Completion, Queue, Request};
use crossbeam_channel::{Receiver, Sender, unbounded};
use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

/// A request and where its completion goes.
struct Job {
    request: Request,
    reply: Sender<Completion>,
}

/// Threads that run requests of any number of queues, in order of arrival.
#[derive(Debug)]
pub(crate) struct ThreadPool {
    /// `None` only while dropping.
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl ThreadPool {
    pub(crate) fn start(thread_count: usize) -> io::Result<Self> {
        let (jobs, inbox) = unbounded();
        let mut pool = Self { jobs: Some(jobs), threads: Vec::with_capacity(thread_count) };
        for at in 0..thread_count {
            let inbox = inbox.clone();
            let thread = std::thread::Builder::new().name(format!("bmt-io-{at}"));
            pool.threads.push(thread.spawn(move || serve(&inbox))?);
        }
        Ok(pool)
    }
}

impl Drop for ThreadPool {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to wait for.
            drop(thread.join());
        }
    }
}

fn serve(inbox: &Receiver<Job>) {
    for job in inbox {
        let (tag, file) = (job.request.tag(), job.request.file().name().to_owned());
        let request = job.request;
        let run = catch_unwind(AssertUnwindSafe(|| request.run()));
        let completion = run.unwrap_or_else(|_| {
            let site = Site::whole(Operation::Queue, &file);
            let result = Err(IoError::new(site, io::Error::other("the file's code panicked")));
            Completion { tag, buffer: crate::PageBuffer::empty(), result }
        });
        // The queue is gone only if it panicked while dropping; then nobody waits.
        drop(job.reply.send(completion));
    }
}

/// A queue served by a [`ThreadPool`].
#[derive(Debug)]
pub(crate) struct ThreadQueue {
    pool: Arc<ThreadPool>,
    depth: usize,
    waiting: VecDeque<Request>,
    running_count: usize,
    reply: Sender<Completion>,
    done: Receiver<Completion>,
}

impl ThreadQueue {
    pub(crate) fn new(pool: Arc<ThreadPool>, depth: usize) -> Self {
        let (reply, done) = unbounded();
        Self { pool, depth, waiting: VecDeque::new(), running_count: 0, reply, done }
    }

    fn start(&mut self) {
        let Some(jobs) = &self.pool.jobs else { return };
        while self.running_count < self.depth
            && let Some(request) = self.waiting.pop_front()
        {
            let job = Job { request, reply: self.reply.clone() };
            match jobs.send(job) {
                Ok(()) => self.running_count += 1,
                // Every thread is gone, which only a failed start can bring about.
                Err(unsent) => {
                    self.waiting.push_front(unsent.into_inner().request);
                    return;
                }
            }
        }
    }
}

impl Queue for ThreadQueue {
    fn push(&mut self, request: Request) {
        self.waiting.push_back(request);
    }

    fn submit(&mut self) -> Result<(), IoError> {
        self.start();
        Ok(())
    }

    fn wait(&mut self) -> Option<Completion> {
        self.start();
        if self.running_count == 0 {
            // Nothing runs although something waits: there are no threads, so run it here.
            return self.waiting.pop_front().map(Request::run);
        }
        let completion = self.done.recv().ok()?;
        self.running_count -= 1;
        Some(completion)
    }

    fn in_flight(&self) -> usize {
        self.waiting.len() + self.running_count
    }
}

impl Drop for ThreadQueue {
    fn drop(&mut self) {
        self.waiting.clear();
        while self.running_count > 0 && self.wait().is_some() {}
    }
}
