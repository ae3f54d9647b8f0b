//! What `bmt bench` does to a database, and how long it takes.

use crate::exit::Failure;
use bmt::{Db, StateKey};
use std::time::{Duration, Instant};

/// Latencies that are kept at most: enough for a minute of reads, and 128 MiB at most.
const LATENCIES_MAX: usize = 1 << 24;

/// Keys that are drawn at random, always the same.
pub(super) struct Workload {
    keys: u64,
    value: Vec<u8>,
    state: u64,
}

/// How long each of many operations took.
pub(super) struct Timed {
    /// In nanoseconds, sorted.
    latencies: Vec<u64>,
    count: u64,
    total: Duration,
}

impl Workload {
    pub(super) fn new(keys: u64, value_bytes: usize) -> Self {
        Self { keys, value: vec![0; value_bytes], state: 1 }
    }

    /// Loads all keys; how long it took.
    pub(super) fn load(&mut self, db: &Db) -> Result<Duration, Failure> {
        let mut keys: Vec<StateKey> = (0..self.keys).map(key).collect();
        keys.sort_unstable();
        let begin = Instant::now();
        db.bulk_load(keys.into_iter().map(|key| (key, &self.value)))?;
        Ok(begin.elapsed())
    }

    /// Commits for so long.
    pub(super) fn commit(
        &mut self,
        db: &Db,
        batch: u64,
        duration: Duration,
    ) -> Result<Timed, Failure> {
        let mut timer = Timer::new(duration);
        while timer.goes_on() {
            let number = timer.count.to_le_bytes();
            self.value.iter_mut().zip(number).for_each(|(to, from)| *to = from);
            let begin = Instant::now();
            for _ in 0..batch {
                let index = self.next() % self.keys;
                db.insert(key(index), &self.value)?;
            }
            db.commit()?;
            timer.note(begin.elapsed());
        }
        Ok(timer.finish())
    }

    /// Reads for so long.
    pub(super) fn read(&mut self, db: &Db, duration: Duration) -> Result<Timed, Failure> {
        let mut timer = Timer::new(duration);
        while timer.goes_on() {
            let key = key(self.next() % self.keys);
            let begin = Instant::now();
            let found = db.get(&key)?;
            timer.note(begin.elapsed());
            if found.is_none() {
                return Err(Failure::Absent { key });
            }
        }
        Ok(timer.finish())
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.state)
    }
}

/// The key of an index: spread over the whole space, and never two the same.
fn key(index: u64) -> StateKey {
    let mut bytes = [0; 31];
    let words = [scramble(index), index, scramble(index ^ 0x5bd1), 0];
    bytes
        .iter_mut()
        .zip(words.into_iter().flat_map(u64::to_be_bytes))
        .for_each(|(to, at)| *to = at);
    StateKey::new(bytes)
}

/// The mixing function of the splitmix64 generator.
fn scramble(number: u64) -> u64 {
    let mut z = number;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Operations that go on for some time, at least one.
struct Timer {
    begin: Instant,
    duration: Duration,
    latencies: Vec<u64>,
    count: u64,
}

impl Timer {
    fn new(duration: Duration) -> Self {
        Self { begin: Instant::now(), duration, latencies: Vec::new(), count: 0 }
    }

    fn goes_on(&self) -> bool {
        self.count == 0 || self.begin.elapsed() < self.duration
    }

    fn note(&mut self, latency: Duration) {
        self.count += 1;
        if self.latencies.len() < LATENCIES_MAX {
            self.latencies.push(u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX));
        }
    }

    fn finish(mut self) -> Timed {
        let total = self.begin.elapsed();
        self.latencies.sort_unstable();
        Timed { latencies: self.latencies, count: self.count, total }
    }
}

impl Timed {
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn total(&self) -> Duration {
        self.total
    }

    pub(super) fn per_second(&self) -> f64 {
        rate(self.count, self.total)
    }

    /// The latency that all but so many in a hundred stay under, in milliseconds.
    pub(super) fn percentile_ms(&self, percent: usize) -> f64 {
        let rank = (self.latencies.len() * percent).div_ceil(100).saturating_sub(1);
        let latency = self.latencies.get(rank).copied().unwrap_or_default();
        Duration::from_nanos(latency).as_secs_f64() * 1e3
    }
}

/// So many in so long, as a number for each second.
#[expect(clippy::cast_precision_loss, reason = "a count, to be printed")]
pub(super) fn rate(count: u64, duration: Duration) -> f64 {
    count as f64 / duration.as_secs_f64().max(1e-9)
}

#[cfg(test)]
mod tests;
