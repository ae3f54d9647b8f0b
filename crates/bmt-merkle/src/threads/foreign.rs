//! Giving work to a pool and waiting for it, whatever thread the caller is.
//!
//! A thread of another pool, the program's own, does other work of that pool while it waits. That work may want what
//! the caller holds, the lock of a commit say, and then waits for it for ever. So another thread waits in its stead.

use rayon::{Scope, ThreadPool};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SendError, sync_channel};
use std::thread::Builder;

/// Whether this is a thread of another pool.
fn is_foreign(pool: &ThreadPool) -> bool {
    rayon::current_thread_index().is_some() && pool.current_thread_index().is_none()
}

fn builder() -> Builder {
    Builder::new().name("bmt-merkle-wait".to_owned())
}

/// As [`ThreadPool::scope`]; this thread does nothing else meanwhile.
pub(crate) fn in_scope<'scope, R: Send>(
    pool: &ThreadPool,
    work: impl FnOnce(&Scope<'scope>) -> R + Send,
) -> R {
    if !is_foreign(pool) {
        return pool.scope(work);
    }
    let (mut work, mut result) = (Some(work), None);
    std::thread::scope(|threads| {
        let run = || result = work.take().map(|work| pool.scope(work));
        drop(builder().spawn_scoped(threads, run));
    });
    match (result, work) {
        (Some(result), _) => result,
        // The system has no thread to give.
        (None, Some(work)) => pool.scope(work),
        (None, None) => unreachable!("work that was taken has a result"),
    }
}

/// Runs `produce` on this thread and `consume` on what it produces, on all threads of the pool. No more than a few
/// things wait to be consumed: when the pool falls behind, this thread lends a hand.
pub(super) fn feed<T: Send, E>(
    pool: &ThreadPool,
    mut produce: impl FnMut() -> Result<Option<T>, E>,
    consume: impl Fn(T) + Sync,
) -> Result<(), E> {
    let (waiting, waiting_max) = (AtomicUsize::new(0), 2 * pool.current_num_threads());
    let one = &|item: T| {
        consume(item);
        waiting.fetch_sub(1, Ordering::Relaxed);
    };
    // `start` gives back what it can't start.
    let mut feed = |start: &dyn Fn(T) -> Option<T>| {
        while let Some(item) = produce()? {
            let has_room = waiting.fetch_add(1, Ordering::Relaxed) < waiting_max;
            let left = if has_room { start(item) } else { Some(item) };
            left.into_iter().for_each(one);
        }
        Ok(())
    };
    if !is_foreign(pool) {
        return pool.in_place_scope(|scope| {
            feed(&|item| {
                scope.spawn(move |_| one(item));
                None
            })
        });
    }
    std::thread::scope(|threads| {
        let (sender, receiver) = sync_channel(waiting_max);
        let start_all = move || {
            pool.in_place_scope(move |scope| {
                receiver.into_iter().for_each(|item| scope.spawn(move |_| one(item)));
            });
        };
        // Without a thread, nobody receives.
        drop(builder().spawn_scoped(threads, start_all));
        feed(&|item| sender.send(item).err().map(|SendError(item)| item))
    })
}
