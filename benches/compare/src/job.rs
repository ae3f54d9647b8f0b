//! What a child process is told to do, and what it tells back.

use crate::engine::EngineKind;
use crate::meter::syncs::Syncs;
use crate::workload::{Dataset, Mix, Pick};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One measurement of one engine, in a process of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    /// The engine.
    pub engine: EngineKind,
    /// The database's directory, a copy made for this job, or empty for loads.
    pub dir: PathBuf,
    /// What is loaded in it, or is to be.
    pub dataset: Dataset,
    /// The memory limit of the process in bytes.
    pub memory_bytes: u64,
    /// The cgroup to join, if there is one.
    pub cgroup: Option<PathBuf>,
    /// Seed of the workload; the same for all engines in a round.
    pub seed: u64,
    /// What to do.
    pub task: Task,
}

/// A stream of commits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    /// The operations of a batch.
    pub mix: Mix,
    /// The keys they touch.
    pub pick: Pick,
    /// Operations in a batch.
    pub batch_ops: u64,
    /// Whether each commit makes a witness.
    pub witness: bool,
    /// Threads that read meanwhile.
    pub reader_count: usize,
    /// Batches before the timed ones.
    pub warm_commits: u64,
    /// The timed run ends after this many commits,
    pub commits_max: u64,
    /// or with the first commit that ends later than this;
    pub seconds_max: f64,
    /// but in an engine with checkpoints it spans so many full ones, or three times as many seconds.
    pub checkpoints_min: u64,
}

/// What a child does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Fill an empty directory with the dataset, in commits of this many inserts; timed.
    Load {
        /// Inserts in a commit.
        batch_ops: u64,
    },
    /// Fill an empty directory from entries in key order, in the engine's best way; timed.
    BulkBuild,
    /// Commit batches and flush.
    Commits(Stream),
    /// Read random present keys one after the other, or many at a time.
    Gets {
        /// Whether the page cache is empty and the engine just opened; else both are warm.
        cold: bool,
        /// Keys asked for at once; 1 is `get`.
        batch_keys: usize,
        /// How long.
        seconds: f64,
    },
    /// Prove random present keys.
    Proofs {
        /// How long.
        seconds: f64,
    },
    /// Open and close again; the time to open is the latency.
    Open {
        /// How often.
        times: u64,
    },
    /// Commit batches, then die without closing; tells nothing.
    Die(Stream),
    /// Open what [`Task::Die`] left, look whether all commits are there; timed.
    Recover(Stream),
    /// A small run with every key, value and root compared with a model.
    Check,
}

/// What a child measured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Report {
    /// The costs.
    pub costs: Costs,
    /// Checks that failed; any one fails the whole run.
    pub violations: Vec<Violation>,
    /// Settings and remarks of the engine.
    pub notes: String,
    /// Roots after some commits, in hexadecimal, in schemes that only depend on the state.
    pub roots: Vec<(u64, String)>,
    /// Set where the engine has no such operation: nothing was measured.
    pub unsupported: bool,
}

/// The costs of a timed phase.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Costs {
    /// Operations done.
    pub op_count: u64,
    /// Commits made.
    pub commit_count: u64,
    /// Time of all commits or calls and the final flush, in seconds.
    pub wall_s: f64,
    /// Processor time of the process, the generator's taken off, in seconds.
    pub cpu_s: f64,
    /// Bytes read from storage.
    pub read_bytes: u64,
    /// Bytes written to storage.
    pub written_bytes: u64,
    /// Median latency of a commit or call in microseconds.
    pub p50_us: f64,
    /// 99th percentile of the latency in microseconds.
    pub p99_us: f64,
    /// Longest latency in microseconds.
    pub max_us: f64,
    /// Time of the final flush in seconds.
    pub flush_s: f64,
    /// Bytes written in the final flush.
    pub flush_written_bytes: u64,
    /// Allocated bytes on disk after the flush.
    pub disk_bytes: u64,
    /// Keys present at the end.
    pub key_count: u64,
    /// Peak resident bytes in the timed phase, mapped files included.
    pub peak_resident_bytes: u64,
    /// Peak anonymous bytes of the whole process.
    pub peak_anonymous_bytes: u64,
    /// Durable calls in the timed phase.
    pub syncs: Syncs,
    /// Flushes of the device meanwhile, machine-wide, if it tells.
    pub device_flushes: Option<u64>,
    /// Full checkpoints in the timed phase, if the engine has them.
    pub checkpoint_count: Option<u64>,
    /// Mean bytes of a witness.
    pub witness_bytes: Option<u64>,
    /// Reads by the reader threads, per second, all together.
    pub reader_gets_per_s: Option<f64>,
    /// 99th percentile of the reader threads' latency in microseconds, from the time when a read
    /// was due.
    pub reader_p99_us: Option<f64>,
}

/// A check that failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Violation {
    /// Commits returned without any durable call.
    NotDurable {
        /// How many.
        commit_count: u64,
        /// Of how many.
        of: u64,
    },
    /// The process took more memory than it may.
    OverMemory {
        /// Its limit.
        limit_bytes: u64,
        /// What was seen; `None` if the kernel killed it at the limit.
        seen_bytes: Option<u64>,
    },
    /// Keys are missing that must be present.
    MissingKeys {
        /// How many.
        count: u64,
        /// Of how many looked up.
        of: u64,
    },
    /// Deleted keys are present.
    DeletedKeysPresent {
        /// How many.
        count: u64,
    },
    /// Keys have other values than the last ones written.
    WrongValues {
        /// How many.
        count: u64,
    },
    /// Reads in a batch did not find their keys.
    ReadsNotFound {
        /// How many.
        count: u64,
    },
    /// A root differs from the reference, or from another engine's of the same scheme.
    WrongRoot {
        /// After which commit.
        commit: u64,
        /// The root it should be.
        expected: String,
        /// What the engine says.
        found: String,
    },
    /// The child ended without a report.
    Crashed {
        /// How, and its last words.
        why: String,
    },
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotDurable { commit_count, of } => {
                write!(f, "{commit_count} of {of} commits returned without a durable call")
            }
            Self::OverMemory { limit_bytes, seen_bytes: Some(seen) } => {
                let (seen, limit) = (seen >> 20, limit_bytes >> 20);
                write!(f, "{seen} MiB of memory where {limit} MiB are allowed")
            }
            Self::OverMemory { limit_bytes, seen_bytes: None } => {
                write!(f, "killed at its memory limit of {} MiB", limit_bytes >> 20)
            }
            Self::MissingKeys { count, of } => write!(f, "{count} of {of} keys are missing"),
            Self::DeletedKeysPresent { count } => write!(f, "{count} deleted keys are present"),
            Self::WrongValues { count } => write!(f, "{count} keys have wrong values"),
            Self::ReadsNotFound { count } => write!(f, "{count} reads did not find their key"),
            Self::WrongRoot { commit, expected, found } => {
                write!(f, "root {found} after commit {commit} where {expected} is right")
            }
            Self::Crashed { why } => write!(f, "no report: {why}"),
        }
    }
}
