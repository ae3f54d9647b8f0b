//! Which kinds of operation the crashes of a campaign met, read from the trace of the disk.

use crate::life::Doing;
use crate::profile::{Profile, Shape};
use bmt_io::{Operation, SimDisk, TraceEntry};
use std::collections::{BTreeMap, BTreeSet};

const PAGE_BYTES: u64 = 4096;

/// Every kind that a campaign must meet.
pub(crate) const KINDS: [&str; 41] = [
    "database being made",
    "log append",
    "log sync",
    "log roll",
    "spare",
    "segment recycle",
    "prune",
    "window move",
    "checkpoint slice",
    "page reuse",
    "slice sync",
    "table image",
    "table switch record",
    "table map",
    "table growth",
    "manifest slot 0",
    "manifest slot 1",
    "between the manifest slots",
    "abandoned checkpoint, then the next",
    "bulk load",
    "write session",
    "session with a witness",
    "session of given accesses",
    "commit that does not wait",
    "commit that nobody waits for",
    "overlay",
    "overlay with a child",
    "overlay beside a fork",
    "what a lost overlay had",
    "read at an old root",
    "rollback",
    "rollback of a session",
    "rollback of an overlay",
    "recovery",
    "recovery crashed again",
    "recovery that checkpoints",
    "torn tail cut",
    "cut and the identical commit again",
    "restart and the same prefix rewritten",
    "process crash, then power loss",
    "read",
];

/// Crash points by kind; one may be of several.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) crash_points: u64,
    counts: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, kinds: &BTreeSet<&'static str>) {
        for kind in kinds {
            assert!(KINDS.contains(kind), "a kind that no campaign must meet: {kind}");
            *self.counts.entry(kind).or_default() += 1;
        }
    }

    /// Kinds that no crash met.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        KINDS.into_iter().filter(|kind| !self.counts.contains_key(kind)).collect()
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:>9} crash points, of which:", self.crash_points)?;
        for kind in KINDS {
            writeln!(f, "{:>9} {kind}", self.counts.get(kind).copied().unwrap_or_default())?;
        }
        Ok(())
    }
}

/// What a file of the log is at some point of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    Spare,
    Live,
    Retired,
}

/// Follows a trace.
#[derive(Debug, Default)]
struct Follower {
    segments: BTreeMap<String, Segment>,
    pages_written: BTreeSet<u64>,
    /// Of the last change of each file, for its sync.
    last: BTreeMap<String, &'static str>,
    /// Writes to the manifest since something else was done.
    manifest_writes: u32,
    tables: BTreeSet<String>,
    wrote_pages_since_open: bool,
}

/// The files as a life finds them.
#[derive(Debug, Default, Clone)]
pub(crate) struct Before {
    files: BTreeMap<String, Vec<u8>>,
}

impl Before {
    pub(crate) fn of(disk: &SimDisk) -> Self {
        let heads = disk.list().into_iter().filter_map(|name| {
            let mut bytes = disk.read_file(&name)?;
            if name.starts_with("seglog-") {
                bytes.truncate(64);
            } else if name != "beatree.pages" {
                bytes.clear();
            }
            Some((name, bytes))
        });
        Self { files: heads.collect() }
    }
}

/// The kinds of the crash that ends this trace.
pub(crate) fn kinds_of(
    trace: &[TraceEntry],
    before: &Before,
    doing: &Doing,
    profile: &Profile,
    life: usize,
) -> BTreeSet<&'static str> {
    let mut follower = Follower::new(before);
    let mut kinds = BTreeSet::new();
    let Some((crash, done)) = trace.split_last() else { return kinds };
    for entry in done {
        follower.follow(entry);
    }
    let pages_before = follower.wrote_pages_since_open;
    let kind = follower.follow(crash);
    kinds.insert(kind);
    if follower.tables.len() > 1 && crash.file.starts_with("bitbox-") {
        kinds.insert("table growth");
    }
    let is_page = crash.file == "beatree.pages" && crash.operation == Operation::Write;
    if is_page && kind == "page reuse" {
        kinds.insert("checkpoint slice");
    }
    if crash.file == "MANIFEST" && follower.manifest_writes == 2 {
        kinds.insert("between the manifest slots");
    }
    if matches!(kind, "prune" | "segment recycle") && profile.commits_max < 100 {
        kinds.insert("window move");
    }
    let is_checkpoint = crash.file == "beatree.pages"
        || crash.file.starts_with("bitbox-")
        || crash.file == "MANIFEST";
    let writes = !matches!(crash.operation, Operation::Read | Operation::Open | Operation::Length);
    if doing.abandoned && is_checkpoint && writes && !doing.opening {
        kinds.insert("abandoned checkpoint, then the next");
    }
    if doing.rollback && crash.file.starts_with("seglog-") && profile.shape != Shape::Full {
        kinds.insert("rollback");
    }
    if !doing.opening {
        kinds.extend(doing.kinds.iter().copied());
    }
    if doing.opening {
        match (before.files.is_empty(), life) {
            (true, _) => drop(kinds.insert("database being made")),
            (false, 0 | 1) => drop(kinds.insert("recovery")),
            (false, _) => drop(kinds.insert("recovery crashed again")),
        }
        if !before.files.is_empty() && (pages_before || follower.wrote_pages_since_open) {
            kinds.insert("recovery that checkpoints");
        }
    }
    if doing.cut_and_again {
        kinds.insert("cut and the identical commit again");
    }
    if doing.rewritten {
        kinds.insert("restart and the same prefix rewritten");
    }
    kinds
}

impl Follower {
    fn new(before: &Before) -> Self {
        let mut follower = Self::default();
        for (name, bytes) in &before.files {
            if name.starts_with("seglog-") {
                let is_live = bytes.iter().any(|byte| *byte != 0);
                let segment = if is_live { Segment::Live } else { Segment::Spare };
                follower.segments.insert(name.clone(), segment);
            } else if name == "beatree.pages" {
                follower.pages_written.extend(0..bytes.len() as u64 / PAGE_BYTES);
            } else if name.starts_with("bitbox-") {
                follower.tables.insert(name.clone());
            }
        }
        follower
    }

    fn follow(&mut self, entry: &TraceEntry) -> &'static str {
        let file = entry.file.as_str();
        match (entry.operation, file) {
            (Operation::Lock, _) => self.wrote_pages_since_open = false,
            (Operation::Create, name) if name.starts_with("bitbox-") => {
                self.tables.insert(name.to_owned());
            }
            (Operation::Remove, name) => drop(self.tables.remove(name)),
            _ => {}
        }
        if entry.operation != Operation::SyncData && file != "MANIFEST" {
            self.manifest_writes = 0;
        }
        let kind = match entry.operation {
            Operation::Read | Operation::Open | Operation::Length | Operation::List => "read",
            Operation::SyncData if file == "beatree.pages" => "slice sync",
            Operation::SyncData => match self.last.get(file) {
                Some(&"log append") => "log sync",
                Some(kind) => kind,
                None => "log sync",
            },
            Operation::SyncDirectory => self.last.get("").copied().unwrap_or("spare"),
            Operation::Lock | Operation::Queue | Operation::OpenDirectory => "read",
            _ if file.starts_with("seglog-") => self.log(entry),
            _ if file.starts_with("MANIFEST") => self.manifest(entry),
            _ if file == "beatree.pages" => self.page(entry),
            _ => Self::table(entry),
        };
        if !matches!(entry.operation, Operation::SyncData | Operation::Read) {
            self.last.insert(file.to_owned(), kind);
            self.last.insert(String::new(), kind);
        }
        kind
    }

    fn log(&mut self, entry: &TraceEntry) -> &'static str {
        let name = entry.file.clone();
        let segment = self.segments.get(&name).copied();
        let is_zeros = entry.operation == Operation::ZeroFill;
        let (now, kind) = match (entry.operation, segment) {
            (Operation::Remove, _) => {
                self.segments.remove(&name);
                return "prune";
            }
            (Operation::Create, _) => (Segment::Spare, "spare"),
            (_, None | Some(Segment::Spare)) if is_zeros => (Segment::Spare, "spare"),
            (_, Some(Segment::Retired)) if is_zeros => (Segment::Spare, "segment recycle"),
            (_, Some(Segment::Live)) if is_zeros && entry.offset_bytes == 0 => {
                (Segment::Retired, "prune")
            }
            (_, Some(_)) if is_zeros => (Segment::Live, "torn tail cut"),
            (_, Some(Segment::Spare)) if entry.offset_bytes == 0 => (Segment::Live, "log roll"),
            _ => (Segment::Live, "log append"),
        };
        self.segments.insert(name, now);
        kind
    }

    fn manifest(&mut self, entry: &TraceEntry) -> &'static str {
        if entry.operation != Operation::Write || entry.file != "MANIFEST" {
            return "database being made";
        }
        self.manifest_writes += 1;
        if entry.offset_bytes == 0 { "manifest slot 0" } else { "manifest slot 1" }
    }

    fn page(&mut self, entry: &TraceEntry) -> &'static str {
        self.wrote_pages_since_open = true;
        let first = entry.offset_bytes / PAGE_BYTES;
        let pages = first..first + entry.len_bytes.div_ceil(PAGE_BYTES);
        let is_reuse = entry.operation == Operation::Write
            && pages.clone().any(|page| self.pages_written.contains(&page));
        self.pages_written.extend(pages);
        if is_reuse { "page reuse" } else { "checkpoint slice" }
    }

    /// Tables of a few hundred buckets: a header, one page of the map, two areas of two pages, buckets.
    fn table(entry: &TraceEntry) -> &'static str {
        match (entry.operation, entry.offset_bytes / PAGE_BYTES) {
            (Operation::Write, 1) => "table map",
            (Operation::Write, 2..6) => "table switch record",
            (Operation::Write, 6..) => "table image",
            _ => "database being made",
        }
    }
}

/// A campaign fails for want of a single kind, whichever it is.
#[test]
fn a_kind_that_no_crash_met_is_missing() {
    for left_out in KINDS {
        let mut tally = Tally::default();
        assert_eq!(tally.missing(), KINDS);
        tally.add(&KINDS.into_iter().filter(|kind| *kind != left_out).collect());
        assert_eq!(tally.missing(), [left_out]);
        assert!(tally.to_string().contains(&format!("        0 {left_out}")));
        tally.add(&BTreeSet::from([left_out]));
        assert_eq!(tally.missing(), [""; 0]);
    }
}
