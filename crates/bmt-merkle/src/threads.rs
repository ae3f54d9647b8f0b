//! The threads that hash, and the waves that they keep for the next time.

pub(crate) mod foreign;

use crate::error::MerkleError;
use crate::update::bottom::BottomHasher;
use crate::upper::UpperWave;
use bmt_core::Scheme;
use bmt_core::wave::HashCounts;
use parking_lot::Mutex;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::fmt;

/// What hashed more nodes than this in one go is not kept: so a kept one takes less than 20 MB, and mostly
/// less than 1.
const KEPT_NODES_MAX: u64 = 1 << 18;

/// Kept for each thread at most; more exist only while as many callers are at work.
const KEPT_FOR_EACH: usize = 4;

/// A pool of threads of one's own, or none for a single thread: that of the caller.
pub(crate) struct Threads<S: Scheme> {
    pool: Option<ThreadPool>,
    waves: Mutex<Vec<UpperWave<S>>>,
    bottoms: Mutex<Vec<BottomHasher<S>>>,
}

impl<S: Scheme> Threads<S> {
    pub(crate) fn new(count: usize) -> Result<Self, MerkleError> {
        let pool = match count {
            0 | 1 => None,
            count => {
                let name = |at| format!("bmt-merkle-{at}");
                let builder = ThreadPoolBuilder::new().num_threads(count).thread_name(name);
                Some(builder.build().map_err(|error| MerkleError::Threads(error.into()))?)
            }
        };
        Ok(Self { pool, waves: Mutex::default(), bottoms: Mutex::default() })
    }

    /// Keeps memory for the next time, unless it may have become large, or others have left enough.
    fn keep<T>(&self, kept: &Mutex<Vec<T>>, used: T, done: HashCounts) {
        let thread_count = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        let mut kept = kept.lock();
        if done.nodes <= KEPT_NODES_MAX && kept.len() < KEPT_FOR_EACH * thread_count {
            kept.push(used);
        }
    }

    /// The pool, if there is one.
    pub(crate) fn pool(&self) -> Option<&ThreadPool> {
        self.pool.as_ref()
    }

    /// Drops something that takes time to drop, on another thread if there is one.
    pub(crate) fn drop_aside<T: Send + 'static>(&self, thing: T) {
        match &self.pool {
            None => drop(thing),
            Some(pool) => pool.spawn(move || drop(thing)),
        }
    }

    /// Does `work` to each chunk of `items`, on all threads.
    pub(crate) fn for_each_chunk<T: Send>(
        &self,
        items: &mut [T],
        chunk: usize,
        work: impl Fn(&mut UpperWave<S>, &mut [T]) + Sync,
    ) -> HashCounts {
        let counts = Mutex::new(HashCounts::default());
        let one = |chunk: &mut [T]| {
            let mut wave = self.waves.lock().pop().unwrap_or_default();
            let before = wave.counts();
            work(&mut wave, chunk);
            let done = since(before, wave.counts());
            *counts.lock() += done;
            self.keep(&self.waves, wave, done);
        };
        match &self.pool {
            Some(pool) if items.len() > chunk => foreign::in_scope(pool, |scope| {
                for chunk in items.chunks_mut(chunk) {
                    scope.spawn(|_| one(chunk));
                }
            }),
            _ => items.chunks_mut(chunk).for_each(one),
        }
        counts.into_inner()
    }

    /// Runs `produce` on this thread and `consume` on what it produces, on all threads.
    pub(crate) fn pipe<T: Send, E>(
        &self,
        mut produce: impl FnMut() -> Result<Option<T>, E>,
        consume: impl Fn(&mut BottomHasher<S>, T) + Sync,
        hasher: impl Fn() -> BottomHasher<S> + Sync,
    ) -> Result<HashCounts, E> {
        let counts = Mutex::new(HashCounts::default());
        let one = |item: T| {
            let mut own = self.bottoms.lock().pop().unwrap_or_else(&hasher);
            let before = own.counts();
            consume(&mut own, item);
            let done = since(before, own.counts());
            *counts.lock() += done;
            self.keep(&self.bottoms, own, done);
        };
        match &self.pool {
            None => {
                while let Some(item) = produce()? {
                    one(item);
                }
            }
            Some(pool) => foreign::feed(pool, produce, one)?,
        }
        Ok(counts.into_inner())
    }
}

/// What was counted after `before`.
fn since(before: HashCounts, now: HashCounts) -> HashCounts {
    let mut counts = now;
    counts.nodes -= before.nodes;
    counts.nodes_in_full_lanes -= before.nodes_in_full_lanes;
    counts.values -= before.values;
    counts
}

impl<S: Scheme> fmt::Debug for Threads<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        f.debug_struct("Threads").field("count", &count).finish_non_exhaustive()
    }
}
