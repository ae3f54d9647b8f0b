//! The whole run: loads databases, gives the engines their turns, keeps every result.

use crate::cells::{self, Cell};
use crate::children::Children;
use crate::engine::{EngineKind, Outcome};
use crate::job::{Job, Report, Task, Violation};
use crate::limit::Enforcement;
use crate::meter;
use crate::results::{Record, Results};
use crate::workload::Dataset;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Inserts in a commit while a database is loaded for later cells; fewer in large ones, as nomt took more than
/// 4 GiB for as many on 1.6e7 keys.
const fn load_batch(key_count: u64) -> u64 {
    if key_count > 4_000_000 { 100_000 } else { 500_000 }
}

/// Memory while loading for later cells, which is not measured.
const LOAD_MEMORY_BYTES: u64 = 4 << 30;

/// What to run.
#[derive(Debug)]
pub struct Plan {
    /// The cells, in order.
    pub cells: Vec<Cell>,
    /// The engines wanted; those that a cell or this build lacks are left out.
    pub engines: Vec<EngineKind>,
    /// Rounds instead of the cells' own.
    pub rounds: Option<u64>,
    /// Where databases go.
    pub dir: PathBuf,
}

/// Runs a plan.
#[derive(Debug)]
pub struct Turns {
    plan: Plan,
    children: Children,
    results: Results,
    begin: Instant,
}

impl Turns {
    /// Prepares a run; what `results` already holds is not measured again.
    #[must_use]
    pub fn new(plan: Plan, children: Children, results: Results) -> Self {
        Self { plan, children, results, begin: Instant::now() }
    }

    /// Runs every cell and returns the results.
    ///
    /// # Errors
    /// Those of files and processes; what engines do wrong is in the results.
    pub fn run(mut self) -> Outcome<Results> {
        if self.results.probe().is_none() {
            self.results.set_probe(meter::probe(&self.plan.dir)?)?;
        }
        self.cell(&cells::check(), true)?;
        let cells = std::mem::take(&mut self.plan.cells);
        for (at, cell) in cells.iter().enumerate() {
            self.say(&format!(
                "cell {} of {}: {} ({})",
                at + 1,
                cells.len(),
                cell.name(),
                cell.about
            ));
            let first = at == 0 || cells[at - 1].dataset != cell.dataset;
            if first {
                self.unload()?;
            }
            self.cell(cell, false)?;
        }
        self.unload()?;
        Ok(self.results)
    }

    /// All turns of a cell: in round r the engines are rotated by r, so that none always comes
    /// first.
    fn cell(&mut self, cell: &Cell, starts_empty: bool) -> Outcome<()> {
        let starts_empty = starts_empty || cell.starts_empty();
        let mut engines: Vec<EngineKind> = cell.engines.to_vec();
        engines.retain(|kind| self.plan.engines.contains(kind) && kind.available());
        let rounds = self.plan.rounds.unwrap_or(cell.rounds);
        for round in 0..rounds {
            for turn in 0..engines.len() {
                let engine = engines[(turn + round as usize) % engines.len()];
                if self.results.has(&cell.name(), engine, round) {
                    continue;
                }
                let record = self.turn(cell, engine, round, starts_empty)?;
                self.say(&record.line());
                self.results.add(record)?;
            }
        }
        Ok(())
    }

    fn turn(
        &self,
        cell: &Cell,
        engine: EngineKind,
        round: u64,
        starts_empty: bool,
    ) -> Outcome<Record> {
        let dir = self.plan.dir.join("turn");
        remove(&dir)?;
        let mut failed = Vec::new();
        match starts_empty {
            true => fs::create_dir_all(&dir)?,
            false => match self.loaded(engine, cell.dataset)? {
                Ok(from) => meter::copy_tree(&from, &dir)?,
                Err(violations) => failed = violations,
            },
        }
        let memory_bytes = cell.memory_bytes.max(engine.memory_min_bytes(cell.dataset));
        let job = |task| Job {
            engine,
            dir: dir.clone(),
            dataset: cell.dataset,
            memory_bytes,
            cgroup: None,
            seed: 1 + round,
            task,
        };
        if let (Task::Recover(stream), true) = (cell.task, failed.is_empty()) {
            failed = self.children.run(job(Task::Die(stream)))?.0.violations;
            meter::drop_cached(&dir)?;
        }
        let (report, enforcement) = match failed.is_empty() {
            true => self.children.run(job(cell.task))?,
            false => (Report { violations: failed, ..Report::default() }, Enforcement::Options),
        };
        remove(&dir)?;
        Ok(Record { cell: cell.name(), engine, round, memory_bytes, enforcement, report })
    }

    /// The directory of a loaded database; it is loaded when it is first asked for.
    fn loaded(
        &self,
        engine: EngineKind,
        dataset: Dataset,
    ) -> Outcome<Result<PathBuf, Vec<Violation>>> {
        let engine = engine.loaded_by();
        let name = format!("{}-{}", dataset.name(), engine.name());
        let dir = self.plan.dir.join("loaded").join(&name);
        if dir.exists() {
            return Ok(Ok(dir));
        }
        let filling = self.plan.dir.join("filling");
        remove(&filling)?;
        fs::create_dir_all(&filling)?;
        let job = Job {
            engine,
            dir: filling.clone(),
            dataset,
            memory_bytes: LOAD_MEMORY_BYTES,
            cgroup: None,
            seed: 0,
            task: Task::Load { batch_ops: load_batch(dataset.key_count) },
        };
        let (report, _) = self.children.run(job)?;
        if !report.violations.is_empty() {
            return Ok(Err(report.violations));
        }
        let seconds = report.costs.wall_s;
        self.say(&format!("  {name} loaded in {seconds:.0} s; {}", report.notes));
        meter::drop_cached(&filling)?;
        fs::create_dir_all(self.plan.dir.join("loaded"))?;
        fs::rename(&filling, &dir)?;
        Ok(Ok(dir))
    }

    /// Removes all loaded databases.
    fn unload(&self) -> Outcome<()> {
        remove(&self.plan.dir.join("loaded"))
    }

    fn say(&self, line: &str) {
        let seconds = self.begin.elapsed().as_secs();
        eprintln!("[{:>3}:{:02}] {line}", seconds / 60, seconds % 60);
    }
}

fn remove(dir: &Path) -> Outcome<()> {
    match dir.exists() {
        true => Ok(fs::remove_dir_all(dir)?),
        false => Ok(()),
    }
}
