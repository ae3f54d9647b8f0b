//! The measures of a turn, and in which cells they mean something.

use crate::job::{Costs, Task};

/// One measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Operations per second, final flush included.
    Ops,
    /// Processor microseconds per operation.
    Cpu,
    /// Bytes written to storage per operation, final flush included.
    Bytes,
    /// Bytes read from storage per operation.
    Read,
    /// Median latency of a commit, a call or an opening, in microseconds.
    P50,
    /// 99th percentile of the same.
    P99,
    /// Allocated bytes on disk per key after the final flush.
    Disk,
    /// Peak resident memory in MiB, mapped files included.
    Mem,
}

impl Metric {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Ops,
        Self::Cpu,
        Self::Bytes,
        Self::Read,
        Self::P50,
        Self::P99,
        Self::Disk,
        Self::Mem,
    ];

    /// The name in figures and ratios.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ops => "ops",
            Self::Cpu => "cpu",
            Self::Bytes => "bytes",
            Self::Read => "read",
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::Disk => "disk",
            Self::Mem => "mem",
        }
    }

    /// The unit.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Ops => "ops/s",
            Self::Cpu => "us/op",
            Self::Bytes | Self::Read => "B/op",
            Self::P50 | Self::P99 => "us",
            Self::Disk => "B/key",
            Self::Mem => "MiB",
        }
    }

    /// Whether more is better.
    #[must_use]
    pub const fn is_rate(self) -> bool {
        matches!(self, Self::Ops)
    }

    /// Whether ratios are made of it.
    #[must_use]
    pub const fn has_ratio(self) -> bool {
        !matches!(self, Self::Read)
    }

    /// Its value, where it means something for the task.
    #[must_use]
    pub fn value(self, task: &Task, costs: &Costs) -> Option<f64> {
        let opens = matches!(task, Task::Open { .. } | Task::Recover(_));
        let writes = matches!(task, Task::Commits(_) | Task::Load { .. } | Task::BulkBuild);
        let calls = !matches!(task, Task::BulkBuild);
        let op_count = costs.op_count as f64;
        if costs.op_count == 0 {
            return None;
        }
        match self {
            Self::Ops => (!opens).then(|| op_count / costs.wall_s),
            Self::Cpu => Some(costs.cpu_s * 1e6 / op_count),
            Self::Bytes => writes.then(|| costs.written_bytes as f64 / op_count),
            Self::Read => Some(costs.read_bytes as f64 / op_count),
            Self::P50 => calls.then_some(costs.p50_us),
            Self::P99 => (calls && !opens).then_some(costs.p99_us),
            Self::Disk => (writes && costs.key_count > 0)
                .then(|| costs.disk_bytes as f64 / costs.key_count as f64),
            Self::Mem => Some(costs.peak_resident_bytes as f64 / f64::from(1 << 20)),
        }
    }
}
