//! What a log may hold after a crash: the model against which the judge compares it.

use bmt_seglog::{Log, RecoveryReport};
use std::collections::BTreeMap;

/// A small deterministic generator (splitmix64).
#[derive(Debug, Clone)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Bytes that follow from a number: equal numbers, equal bytes.
pub(crate) fn bytes_of(number: u64, len: usize) -> Vec<u8> {
    let mut random = Random(number);
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// What was done to a log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    /// Records that were appended and not cut.
    pub(crate) records: BTreeMap<u64, Vec<u8>>,
    /// For each record, what was durable before it was appended: what the log itself can testify.
    pub(crate) evident: BTreeMap<u64, u64>,
    /// The newest record that is durable.
    pub(crate) durable_through: u64,
    /// Nothing from here on was pruned.
    pub(crate) keep_from: u64,
    /// A record whose append did not return.
    pub(crate) unsure: Option<(u64, Vec<u8>)>,
    /// A cut that did not return: it may have happened.
    pub(crate) cutting: Option<u64>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self { keep_from: 1, ..Self::default() }
    }

    /// The newest record that must be there whatever an unfinished cut did.
    pub(crate) fn sure_through(&self) -> u64 {
        self.cutting.map_or(self.durable_through, |keep| keep.min(self.durable_through))
    }

    /// Compares an opened log with what it may hold, and takes what it holds as the new truth.
    pub(crate) fn check(&mut self, log: &Log, report: &RecoveryReport) -> Result<(), String> {
        let (first, next) = (log.first_sequence(), log.next_sequence());
        let last = next - 1;
        if first > self.keep_from {
            return Err(format!("records from {} were kept, found {first}", self.keep_from));
        }
        let was_cut = self.cutting == Some(last);
        if last < self.durable_through && !was_cut {
            return Err(format!("synced through {}, found {last}", self.durable_through));
        }
        if report.last.sequence != last || log.synced_through() != last {
            return Err(format!("report, log and sync disagree: {report:?}, {last}"));
        }
        if let Some((sequence, payload)) = self.unsure.take() {
            self.records.insert(sequence, payload);
        }
        let mut expected = first;
        for record in log.iter_from(first).map_err(|error| error.to_string())? {
            let record = record.map_err(|error| format!("reading: {error}"))?;
            let sequence = record.sequence();
            if sequence != expected {
                return Err(format!("record {sequence} where {expected} should be"));
            }
            match self.records.get(&sequence) {
                None => return Err(format!("record {sequence} was never written, or was cut")),
                Some(payload) if *payload != record.payload => {
                    return Err(format!("record {sequence} has other bytes"));
                }
                Some(_) => expected += 1,
            }
        }
        if expected != next {
            return Err(format!("reading ends at {expected}, the log at {next}"));
        }
        self.cutting = None;
        self.cut_to(last);
        Ok(())
    }

    /// Forgets all after `last`, all of which is durable.
    pub(crate) fn cut_to(&mut self, last: u64) {
        self.records.retain(|sequence, _| *sequence <= last);
        self.durable_through = last;
        self.keep_from = self.keep_from.min(last + 1);
    }
}
