//! The thread that prepares spares beside commits.

use crate::core::Core;
use crate::spare;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

/// A thread; it ends when this is dropped, or before.
#[derive(Debug)]
pub(crate) struct Preparer(Mutex<Option<Running>>);

#[derive(Debug)]
struct Running {
    wake: SyncSender<()>,
    thread: JoinHandle<()>,
}

impl Preparer {
    /// Starts the thread; `None` if the system has none to give.
    pub(crate) fn start(core: &Arc<Core>) -> Option<Self> {
        let (wake, woken) = sync_channel(1);
        let core = Arc::clone(core);
        let run = move || {
            while woken.recv().is_ok() {
                // A failure poisoned the log already; whoever uses it next is told.
                drop(spare::refill(&core));
            }
        };
        let thread = std::thread::Builder::new().name("bmt-seglog".to_owned()).spawn(run).ok()?;
        Some(Self(Mutex::new(Some(Running { wake, thread }))))
    }

    /// Asks for a spare, without waiting for it.
    pub(crate) fn wake(&self) {
        let running = self.0.lock();
        let Some(running) = &*running else { return };
        match running.wake.try_send(()) {
            // A full channel means that the thread is about to look anyway.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Waits for what it is doing, and ends it.
    pub(crate) fn end(&self) {
        if let Some(Running { wake, thread }) = self.0.lock().take() {
            drop(wake);
            // The thread does not panic; if it did, there is nothing to do about it here.
            drop(thread.join());
        }
    }
}

impl Drop for Preparer {
    fn drop(&mut self) {
        self.end();
    }
}
