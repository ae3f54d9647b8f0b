//! The thread that copies pages while a store grows or shrinks, and removes the old files.

use super::committer::Committer;
use crate::error::TableError;
use bmt_io::{IoError, Operation, Site};
use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// A running thread; it ends, after the step it is in, when this is dropped.
#[derive(Debug)]
pub(super) struct Background {
    wake: Option<SyncSender<()>>,
    is_ending: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(super) fn start(committer: &Arc<Committer>) -> Result<Self, TableError> {
        let (wake, woken) = sync_channel(1);
        let is_ending = Arc::new(AtomicBool::new(false));
        let (committer, flag) = (Arc::clone(committer), Arc::clone(&is_ending));
        let run = move || {
            while woken.recv().is_ok() {
                // A failure that matters poisoned the store, or comes up again in the batch that needs the
                // room.
                while !flag.load(Ordering::Relaxed) && matches!(committer.step(), Ok(true)) {}
                committer.table.remove_unneeded_files();
            }
        };
        let thread = std::thread::Builder::new().name("bmt-bitbox".to_owned()).spawn(run);
        let thread = thread.map_err(|source| {
            IoError::new(Site::whole(Operation::Queue, "the copying thread"), source)
        })?;
        Ok(Self { wake: Some(wake), is_ending, thread: Some(thread) })
    }

    /// Lets the thread look whether there is something to copy, without waiting for it.
    pub(super) fn wake(&self) {
        let Some(wake) = &self.wake else { return };
        match wake.try_send(()) {
            // A full channel means that the thread is about to look anyway.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // The thread does not panic; if it did, there is nothing to do about it here.
            drop(thread.join());
        }
    }
}
