//! Suite `sizes`: the same load on databases of more and more keys, to see where the rate falls.

use super::Plan;
use super::report::Report;
use super::sample_keys::Numbers;
use super::series::Series;
use crate::failure::Failure;
use bmt::{Db, Options, StateKey};
use std::time::{Duration, Instant};

/// Steps of 2 from the first; the last two with `--full` only.
const SIZES: [usize; 9] =
    [100_000, 200_000, 400_000, 800_000, 1_600_000, 3_200_000, 6_400_000, 12_800_000, 16_000_000];
const LARGE_SIZES: usize = 2;
/// What the comparison gives at 512 MiB.
const MEMORY_BYTES: u64 = 409 << 20;
const OPS: usize = 25_000;
const VALUE_BYTES: usize = 32;
const WARM_COMMITS: usize = 3;
const COMMITS: usize = 40;
const LENGTH_MAX: Duration = Duration::from_secs(15);

/// How a number becomes a key.
type Shape = fn(u64) -> StateKey;

const SHAPES: [(&str, Shape); 2] = [("uniform", uniform), ("jam", storage)];

fn uniform(number: u64) -> StateKey {
    Numbers::new(number).key()
}

/// A storage key of one service.
fn storage(number: u64) -> StateKey {
    StateKey::service_storage(7, &number.to_le_bytes())
}

/// Half updates, as many inserts as deletes, 15 % reads: the number of keys stays the same.
pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let sizes = if plan.full { &SIZES[..] } else { &SIZES[..SIZES.len() - LARGE_SIZES] };
    for (name, key_of) in SHAPES {
        let mut before: Option<f64> = None;
        let mut falls = Vec::new();
        for size in sizes {
            let measured = Load::new(plan.size(*size, size / 100), key_of)?.run(plan)?;
            let figure = |what: &str| format!("sizes_{name}_{size}_{what}");
            report.figure(&figure("ops"), &one(measured.ops_per_second)?, "ops/s");
            report.figure(&figure("reads"), &one(measured.reads_per_op)?, "leaf_reads/op");
            falls.extend(before.map(|before| 100.0 - measured.ops_per_second / before * 100.0));
            before = Some(measured.ops_per_second);
        }
        let largest = falls.into_iter().fold(0.0, f64::max);
        report.figure(&format!("sizes_{name}_largest_fall"), &one(largest)?, "%");
    }
    Ok(())
}

struct Measured {
    ops_per_second: f64,
    reads_per_op: f64,
}

/// A database and what is in it.
struct Load {
    db: Db,
    key_of: Shape,
    /// The numbers of the keys that are there, in no order.
    live: Vec<u64>,
    next: u64,
    numbers: Numbers,
    _directory: tempfile::TempDir,
}

enum Operation {
    Put(StateKey, [u8; VALUE_BYTES]),
    Delete(StateKey),
    Read(StateKey),
}

impl Load {
    fn new(size: usize, key_of: Shape) -> Result<Self, Failure> {
        let directory = tempfile::tempdir().map_err(failed)?;
        let options = Options::new().memory_bytes(MEMORY_BYTES);
        let db: Db = Db::open_with(directory.path(), &options).map_err(failed)?;
        let live: Vec<u64> = (0..size as u64).collect();
        let mut keys: Vec<StateKey> = live.iter().map(|number| key_of(*number)).collect();
        keys.sort_unstable();
        db.bulk_load(keys.iter().map(|key| (*key, [1; VALUE_BYTES]))).map_err(failed)?;
        let (next, numbers) = (size as u64, Numbers::new(9));
        Ok(Self { db, key_of, live, next, numbers, _directory: directory })
    }

    fn run(mut self, plan: &Plan) -> Result<Measured, Failure> {
        for _ in 0..plan.size(WARM_COMMITS, 1) {
            let operations = self.operations();
            self.commit(&operations)?;
        }
        self.db.flush().map_err(failed)?;
        let reads_before = self.db.stats().tree.leaf_reads;
        let (mut taken, mut commits) = (Duration::ZERO, 0);
        while commits < plan.size(COMMITS, 2) && taken < LENGTH_MAX {
            let operations = self.operations();
            let begin = Instant::now();
            self.commit(&operations)?;
            taken += begin.elapsed();
            commits += 1;
        }
        let begin = Instant::now();
        self.db.flush().map_err(failed)?;
        taken += begin.elapsed();
        let ops = (commits * OPS) as f64;
        let reads = self.db.stats().tree.leaf_reads - reads_before;
        Ok(Measured { ops_per_second: ops / taken.as_secs_f64(), reads_per_op: reads as f64 / ops })
    }

    fn operations(&mut self) -> Vec<Operation> {
        (0..OPS).map(|_| self.operation()).collect()
    }

    fn operation(&mut self) -> Operation {
        let what = self.numbers.next() % 200;
        let value = self.numbers.next().to_le_bytes();
        let value = std::array::from_fn(|at| value[at % value.len()]);
        let number = self.numbers.next() >> 16;
        let at = usize::try_from(number).unwrap_or_default() % self.live.len();
        match what {
            0..100 => Operation::Put((self.key_of)(self.live[at]), value),
            100..135 => {
                self.live.push(self.next);
                self.next += 1;
                Operation::Put((self.key_of)(self.next - 1), value)
            }
            135..170 => Operation::Delete((self.key_of)(self.live.swap_remove(at))),
            _ => Operation::Read((self.key_of)(self.live[at])),
        }
    }

    fn commit(&self, operations: &[Operation]) -> Result<(), Failure> {
        for operation in operations {
            match operation {
                Operation::Put(key, value) => self.db.insert(*key, value).map_err(failed)?,
                Operation::Delete(key) => self.db.delete(key).map_err(failed)?,
                Operation::Read(key) => {
                    // What was written before in the same batch counts, so every key that is asked for is there.
                    let found = self.db.get(key).map_err(failed)?;
                    found.ok_or_else(|| failed(format!("{key} is absent")))?;
                }
            }
        }
        self.db.commit().map_err(failed)?;
        Ok(())
    }
}

fn one(value: f64) -> Result<Series, Failure> {
    Series::new(vec![value]).ok_or_else(|| failed("no number"))
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::of("sizes", error)
}
