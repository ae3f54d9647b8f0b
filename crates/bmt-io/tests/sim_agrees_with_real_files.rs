//! Random operations give the same results on the simulated disk as on real files.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_io::{Backend, Directory, IoError, IoOptions, SimDisk, open_directory};
use quickcheck::{Arbitrary, Gen, QuickCheck};
use std::sync::Arc;

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Step {
    Create(usize),
    Remove(usize),
    Rename(usize, usize),
    Write(usize, u64, Vec<u8>),
    Read(usize, u64, usize),
    SetLen(usize, u64),
    ZeroFill(usize, u64, u64),
    Sync(usize),
    List,
}

impl Arbitrary for Step {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut below = |bound: u64| u64::arbitrary(g) % bound;
        let mut name = || usize::try_from(below(3)).unwrap();
        let (first, second) = (name(), name());
        let (offset_bytes, len_bytes, kind) = (below(5000), below(2000), below(14));
        let len = usize::try_from(len_bytes).unwrap();
        match kind {
            0..3 => Self::Create(first),
            3 => Self::Remove(first),
            4 => Self::Rename(first, second),
            5..8 => Self::Write(first, offset_bytes, vec![u8::arbitrary(g); len]),
            8..10 => Self::Read(first, offset_bytes, len),
            10 => Self::SetLen(first, offset_bytes),
            11 => Self::ZeroFill(first, offset_bytes, len_bytes),
            12 => Self::Sync(first),
            _ => Self::List,
        }
    }
}

/// What a step returns, errors by their kind.
fn run(directory: &Arc<dyn Directory>, step: &Step) -> Result<Vec<u8>, String> {
    let name = |at: &usize| NAMES[*at];
    let done = |()| Vec::new();
    let outcome = match step {
        Step::Create(at) => directory.create(name(at)).map(|_| Vec::new()),
        Step::Remove(at) => directory.remove(name(at)).map(done),
        Step::Rename(from, to) => directory.rename(name(from), name(to)).map(done),
        Step::Write(at, offset_bytes, bytes) => directory
            .open(name(at))
            .and_then(|file| file.write_all_at(bytes, *offset_bytes))
            .map(done),
        Step::Read(at, offset_bytes, len) => directory.open(name(at)).and_then(|file| {
            let mut bytes = vec![0; *len];
            file.read_exact_at(&mut bytes, *offset_bytes)?;
            Ok(bytes)
        }),
        Step::SetLen(at, len_bytes) => {
            directory.open(name(at)).and_then(|file| file.set_len(*len_bytes)).map(done)
        }
        Step::ZeroFill(at, offset_bytes, len_bytes) => directory
            .open(name(at))
            .and_then(|file| file.zero_fill(*offset_bytes, *len_bytes))
            .map(done),
        Step::Sync(at) => {
            let synced = directory.open(name(at)).and_then(|file| file.sync_data());
            synced.and_then(|()| directory.sync()).map(done)
        }
        Step::List => directory.entries().map(|names| names.concat().into_bytes()),
    };
    outcome.map_err(|error| match error {
        IoError::UnexpectedEnd { read_bytes, .. } => format!("end after {read_bytes}"),
        IoError::NotFound { .. } => "not found".to_owned(),
        IoError::AlreadyExists { .. } => "already exists".to_owned(),
        other => other.to_string(),
    })
}

fn agrees(steps: Vec<Step>) -> bool {
    let path = tempfile::tempdir().unwrap();
    let options = IoOptions { backend: Backend::Threads, ..IoOptions::default() };
    let real = open_directory(path.path(), &options).unwrap();
    let disk = SimDisk::new(1);
    let sim = disk.directory();
    let same = steps.iter().all(|step| run(&real, step) == run(&sim, step));
    let contents = real
        .entries()
        .unwrap()
        .iter()
        .all(|name| std::fs::read(path.path().join(name)).ok() == disk.read_file(name));
    // And what is synced at the end is what a power loss leaves.
    for name in sim.entries().unwrap() {
        sim.open(&name).unwrap().sync_data().unwrap();
    }
    sim.sync().unwrap();
    let kept = disk.power_loss(7);
    let durable = disk.list() == kept.list()
        && disk.list().iter().all(|name| disk.read_file(name) == kept.read_file(name));
    same && contents && durable
}

#[test]
fn on_random_operations() {
    QuickCheck::new().tests(150).quickcheck(agrees as fn(Vec<Step>) -> bool);
}
