//! A queue for files that keep in memory what is written to them.

use super::file::MemoryFile;
use bmt_io::{Completion, File, IoError, Queue, Request};
use std::any::Any;
use std::collections::VecDeque;
use std::sync::Arc;

/// Reads of unchanged files go to the queue below; the rest is done at once.
#[derive(Debug)]
pub(super) struct MemoryQueue {
    below: Box<dyn Queue>,
    done: VecDeque<Completion>,
}

impl MemoryQueue {
    pub(super) fn new(below: Box<dyn Queue>) -> Self {
        Self { below, done: VecDeque::new() }
    }
}

impl Queue for MemoryQueue {
    fn push(&mut self, request: Request) {
        match request {
            Request::Read { file, offset_bytes, buffer, tag } => match unchanged(&file) {
                Some(file) => self.below.push(Request::Read { file, offset_bytes, buffer, tag }),
                None => {
                    let request = Request::Read { file, offset_bytes, buffer, tag };
                    self.done.push_back(request.run());
                }
            },
            write => self.done.push_back(write.run()),
        }
    }

    fn submit(&mut self) -> Result<(), IoError> {
        self.below.submit()
    }

    fn wait(&mut self) -> Option<Completion> {
        self.done.pop_front().or_else(|| self.below.wait())
    }

    fn in_flight(&self) -> usize {
        self.done.len() + self.below.in_flight()
    }
}

/// The file below that says the same.
fn unchanged(file: &Arc<dyn File>) -> Option<Arc<dyn File>> {
    let file: &dyn Any = &**file;
    file.downcast_ref::<MemoryFile>()?.unchanged().map(Arc::clone)
}
