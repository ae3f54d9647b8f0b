//! The version pointer, pins and the reuse of buckets under `shuttle`: the very code of `pins.rs` and
//! `published.rs`, with its locks, on a real table, in thousands of random orders.

#[expect(clippy::duplicate_mod, dead_code, reason = "the same code on shuttle's primitives")]
#[path = "../pins.rs"]
mod pins;
#[expect(clippy::duplicate_mod, dead_code, reason = "the same code on shuttle's primitives")]
#[path = "../published.rs"]
mod published;

use bmt_bitbox::{Batch, Table, TableOptions};
use bmt_io::SimDisk;
use bmt_merkle::{PageId, PageSource};
use pins::{Pin, Pins};
use published::Published;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use sync::Mutex;

/// What `pins.rs` and `published.rs` take from their parent.
mod sync {
    pub(super) use shuttle::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
    use std::ops::Deref;
    use std::sync::Arc;

    #[derive(Debug, Default)]
    pub(super) struct Mutex<T>(shuttle::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub(super) fn new(value: T) -> Self {
            Self(shuttle::sync::Mutex::new(value))
        }

        pub(super) fn lock(&self) -> shuttle::sync::MutexGuard<'_, T> {
            self.0.lock().unwrap()
        }
    }

    #[derive(Debug)]
    pub(super) struct ArcSwap<T>(Mutex<Arc<T>>);

    impl<T> ArcSwap<T> {
        pub(super) fn from_pointee(value: T) -> Self {
            Self(Mutex::new(Arc::new(value)))
        }

        pub(super) fn load(&self) -> impl Deref<Target = Arc<T>> {
            Box::new(self.load_full())
        }

        pub(super) fn load_full(&self) -> Arc<T> {
            Arc::clone(&self.0.lock())
        }

        pub(super) fn store(&self, value: Arc<T>) {
            // What was there is dropped without the lock.
            let before = std::mem::replace(&mut *self.0.lock(), value);
            drop(before);
        }
    }
}

/// A rule that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// Readers pin what they loaded, instead of what was pinned before it was shown.
    PinsAfterLoading,
    /// Pages leave memory before every pin has them.
    ForgetsEarly,
    /// Buckets are used again while a snapshot needs them.
    IgnoresPins,
}

/// A version whose trie is one page, another one in each commit.
struct Shown {
    sequence: u64,
    pin: Arc<Pin>,
}

struct World {
    fault: Fault,
    table: Table,
    pins: Pins,
    published: Published<Shown>,
    /// Held by commits, and while a checkpoint freezes: the pages that commits replaced.
    writer: Mutex<Vec<u64>>,
    /// Pages that are not stored.
    memory: Mutex<BTreeSet<u64>>,
}

fn id(sequence: u64) -> PageId {
    let mut id = [7; 32];
    id[..8].copy_from_slice(&sequence.to_le_bytes());
    id
}

impl World {
    fn new(fault: Fault) -> Self {
        let mut options = TableOptions::new(5);
        options.faults.no_pins = fault == Fault::IgnoresPins;
        let (table, _) = Table::create(SimDisk::new(1).directory(), options).unwrap();
        let pins = Pins::new(table.clone());
        let published = Published::new(Shown { sequence: 0, pin: pins.pin(0) });
        let (writer, memory) = (Mutex::default(), Mutex::new(BTreeSet::from([0])));
        Self { fault, table, pins, published, writer, memory }
    }

    fn commit(&self) {
        let mut replaced = self.writer.lock();
        let sequence = self.published.load().sequence + 1;
        self.memory.lock().insert(sequence);
        replaced.push(sequence - 1);
        let pin = self.pins.pin(sequence);
        self.published.publish(|_| Shown { sequence, pin });
    }

    fn checkpoint(&self) {
        let (through, replaced) = {
            let mut replaced = self.writer.lock();
            (self.published.load().sequence, std::mem::take(&mut *replaced))
        };
        let mut batch = Batch::new();
        batch.put(id(through), through.to_le_bytes().to_vec()).unwrap();
        replaced.iter().filter(|page| **page != through).for_each(|page| batch.delete(id(*page)));
        self.table.prepare(&batch).unwrap().commit();
        if self.fault == Fault::ForgetsEarly {
            self.memory.lock().remove(&through);
        }
        self.pins.stored(through);
        self.memory.lock().remove(&through);
    }

    /// Whether the page of a version is there, as it was.
    fn read(&self) -> bool {
        let mut shown = self.published.load_full();
        if self.fault == Fault::PinsAfterLoading {
            let sequence = shown.sequence;
            drop(shown);
            shown = Arc::new(Shown { sequence, pin: self.pins.pin(sequence) });
        }
        (0..2).all(|_| self.has_page(&shown))
    }

    fn has_page(&self, shown: &Shown) -> bool {
        if self.memory.lock().contains(&shown.sequence) {
            return true;
        }
        let mut is_right = false;
        let read = shown.pin.pages(&[id(shown.sequence)], |_, page| {
            is_right = page.starts_with(&shown.sequence.to_le_bytes());
        });
        read.is_ok() && is_right
    }
}

/// Whether a reader ever missed a page.
fn misses_pages(fault: Fault) -> bool {
    let is_missed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_missed);
    let run = move || {
        if seen.load(std::sync::atomic::Ordering::SeqCst) {
            return;
        }
        let world = Arc::new(World::new(fault));
        let act = |act: fn(&World) -> bool, times: usize| {
            let (world, seen) = (Arc::clone(&world), Arc::clone(&seen));
            shuttle::thread::spawn(move || {
                if !(0..times).all(|_| act(&world)) {
                    seen.store(true, std::sync::atomic::Ordering::SeqCst);
                }
            })
        };
        let commit = |world: &World| {
            world.commit();
            true
        };
        let checkpoint = |world: &World| {
            world.checkpoint();
            true
        };
        let threads =
            [act(commit, 4), act(checkpoint, 4), act(World::read, 2), act(World::read, 2)];
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        if !world.read() {
            seen.store(true, std::sync::atomic::Ordering::SeqCst);
        }
    };
    // Always the same orders; a fault that was seen once needs no more.
    let count = if fault == Fault::None { 1000 } else { 20_000 };
    let scheduler = shuttle::scheduler::RandomScheduler::new_from_seed(8, count);
    shuttle::Runner::new(scheduler, shuttle::Config::new()).run(run);
    is_missed.load(std::sync::atomic::Ordering::SeqCst)
}

#[test]
fn readers_find_every_page_in_whatever_order() {
    assert!(!misses_pages(Fault::None));
}

#[test]
fn pins_that_come_after_loading_are_noticed() {
    assert!(misses_pages(Fault::PinsAfterLoading));
}

#[test]
fn pages_that_leave_memory_before_pins_have_them_are_noticed() {
    assert!(misses_pages(Fault::ForgetsEarly));
}

#[test]
fn buckets_that_are_used_again_while_pinned_are_noticed() {
    assert!(misses_pages(Fault::IgnoresPins));
}
