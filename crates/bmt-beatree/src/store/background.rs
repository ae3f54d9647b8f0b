//! The store's threads: one merges runs, one writes checkpoints.

use super::core::{Signals, StoreCore};
use super::error::{StoreError, thread_error};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

/// Threads that end when this is dropped.
pub(super) struct Threads {
    core: Arc<StoreCore>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads {
    pub(super) fn start(core: &Arc<StoreCore>) -> Result<Self, StoreError> {
        let mut threads = Self { core: Arc::clone(core), handles: Vec::new() };
        threads.spawn(
            "beatree-merge",
            |signals| &mut signals.merge_wanted,
            StoreCore::merge_runs,
        )?;
        threads.spawn(
            "beatree-checkpoint",
            |signals| &mut signals.checkpoint_wanted,
            StoreCore::checkpoint_aside,
        )?;
        Ok(threads)
    }

    /// A thread that waits until it is wanted, works, and waits again.
    fn spawn(
        &mut self,
        name: &str,
        wanted: fn(&mut Signals) -> &mut bool,
        work: fn(&StoreCore),
    ) -> Result<(), StoreError> {
        let core = Arc::clone(&self.core);
        let run = move || {
            let _panics = PanicsAreTold(Arc::clone(&core));
            loop {
                {
                    let mut signals = core.signals.lock();
                    while !signals.stop && !*wanted(&mut signals) {
                        core.work.wait(&mut signals);
                    }
                    if signals.stop {
                        return;
                    }
                    *wanted(&mut signals) = false;
                }
                work(&core);
            }
        };
        let handle = std::thread::Builder::new().name(name.to_owned()).spawn(run);
        self.handles.push(handle.map_err(thread_error)?);
        Ok(())
    }
}

/// Held by a thread: if it ends by a panic, commits must not wait for it.
struct PanicsAreTold(Arc<StoreCore>);

impl Drop for PanicsAreTold {
    fn drop(&mut self) {
        if std::thread::panicking() {
            // The error is kept; there is nobody to hand it to.
            drop(self.0.poisoned_by(StoreError::ThreadEnded));
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A checkpoint under way need not be gentle any more.
        self.core.hurried.fetch_add(1, Ordering::Relaxed);
        self.core.signals.lock().stop = true;
        self.core.work.notify_all();
        for handle in self.handles.drain(..) {
            // A panic of the thread was reported where it happened.
            drop(handle.join());
        }
    }
}
