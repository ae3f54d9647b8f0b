//! The threads of an open database: one makes checkpoints, one merges runs of the buffer, one reads ahead.

use crate::engine::Engine;
use crate::write_session::WarmUp;
use bmt_core::Scheme;
use bmt_io::{IoError, Operation, Site};
use std::sync::Arc;
use std::thread::JoinHandle;

/// Running threads; they end, after what they are doing, when this is dropped.
pub(crate) struct Background<S: Scheme> {
    engine: Arc<Engine<S>>,
    threads: Vec<JoinHandle<()>>,
}

impl<S: Scheme> Background<S> {
    /// Starts the threads, or none if nothing is to run in the background.
    pub(crate) fn start(engine: &Arc<Engine<S>>) -> Result<Self, IoError> {
        let mut background = Self { engine: Arc::clone(engine), threads: Vec::new() };
        if engine.options.is_inline() {
            return Ok(background);
        }
        background.add("bmt-checkpoint", checkpoints)?;
        background.add("bmt-merge", merges)?;
        if engine.options.warm_up != WarmUp::Never {
            background.add("bmt-warm-up", warm_ups)?;
        }
        Ok(background)
    }

    fn add(&mut self, name: &str, work: fn(&Engine<S>)) -> Result<(), IoError> {
        let engine = Arc::clone(&self.engine);
        let builder = std::thread::Builder::new().name(name.to_owned());
        let thread = builder.spawn(move || work(&engine)).map_err(|error| {
            IoError::new(Site::whole(Operation::Queue, "a thread of the database"), error)
        })?;
        self.threads.push(thread);
        Ok(())
    }
}

impl<S: Scheme> Drop for Background<S> {
    fn drop(&mut self) {
        {
            let mut signals = self.engine.signals.lock();
            signals.stop = true;
            signals.warm_ups.clear();
        }
        self.engine.work.notify_all();
        self.engine.room.notify_all();
        for thread in self.threads.drain(..) {
            // The threads do not panic; if one did, there is nothing to do about it here.
            drop(thread.join());
        }
    }
}

fn checkpoints<S: Scheme>(engine: &Engine<S>) {
    loop {
        {
            let mut signals = engine.signals.lock();
            while !signals.stop && !signals.checkpoint_wanted {
                engine.work.wait(&mut signals);
            }
            if signals.stop {
                return;
            }
            signals.checkpoint_wanted = false;
        }
        engine.checkpoint_aside();
    }
}

fn merges<S: Scheme>(engine: &Engine<S>) {
    loop {
        {
            let mut signals = engine.signals.lock();
            while !signals.stop && !signals.merge_wanted {
                engine.work.wait(&mut signals);
            }
            if signals.stop {
                return;
            }
            signals.merge_wanted = false;
        }
        engine.merge_runs();
    }
}

fn warm_ups<S: Scheme>(engine: &Engine<S>) {
    loop {
        let (view, keys) = {
            let mut signals = engine.signals.lock();
            loop {
                if signals.stop {
                    return;
                }
                match signals.warm_ups.pop_front() {
                    Some(wanted) => break wanted,
                    None => engine.work.wait(&mut signals),
                }
            }
        };
        engine.warm_up(&view, keys);
    }
}
