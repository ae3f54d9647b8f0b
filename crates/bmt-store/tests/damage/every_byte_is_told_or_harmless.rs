//! Any byte of any file of a closed database may be another one: that is told, by opening, reading,
//! proving or undoing, or it changes nothing. Never a panic, never another value.
//!
//! `BMT_DAMAGE_STRIDE` says which bytes of a block are tried: every so many-th (61 unless told; 1 for
//! all), beside the headers that blocks begin with.

use bmt_core::{GrayPaper, Hash, StateKey};
use bmt_io::SimDisk;
use bmt_store::{Db, OpenError, Options};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

const BLOCK_BYTES: usize = 4096;
const HEADER_BYTES: usize = 96;

type State = BTreeMap<StateKey, Vec<u8>>;

/// What the database holds, and what undoing everything gives.
struct Expected {
    state: State,
    root: Hash,
    undoable: usize,
    undone: State,
    undone_root: Hash,
}

/// What a change came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Opening,
    Scanning,
    Proving,
    Undoing,
    Writing,
    Harmless,
}

fn options() -> Options {
    Options::new()
        .seed(11)
        .memory_bytes(1 << 20)
        .log_segment_bytes(16 << 10)
        .checkpoint_log_bytes(12_000)
        .slice_changes_min(16)
        .rollback_commits_max(6)
}

fn state_of(db: &Db) -> State {
    let entries = db.range(..).unwrap().map(|entry| entry.unwrap());
    entries.map(|(key, value)| (key, value.to_vec())).collect()
}

/// A database with leaves, long values, free pages, a table with replaced pages, and old records.
fn made() -> (SimDisk, Expected) {
    let disk = SimDisk::new(0);
    let db: Db = Db::open_in(disk.directory(), &options()).unwrap();
    for round in 0..24_u64 {
        for index in 0..20 {
            let number = (round * 7 + index * 13) % 150;
            let key = StateKey::service_storage(2, &number.to_le_bytes());
            match (round + index) % 9 {
                0 => db.delete(&key).unwrap(),
                1 if index == 4 => db.insert(key, round.to_le_bytes().repeat(600)).unwrap(),
                _ => db
                    .insert(key, number.to_le_bytes().repeat(usize::try_from(index % 7).unwrap()))
                    .unwrap(),
            }
        }
        db.commit().unwrap();
        if round == 20 {
            db.rollback(2).unwrap();
        }
    }
    let (state, root) = (state_of(&db), db.root());
    let undoable = db.stats().undoable_commits;
    db.close().unwrap();
    let again = disk.process_crash();
    let db: Db = Db::open_in(again.directory(), &options()).unwrap();
    let undone_root = db.rollback(undoable).unwrap().root;
    let expected = Expected { state, root, undoable, undone: state_of(&db), undone_root };
    (disk, expected)
}

/// Looks at everything.
fn judge(disk: &SimDisk, expected: &Expected) -> Found {
    let db: Db = match Db::open_in(disk.directory(), &options()) {
        Ok(db) => db,
        Err(OpenError::Corruption(_)) => return Found::Opening,
        Err(OpenError::UnsupportedVersion { .. } | OpenError::UnsupportedFeatures { .. }) => {
            return Found::Opening;
        }
        Err(error) => panic!("another error: {error}"),
    };
    assert_eq!(db.root(), expected.root);
    let mut left = expected.state.iter();
    for entry in db.range(..).unwrap() {
        let Ok((key, value)) = entry else { return Found::Scanning };
        let (expected_key, expected_value) = left.next().unwrap();
        assert!(key == *expected_key && value == *expected_value, "another entry at {key:?}");
    }
    assert!(left.next().is_none(), "entries are missing");
    for (key, value) in expected.state.iter().step_by(5) {
        let Ok(proof) = db.prove(key) else { return Found::Proving };
        proof.verify_present(&expected.root, key, value).unwrap();
    }
    let stats = db.stats();
    if stats.undoable_commits < expected.undoable {
        let lost = expected.undoable - stats.undoable_commits;
        assert_eq!(stats.recovery.lost_undo_commits, lost as u64, "what can't be undone is told");
        return Found::Undoing;
    }
    assert_eq!((stats.undoable_commits, stats.recovery.lost_undo_commits), (expected.undoable, 0));
    let Ok(undone) = db.rollback(expected.undoable) else { return Found::Undoing };
    assert_eq!(undone.root, expected.undone_root);
    assert!(state_of(&db) == expected.undone, "undoing gives another state");
    db.insert(StateKey::component(9), b"more").unwrap();
    let Ok(commit) = db.commit() else { return Found::Writing };
    if db.close().is_err() {
        return Found::Writing;
    }
    let Ok(db) = Db::<GrayPaper>::open_in(disk.directory(), &options()) else {
        return Found::Writing;
    };
    assert_eq!(db.root(), commit.root);
    Found::Harmless
}

/// The bytes of a file that are tried: all but some of the blocks with something in them, a few of others.
fn offsets(bytes: &[u8], stride: usize) -> Vec<usize> {
    let mut offsets = Vec::new();
    for (block, content) in bytes.chunks(BLOCK_BYTES).enumerate() {
        let start = block * BLOCK_BYTES;
        let is_empty = content.iter().all(|byte| *byte == 0);
        let wanted = |at: &usize| match is_empty {
            true => at % 1500 == block % 1500 && block % 8 == 0,
            false => {
                let is_header = *at < HEADER_BYTES && at.is_multiple_of(3);
                is_header || (at + block).is_multiple_of(stride)
            }
        };
        offsets.extend((0..content.len()).filter(wanted).map(|at| start + at));
    }
    offsets
}

#[test]
fn wherever_it_is() {
    let stride = std::env::var("BMT_DAMAGE_STRIDE").map_or(61, |text| text.parse().unwrap());
    let (whole, expected) = made();
    assert_eq!(judge(&whole.process_crash(), &expected), Found::Harmless);
    let mut tally: BTreeMap<(String, Found), usize> = BTreeMap::new();
    for name in whole.list() {
        let bytes = whole.read_file(&name).unwrap();
        for offset in offsets(&bytes, stride) {
            let disk = whole.process_crash();
            let mut damaged = bytes.clone();
            damaged[offset] ^= [0x01, 0x80, 0xff, 0x10][offset % 4];
            disk.write_file(&name, &damaged);
            let judged = catch_unwind(AssertUnwindSafe(|| judge(&disk, &expected)));
            let found = judged.unwrap_or_else(|_| panic!("{name}: byte {offset}"));
            *tally.entry((name.clone(), found)).or_default() += 1;
        }
    }
    for ((name, found), count) in &tally {
        eprintln!("{count:>7} {found:?} {name}");
    }
    let told: usize = tally
        .iter()
        .filter(|((_, found), _)| *found != Found::Harmless)
        .map(|(_, count)| count)
        .sum();
    assert!(told > 500, "damage is told: {told}");
}
