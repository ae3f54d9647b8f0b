//! A map whose commits are records of a log, with undo, without any database.
//!
//! Run it with `cargo run -p bmt-rollback --example undo`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use bmt_io::SimDisk;
use bmt_rollback::{Plan, SeglogRecords, UndoStep, Window, plan, plan_to};
use bmt_seglog::{Log, LogOptions};
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

type State = BTreeMap<[u8; 4], Arc<[u8]>>;

/// Something that tells states apart; a database has a Merkle root here.
fn root(state: &State) -> [u8; 32] {
    let mut root = [0_u8; 32];
    for (at, byte) in state.iter().flat_map(|(key, value)| key.iter().chain(&**value)).enumerate() {
        root[at % 32] = root[at % 32].wrapping_mul(31).wrapping_add(*byte);
    }
    root
}

fn commit(
    log: &Log,
    window: &mut Window,
    state: &mut State,
    changes: &[(&[u8; 4], Option<&[u8]>)],
) -> Result<(), Box<dyn Error>> {
    let before = root(state);
    let mut step = UndoStep::new(window.head(), before);
    for (key, value) in changes {
        let replaced = match value {
            Some(value) => state.insert(**key, Arc::from(*value)),
            None => state.remove(*key),
        };
        step.replaced.push((**key, replaced));
    }
    let record = step.encode();
    let position = log.append_sync(&record)?;
    window.push(position.sequence, record.len() as u64, Some(before));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let log = Log::create(SimDisk::new(1).directory(), LogOptions::new(0x5eed))?;
    let mut window = Window::new(100, 1 << 20);
    let mut state = State::new();
    commit(&log, &mut window, &mut state, &[(b"blue", Some(b"1")), (b"pink", Some(b"2"))])?;
    let first = (state.clone(), root(&state));
    commit(&log, &mut window, &mut state, &[(b"blue", None)])?;
    commit(&log, &mut window, &mut state, &[(b"pink", Some(b"3"))])?;

    let records = SeglogRecords::new(&log);
    let old: Plan<[u8; 4]> = plan_to(&window, &records, root(&state), &first.1, 1 << 20)?;
    println!("{} commits ago, {} keys had other values", old.count, old.changes.len());
    assert_eq!(old.count, 2);

    let back = plan(&window, &records, 2)?;
    for (key, value) in &back.changes {
        match value {
            Some(value) => state.insert(*key, Arc::clone(value)),
            None => state.remove(key),
        };
    }
    // A record of its own makes the rollback durable.
    let record = log.append_sync(b"rollback of 2")?;
    window.rewind(back.restored, 13);
    println!("record {} undoes two commits; {} can still be undone", record.sequence, window.len());
    assert_eq!((state, window.len()), (first.0, 1));
    Ok(())
}
