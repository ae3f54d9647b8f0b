//! What a run found: counts and times by folder and layer, and the failures.

use crate::corpus::{Case, Skipped};
use serde::Serialize;
use std::fmt;
use std::time::Duration;

/// The result of a run.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether there was no failure and at least one root was compared on every layer.
    pub passed: bool,
    /// The layers, in the order of the columns.
    pub layers: Vec<String>,
    /// Counts by folder, in the order they were run.
    pub folders: Vec<FolderReport>,
    /// Failures in all.
    pub failure_count: usize,
    /// The first failures, with details.
    pub failures: Vec<Failure>,
    /// What lies in the folders and was not run.
    pub skipped: Vec<Skipped>,
    #[serde(skip)]
    failures_kept: usize,
}

/// The counts of one folder.
#[derive(Debug, Clone, Serialize)]
pub struct FolderReport {
    /// The named folder's last name and the path below it.
    pub folder: String,
    /// Cases.
    pub cases: usize,
    /// Cases with a failure, on any layer.
    pub cases_failed: usize,
    /// Commits with a known root.
    pub roots: usize,
    /// What each layer did, in the order of [`Report::layers`].
    pub layers: Vec<Tally>,
}

/// What one layer did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Roots that were as expected.
    pub roots: usize,
    /// Keys read, present and absent ones.
    pub reads: usize,
    /// Proofs of present keys, verified.
    pub present_proofs: usize,
    /// Proofs of absent keys, verified.
    pub absent_proofs: usize,
    /// Proofs equal byte for byte to those of the source.
    pub known_proofs: usize,
    /// Listings of all entries that were compared.
    pub listings: usize,
    /// Cases that the layer does not take.
    pub cases_not_taken: usize,
    /// Time for committing and reopening.
    #[serde(rename = "commit_time_ms", serialize_with = "as_milliseconds")]
    pub commit_time: Duration,
    /// Time for reading, proving, verifying and listing.
    #[serde(rename = "proof_time_ms", serialize_with = "as_milliseconds")]
    pub proof_time: Duration,
}

/// One thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The folder.
    pub folder: String,
    /// The case.
    pub case: String,
    /// The step, or nothing when it is the case as a whole.
    pub at: String,
    /// The layer, or nothing when it is the case itself.
    pub layer: Option<String>,
    /// What went wrong, with what was found and expected.
    pub what: String,
}

impl Failure {
    pub(crate) fn of_step(case: &Case, at: &str, layer: Option<String>, what: String) -> Self {
        let (folder, name) = (case.folder.clone(), case.name.clone());
        Self { folder, case: name, at: at.to_owned(), layer, what }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.folder, self.case)?;
        if !self.at.is_empty() {
            write!(f, ", {}", self.at)?;
        }
        if let Some(layer) = &self.layer {
            write!(f, ", layer {layer}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.roots += other.roots;
        self.reads += other.reads;
        self.present_proofs += other.present_proofs;
        self.absent_proofs += other.absent_proofs;
        self.known_proofs += other.known_proofs;
        self.listings += other.listings;
        self.cases_not_taken += other.cases_not_taken;
        self.commit_time += other.commit_time;
        self.proof_time += other.proof_time;
    }
}

fn as_milliseconds<S: serde::Serializer>(
    time: &Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

impl Report {
    pub(crate) fn new(layers: Vec<String>, skipped: Vec<Skipped>, failures_kept: usize) -> Self {
        Self {
            passed: false,
            layers,
            folders: Vec::new(),
            failure_count: 0,
            failures: Vec::new(),
            skipped,
            failures_kept,
        }
    }

    pub(crate) fn begin_case(&mut self, folder: &str) {
        self.folder(folder).cases += 1;
    }

    pub(crate) fn count_failed_case(&mut self, folder: &str) {
        self.folder(folder).cases_failed += 1;
    }

    pub(crate) fn count_root(&mut self, folder: &str) {
        self.folder(folder).roots += 1;
    }

    pub(crate) fn count(&mut self, folder: &str, layer: usize, tally: &Tally) {
        if let Some(total) = self.folder(folder).layers.get_mut(layer) {
            total.add(tally);
        }
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure_count += 1;
        if self.failures.len() < self.failures_kept {
            self.failures.push(failure);
        }
    }

    pub(crate) fn finish(&mut self) {
        let all_ran = (0..self.layers.len()).all(|layer| self.total(layer).roots > 0);
        self.passed = self.failure_count == 0 && all_ran && !self.layers.is_empty();
    }

    /// The folder's line; a new one if the last case was in another folder.
    fn folder(&mut self, folder: &str) -> &mut FolderReport {
        let known = self.folders.iter().position(|line| line.folder == folder);
        let at = known.unwrap_or_else(|| {
            let layers = vec![Tally::default(); self.layers.len()];
            let folder = folder.to_owned();
            self.folders.push(FolderReport { folder, cases: 0, cases_failed: 0, roots: 0, layers });
            self.folders.len() - 1
        });
        &mut self.folders[at]
    }

    /// Cases without a failure on any layer.
    #[must_use]
    pub fn cases_passed(&self) -> usize {
        self.folders.iter().map(|folder| folder.cases - folder.cases_failed).sum()
    }

    /// Cases with a failure on any layer.
    #[must_use]
    pub fn cases_failed(&self) -> usize {
        self.folders.iter().map(|folder| folder.cases_failed).sum()
    }

    /// What a layer, by its place in [`Report::layers`], did in all.
    #[must_use]
    pub fn total(&self, layer: usize) -> Tally {
        let mut total = Tally::default();
        for folder in &self.folders {
            folder.layers.get(layer).into_iter().for_each(|tally| total.add(tally));
        }
        total
    }
}

/// A table: a line for each folder, then for each layer, then what was skipped and what failed.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.folders.iter().map(|line| line.folder.len()).max().unwrap_or(0).max(6);
        write!(f, "{:width$} {:>6} {:>6}", "folder", "cases", "roots")?;
        self.layers.iter().try_for_each(|layer| write!(f, " {layer:>12}"))?;
        for line in &self.folders {
            write!(f, "\n{:width$} {:>6} {:>6}", line.folder, line.cases, line.roots)?;
            for tally in &line.layers {
                let seconds = (tally.commit_time + tally.proof_time).as_secs_f64();
                write!(f, " {:>12}", format!("{seconds:.2} s"))?;
            }
        }
        for (at, layer) in self.layers.iter().enumerate() {
            write!(f, "\n\nlayer {layer}: {}", self.total(at))?;
        }
        f.write_str("\n")?;
        for Skipped { path, reason } in &self.skipped {
            write!(f, "\nskipped {}: {reason}", path.display())?;
        }
        for failure in &self.failures {
            write!(f, "\nFAILED {failure}")?;
        }
        match (self.failure_count, self.passed) {
            (0, true) => f.write_str("\nall as expected\n"),
            (0, false) => f.write_str("\nFAILED: some layer compared no root at all\n"),
            (count, _) => write!(f, "\n{count} failures, {} shown\n", self.failures.len()),
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} roots in {:.2} s; {} reads, {} proofs of presence, {} of absence, {} known byte for \
             byte, {} listings in {:.2} s",
            self.roots,
            self.commit_time.as_secs_f64(),
            self.reads,
            self.present_proofs,
            self.absent_proofs,
            self.known_proofs,
            self.listings,
            self.proof_time.as_secs_f64(),
        )?;
        match self.cases_not_taken {
            0 => Ok(()),
            count => write!(f, "; {count} cases not taken"),
        }
    }
}
