//! Any operation may fail while a session is committed and a chain of overlays after it: the error is typed, nothing
//! acknowledged is lost, and when the failure was clean the same overlays are committed on a second try.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::panic, reason = "a test fails by panicking")]

use bmt::{
    CommitError, Db, GrayPaper, Hash, Options, Overlay, PreparedSession, StateKey, WriteOptions,
};
use bmt_io::{Fault, SimDisk, When};

fn options() -> Options {
    let options = Options::new().seed(1).memory_bytes(1 << 20).log_segment_bytes(16 << 10);
    options.checkpoint_log_bytes(20_000)
}

fn open(disk: &SimDisk) -> Db {
    Db::open_in(disk.directory(), &options()).unwrap()
}

fn prepare(db: &Db, parent: Option<&Overlay<GrayPaper>>, n: u8) -> PreparedSession<GrayPaper> {
    let options = parent.map_or_else(WriteOptions::new, |parent| WriteOptions::new().on(parent));
    let mut session = db.begin_write_with(&options).unwrap();
    session.insert(StateKey::component(n), vec![n; 6_000]).unwrap();
    session.insert(StateKey::component(0), [n]).unwrap();
    session.prepare().unwrap()
}

/// A session to be committed, and overlays on it.
struct Chain {
    steps: Vec<Overlay<GrayPaper>>,
}

impl Chain {
    fn new(db: &Db) -> Self {
        let mut steps: Vec<Overlay<GrayPaper>> = Vec::new();
        for n in 1..=6 {
            let step = prepare(db, steps.last(), n).into_overlay();
            steps.push(step);
        }
        Self { steps }
    }

    fn roots(&self) -> Vec<Hash> {
        self.steps.iter().map(Overlay::root).collect()
    }

    /// Commits what is left of it; how it ended.
    fn commit(&self) -> Result<(), CommitError> {
        let mut left = self.steps.iter().filter(|step| !step.is_committed());
        left.try_for_each(|step| step.commit().map(drop))
    }
}

/// What a failure leaves, at one operation. Whether it was clean; `None` if nothing failed.
fn fail_at(number: u64, fault: Fault) -> Option<bool> {
    let disk = SimDisk::new(1);
    let db = open(&disk);
    let chain = Chain::new(&db);
    let number = disk.operation_count() + number;
    disk.inject(When::Number(number), fault);
    let failed = chain.commit().err()?;
    assert_eq!(disk.clear_faults(), 0);
    let acknowledged = db.sequence();
    let shown = usize::try_from(acknowledged).unwrap();
    assert_eq!(chain.steps.iter().filter(|step| step.is_committed()).count(), shown);
    // Reads go on.
    for (n, step) in (1_u8..).zip(&chain.steps) {
        assert_eq!(step.get(&StateKey::component(0)).unwrap().unwrap(), [n][..]);
        assert_eq!(step.begin_read().root(), step.root());
    }
    let is_clean = match failed {
        CommitError::NoSpace { .. } | CommitError::BufferFull { .. } | CommitError::Read(_) => true,
        CommitError::OutcomeUnknown { sequence, .. } => {
            assert_eq!(sequence, acknowledged + 1);
            false
        }
        CommitError::Poisoned { .. } => false,
        other => panic!("operation {number}: {other}"),
    };
    match chain.commit() {
        Ok(()) => {
            assert!(is_clean, "operation {number}");
            assert_eq!((db.sequence(), db.root()), (6, chain.roots()[5]));
        }
        Err(CommitError::Poisoned { .. }) => assert!(!is_clean, "operation {number}"),
        Err(other) => panic!("operation {number}: {other}"),
    }
    let (least, roots) = (db.sequence(), chain.roots());
    drop((chain, db));
    for disk in [disk.process_crash(), disk.power_loss(number)] {
        let db = open(&disk);
        let held = db.sequence();
        assert!((least..=least + 1).contains(&held), "operation {number}: {held} of {least}");
        let root =
            held.checked_sub(1).map_or(bmt::EMPTY_ROOT, |at| roots[usize::try_from(at).unwrap()]);
        assert_eq!(db.root(), root);
        prepare(&db, None, 9).commit().unwrap();
        assert!(db.check(|_| {}).unwrap().findings.is_empty());
    }
    Some(is_clean)
}

#[test]
fn each_operation_in_turn() {
    let disk = SimDisk::new(1);
    let db = open(&disk);
    let chain = Chain::new(&db);
    let before = disk.operation_count();
    chain.commit().unwrap();
    let count = disk.operation_count() - before;
    drop((chain, db));
    assert!(count > 60, "with checkpoints: {count}");
    let faults = [Fault::Error, Fault::NoSpace];
    let numbers = (0..count).flat_map(|number| faults.map(|fault| (number, fault)));
    let failed = numbers.filter_map(|(number, fault)| fail_at(number, fault)).count();
    assert!(failed > 20, "most faults are met: {failed}");
}

/// The disk is full somewhere in the chain: with more space the same overlays are committed.
#[test]
fn a_full_disk_is_a_clean_end() {
    let mut refused = 0;
    for free_bytes in (0..200).map(|at| at * 1_500) {
        let disk = SimDisk::new(1);
        let db = open(&disk);
        let chain = Chain::new(&db);
        let files = disk.list().into_iter().map(|name| disk.read_file(&name).unwrap().len() as u64);
        disk.set_capacity_bytes(Some(files.sum::<u64>() + free_bytes));
        if let Err(error) = chain.commit() {
            let is_clean =
                matches!(error, CommitError::NoSpace { .. } | CommitError::BufferFull { .. });
            assert!(is_clean, "{free_bytes}: {error}");
            refused += 1;
            let committed = usize::try_from(db.sequence()).unwrap();
            // It opens though it is full still: there is room in memory.
            assert_eq!(open(&disk.power_loss_losing_all()).sequence(), db.sequence());
            let tip = chain.steps[5].begin_read();
            assert_eq!(tip.get(&StateKey::component(0)).unwrap().unwrap(), [6][..]);
            // A fork on the refused step, beside the ones that are there.
            let fork = prepare(&db, Some(&chain.steps[committed]), 7).into_overlay();
            assert!(matches!(fork.commit(), Err(CommitError::ParentNotCommitted(_))));
            disk.set_capacity_bytes(None);
            chain.commit().unwrap();
        }
        assert_eq!((db.sequence(), db.root()), (6, chain.roots()[5]));
        disk.set_capacity_bytes(None);
        db.close().unwrap();
        let db = open(&disk.power_loss_losing_all());
        assert_eq!((db.sequence(), db.root()), (6, chain.roots()[5]));
        assert!(db.check(|_| {}).unwrap().findings.is_empty());
    }
    assert!(refused > 5, "some are too small: {refused}");
}
