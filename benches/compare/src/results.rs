//! The results, one file a turn, so that a run can be taken up again where it ended.

use crate::engine::{EngineKind, Outcome};
use crate::job::{Report, Violation};
use crate::limit::Enforcement;
use crate::meter::Probe;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// The file beside the turns that holds the device's figures.
const PROBE_FILE: &str = "device.json";
/// The file that holds the machine and the versions.
const FACTS_FILE: &str = "facts.json";

/// One engine's turn in one round of one cell.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The cell's name.
    pub cell: String,
    /// The engine.
    pub engine: EngineKind,
    /// The round, from 0.
    pub round: u64,
    /// The memory limit.
    pub memory_bytes: u64,
    /// How the limit was enforced.
    pub enforcement: Enforcement,
    /// What the child measured.
    pub report: Report,
}

impl Record {
    /// One line about it, for whoever watches.
    #[must_use]
    pub fn line(&self) -> String {
        let costs = &self.report.costs;
        let head = format!("  {} round {} {}:", self.cell, self.round + 1, self.engine.name());
        if !self.report.violations.is_empty() {
            let why: Vec<String> = self.report.violations.iter().map(ToString::to_string).collect();
            return format!("{head} FAILED: {}", why.join("; "));
        }
        if self.report.unsupported {
            return format!("{head} {}", self.report.notes);
        }
        if costs.wall_s == 0.0 {
            return format!("{head} passed");
        }
        let rate = costs.op_count as f64 / costs.wall_s;
        let cpu = costs.cpu_s * 1e6 / costs.op_count as f64;
        format!("{head} {rate:.0}/s, {cpu:.2} us of CPU, p50 {:.0} us", costs.p50_us)
    }
}

/// All turns so far.
#[derive(Debug, Default)]
pub struct Results {
    dir: PathBuf,
    records: Vec<Record>,
    probe: Option<Probe>,
    facts: BTreeMap<String, String>,
}

impl Results {
    /// The results kept in `dir`; `resume` says whether those of an earlier run are taken over or
    /// removed.
    ///
    /// # Errors
    /// When the files cannot be read or removed.
    pub fn open(dir: PathBuf, resume: bool) -> Outcome<Self> {
        fs::create_dir_all(&dir)?;
        let mut records = Vec::new();
        for entry in fs::read_dir(&dir)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !(name.starts_with("turn-") && name.ends_with(".json")) {
                continue;
            }
            match resume {
                true => records.push(serde_json::from_slice(&fs::read(&path)?)?),
                false => fs::remove_file(&path)?,
            }
        }
        let kept = |name: &str| fs::read(dir.join(name)).ok().filter(|_| resume);
        let probe = kept(PROBE_FILE).map(|bytes| serde_json::from_slice(&bytes)).transpose()?;
        let facts = kept(FACTS_FILE).map(|bytes| serde_json::from_slice(&bytes)).transpose()?;
        Ok(Self { dir, records, probe, facts: facts.unwrap_or_default() })
    }

    /// Removes the turns of these engines in these cells, so that they are measured again.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn forget(&mut self, cells: &[String], engines: &[EngineKind]) -> Outcome<()> {
        let gone =
            |record: &Record| cells.contains(&record.cell) && engines.contains(&record.engine);
        for record in self.records.iter().filter(|record| gone(record)) {
            fs::remove_file(self.dir.join(file_name(record)))?;
        }
        self.records.retain(|record| !gone(record));
        Ok(())
    }

    /// Whether this turn has been measured.
    #[must_use]
    pub fn has(&self, cell: &str, engine: EngineKind, round: u64) -> bool {
        let same = |record: &&Record| {
            record.cell == cell && record.engine == engine && record.round == round
        };
        self.records.iter().any(|record| same(&record))
    }

    /// Keeps a turn.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn add(&mut self, record: Record) -> Outcome<()> {
        fs::write(self.dir.join(file_name(&record)), serde_json::to_vec_pretty(&record)?)?;
        self.records.push(record);
        Ok(())
    }

    /// What the bare device did at the beginning of the run.
    #[must_use]
    pub const fn probe(&self) -> Option<Probe> {
        self.probe
    }

    /// Keeps what the bare device does.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_probe(&mut self, probe: Probe) -> Outcome<()> {
        fs::write(self.dir.join(PROBE_FILE), serde_json::to_vec_pretty(&probe)?)?;
        self.probe = Some(probe);
        Ok(())
    }

    /// The machine and the versions, as they were when the newest turns began.
    #[must_use]
    pub const fn facts(&self) -> &BTreeMap<String, String> {
        &self.facts
    }

    /// Keeps the machine and the versions.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_facts(&mut self, facts: BTreeMap<String, String>) -> Outcome<()> {
        fs::write(self.dir.join(FACTS_FILE), serde_json::to_vec_pretty(&facts)?)?;
        self.facts = facts;
        Ok(())
    }

    /// Every turn.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Where the files are.
    #[must_use]
    pub const fn dir(&self) -> &PathBuf {
        &self.dir
    }

    /// Everything that must not be: what children reported, and roots that differ between engines
    /// of one scheme after the same commits.
    #[must_use]
    pub fn violations(&self) -> Vec<(String, Violation)> {
        let label = |record: &Record| format!("{} {}", record.cell, record.engine.name());
        let mut all: Vec<(String, Violation)> = self
            .records
            .iter()
            .flat_map(|record| {
                record.report.violations.iter().map(|violation| (label(record), violation.clone()))
            })
            .collect();
        let mut roots: BTreeMap<(String, String, u64, u64), &str> = BTreeMap::new();
        for record in &self.records {
            let Some(scheme) = record.engine.scheme() else { continue };
            for (commit, root) in &record.report.roots {
                let place = (record.cell.clone(), format!("{scheme:?}"), record.round, *commit);
                let expected = *roots.entry(place).or_insert(root);
                if expected != root {
                    let violation = Violation::WrongRoot {
                        commit: *commit,
                        expected: expected.to_string(),
                        found: root.clone(),
                    };
                    all.push((label(record), violation));
                }
            }
        }
        all
    }
}

fn file_name(record: &Record) -> String {
    format!("turn-{}-{}-{}.json", record.cell, record.engine.name(), record.round)
}

#[cfg(test)]
mod tests;
