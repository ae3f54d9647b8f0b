//! The cells: what is measured, on which database, under which memory limit, with which engines.

use crate::engine::EngineKind;
use crate::job::{Stream, Task};
use crate::workload::{Dataset, KeyShape, Mix, Pick, ValueShape, size_name};

const MIB: u64 = 1 << 20;

/// The sizes, in keys.
const SMALL: u64 = 1_000_000;
const MIDDLE: u64 = 4_000_000;
const LARGE: u64 = 16_000_000;

/// Every engine and configuration.
const ALL: &[EngineKind] = &EngineKind::MEASURED;
/// One configuration of each.
const EACH: &[EngineKind] = &[
    EngineKind::Bmt,
    EngineKind::Nomt,
    EngineKind::Redb,
    EngineKind::Lmdb,
    EngineKind::Commonware,
    EngineKind::CommonwareOrdered,
    EngineKind::Rocksdb,
];
/// The same, with bmt in both schemes.
const SHORT: &[EngineKind] = &[
    EngineKind::Bmt,
    EngineKind::BmtNomt,
    EngineKind::Nomt,
    EngineKind::Redb,
    EngineKind::Lmdb,
    EngineKind::Commonware,
    EngineKind::CommonwareOrdered,
    EngineKind::Rocksdb,
];
/// The closest peers.
const CLOSE: &[EngineKind] = &[
    EngineKind::Bmt,
    EngineKind::Nomt,
    EngineKind::Redb,
    EngineKind::Lmdb,
    EngineKind::Commonware,
];
/// Without commonware, whose index of all keys does not fit, or which cannot do it.
const WITHOUT_COMMONWARE: &[EngineKind] =
    &[EngineKind::Bmt, EngineKind::Nomt, EngineKind::Redb, EngineKind::Lmdb];
/// Engines with a trie.
const TRIES: &[EngineKind] = &[EngineKind::Bmt, EngineKind::Nomt, EngineKind::NomtWarm];
/// Engines with proofs.
const PROVERS: &[EngineKind] =
    &[EngineKind::Bmt, EngineKind::Nomt, EngineKind::Commonware, EngineKind::CommonwareOrdered];

/// A cell of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What is done; with the size it names the cell.
    pub workload: &'static str,
    /// One line for the reader.
    pub about: &'static str,
    /// The database.
    pub dataset: Dataset,
    /// The memory limit in bytes.
    pub memory_bytes: u64,
    /// The engines, in the order of the first round.
    pub engines: &'static [EngineKind],
    /// How often each engine has its turn in a full run.
    pub rounds: u64,
    /// What the child does.
    pub task: Task,
    /// Whether `--quick` runs it.
    pub quick: bool,
}

impl Cell {
    /// `mixed_1e6`: the beginning of the names of its figures.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_{}", self.workload, size_name(self.dataset.key_count))
    }

    /// Whether the job begins with an empty directory.
    #[must_use]
    pub const fn starts_empty(&self) -> bool {
        matches!(self.task, Task::Load { .. } | Task::BulkBuild)
    }

    /// The cell with a small database and few commits, to see whether everything works.
    #[must_use]
    pub fn smoke(mut self, key_count: u64) -> Self {
        self.rounds = 1;
        self.dataset.key_count = key_count;
        match &mut self.task {
            Task::Commits(stream) | Task::Recover(stream) => {
                stream.batch_ops = stream.batch_ops.min(key_count / 10);
                stream.commits_max = 3;
                stream.checkpoints_min = 0;
            }
            Task::Gets { seconds, .. } | Task::Proofs { seconds } => *seconds = 0.3,
            Task::Load { batch_ops } => *batch_ops = key_count / 4,
            Task::Open { times } => *times = 1,
            _ => {}
        }
        self
    }

    /// The cell as `--quick` runs it: shorter, once, one configuration of each engine.
    #[must_use]
    pub fn shortened(mut self) -> Self {
        self.rounds = 1;
        if self.engines == ALL {
            self.engines = SHORT;
        }
        match &mut self.task {
            Task::Commits(stream) => {
                stream.seconds_max = 8.0;
                stream.commits_max = 100;
                stream.checkpoints_min = 1;
            }
            Task::Gets { seconds, .. } | Task::Proofs { seconds } => *seconds = 3.0,
            Task::Open { times } => *times = 2,
            _ => {}
        }
        self
    }
}

/// The standard stream: mixed, uniform, 25,000 operations a commit.
const MIXED: Stream = Stream {
    mix: Mix::Mixed,
    pick: Pick::Uniform,
    batch_ops: 25_000,
    witness: false,
    reader_count: 0,
    warm_commits: 3,
    commits_max: 200,
    seconds_max: 60.0,
    checkpoints_min: 3,
};

/// A cell with the usual limit for its size, the closest peers, one round.
const fn cell(workload: &'static str, key_count: u64, task: Task, about: &'static str) -> Cell {
    let memory_bytes = if key_count > MIDDLE { 1024 * MIB } else { 512 * MIB };
    let dataset = Dataset::plain(key_count);
    let (engines, rounds, quick) = (CLOSE, 1, false);
    Cell { workload, about, dataset, memory_bytes, engines, rounds, task, quick }
}

impl Cell {
    const fn with(mut self, engines: &'static [EngineKind]) -> Self {
        self.engines = engines;
        self
    }

    const fn rounds(mut self, rounds: u64) -> Self {
        self.rounds = rounds;
        self
    }

    const fn quick(mut self) -> Self {
        self.quick = true;
        self
    }
}

/// All cells, grouped so that a loaded database serves its neighbours and can then go.
#[must_use]
pub fn all() -> Vec<Cell> {
    let mut cells = streams(SMALL);
    cells.extend(small());
    cells.extend(streams(MIDDLE));
    cells.extend(middle());
    cells.extend(other_shapes(SMALL));
    cells.extend(other_shapes(MIDDLE));
    cells.extend(large());
    cells
}

/// The streams that are measured at two sizes.
fn streams(size: u64) -> Vec<Cell> {
    let about = "50 % updates, 25 % inserts, 10 % deletes, 15 % reads, 25,000 a commit";
    let updates = Task::Commits(Stream { mix: Mix::Updates, ..MIXED });
    let mixed = cell("mixed", size, Task::Commits(MIXED), about).with(ALL).rounds(3).quick();
    let updates = cell("updates", size, updates, "updates only");
    match size {
        SMALL => vec![mixed, updates.with(EACH).quick()],
        _ => vec![mixed, updates],
    }
}

fn small() -> Vec<Cell> {
    let stream = |name, stream, about| cell(name, SMALL, Task::Commits(stream), about);
    let transfers = Stream { mix: Mix::Transfers, ..MIXED };
    let about_transfers = "two reads and two updates each, 6,250 a commit";
    let witness = Stream { witness: true, ..MIXED };
    let readers = Stream { reader_count: 4, ..MIXED };
    let about_readers = "mixed, with 4 threads of 1,000 reads a second each";
    let get = Task::Gets { cold: false, batch_keys: 1, seconds: 10.0 };
    let proofs = Task::Proofs { seconds: 10.0 };
    let recover = Task::Recover(Stream { commits_max: 20, ..MIXED });
    let load = Task::Load { batch_ops: 25_000 };
    let about_bulk = "from empty, all entries in key order, in the engine's best way";
    vec![
        stream("transfers", transfers, about_transfers),
        stream("witness", witness, "mixed, a witness of each commit").with(TRIES),
        stream("readers", readers, about_readers).with(WITHOUT_COMMONWARE),
        cell("get", SMALL, get, "random reads of present keys, caches warm").with(EACH).quick(),
        cell("proofs", SMALL, proofs, "proofs of random present keys").with(PROVERS).quick(),
        cell("recovery", SMALL, recover, "opening after 23 mixed commits and a kill").with(EACH),
        cell("load", SMALL, load, "from empty, 25,000 inserts a commit").with(EACH),
        cell("bulk", SMALL, Task::BulkBuild, about_bulk).with(EACH).rounds(2),
    ]
}

fn middle() -> Vec<Cell> {
    let stream = |name, stream, about| cell(name, MIDDLE, Task::Commits(stream), about);
    let zipf = Stream { pick: Pick::Zipf, ..MIXED };
    let thousand = Stream { batch_ops: 1_000, warm_commits: 100, commits_max: 1_000, ..MIXED };
    let hundred = Stream { batch_ops: 100, warm_commits: 500, commits_max: 2_000, ..MIXED };
    let open = Task::Open { times: 3 };
    vec![
        stream("zipf", zipf, "mixed, keys by Zipf 0.99"),
        stream("commit1000", thousand, "mixed, 1,000 operations a commit").rounds(2),
        stream("commit100", hundred, "mixed, 100 operations a commit").rounds(2),
        cell("open", MIDDLE, open, "opening after a clean close").with(EACH).quick(),
    ]
}

fn other_shapes(size: u64) -> Vec<Cell> {
    let mixed = |name, about| cell(name, size, Task::Commits(MIXED), about);
    let mut values = mixed("values", "mixed, values of 1 to 256 bytes");
    values.dataset.values = ValueShape::Between(1, 256);
    let mut jam = mixed("jam", "mixed, storage keys of one JAM service");
    jam.dataset.keys = KeyShape::OneService;
    vec![values, jam]
}

fn large() -> Vec<Cell> {
    let cold = |batch_keys| Task::Gets { cold: true, batch_keys, seconds: 15.0 };
    let mixed = Task::Commits(MIXED);
    let mut small = cell("small", LARGE, mixed, "mixed in 256 MiB").with(WITHOUT_COMMONWARE);
    small.memory_bytes = 256 * MIB;
    vec![
        cell("mixed", LARGE, mixed, "as at 1e6, in 1 GiB"),
        small,
        cell("coldget", LARGE, cold(1), "random reads one by one, nothing cached at first"),
        cell("coldmany", LARGE, cold(1_000), "the same, 1,000 at a time by `get_many`"),
    ]
}

/// The small cell in which every key and root is compared with a model, before all others.
#[must_use]
pub fn check() -> Cell {
    cell("check", 20_000, Task::Check, "every key, value and root against a model").with(ALL)
}

#[cfg(test)]
mod tests;
