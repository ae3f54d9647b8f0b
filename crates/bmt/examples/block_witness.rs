//! A block is imported with a witness, and a verifier that has no state does the same from the witness alone.
//!
//! Prints:
//! ```text
//! block 1: 3 transfers, witness of … bytes
//! the verifier finds the same root
//! a witness with one byte changed is refused
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Db, GrayPaper, Hash, Lookup, StateKey, Witness, WriteOptions};
use std::error::Error;

/// Who pays whom how much.
type Transfer = (&'static str, &'static str, u64);

const BLOCK: [Transfer; 3] = [("alice", "bob", 5), ("bob", "carol", 15), ("carol", "alice", 1)];

fn account(name: &str) -> StateKey {
    StateKey::service_storage(7, name.as_bytes())
}

fn amount(value: Option<&[u8]>) -> u64 {
    value.and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// The node: reads and writes go through a session, which notes them.
fn import(db: &Db) -> Result<(Hash, Vec<u8>), Box<dyn Error>> {
    let mut session = db.begin_write_with(&WriteOptions::new().witness(true))?;
    for (from, to, sum) in BLOCK {
        let (from, to) = (account(from), account(to));
        let left = amount(session.get(&from)?.as_deref()).checked_sub(sum).ok_or("too little")?;
        session.insert(from, left.to_le_bytes())?;
        let right = amount(session.get(&to)?.as_deref()) + sum;
        session.insert(to, right.to_le_bytes())?;
    }
    let prepared = session.prepare()?;
    let witness = prepared.witness().ok_or("it was asked for")?.encode();
    Ok((prepared.commit()?.root, witness))
}

/// The verifier: the root before, the block, the witness; no database.
fn replay(before: &Hash, bytes: &[u8]) -> Result<Hash, Box<dyn Error>> {
    let witness = Witness::<GrayPaper>::decode(bytes)?;
    let state = witness.verify(before)?;
    let mut written = std::collections::BTreeMap::new();
    for (from, to, sum) in BLOCK {
        for (key, is_payer) in [(account(from), true), (account(to), false)] {
            let had = match (written.get(&key), state.get(&key)) {
                (Some(had), _) => *had,
                (None, Lookup::Value(value)) => amount(Some(value)),
                (None, Lookup::Absent) => 0,
                (None, _) => return Err("the witness does not know an account".into()),
            };
            let has = if is_payer { had.checked_sub(sum) } else { had.checked_add(sum) };
            written.insert(key, has.ok_or("too little")?);
        }
    }
    let values = written.into_iter().map(|(key, has)| (key, has.to_le_bytes()));
    let values: Vec<_> = values.collect();
    Ok(state.apply(values.iter().map(|(key, value)| (*key, Some(value.as_slice()))))?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let db = Db::open(directory.path())?;
    for number in 0..1000_u32 {
        db.insert(account(&format!("account {number}")), 7_u64.to_le_bytes())?;
    }
    db.insert(account("alice"), 100_u64.to_le_bytes())?;
    db.insert(account("bob"), 10_u64.to_le_bytes())?;
    let before = db.commit()?.root;

    let (after, mut witness) = import(&db)?;
    println!("block 1: {} transfers, witness of {} bytes", BLOCK.len(), witness.len());
    assert_eq!(replay(&before, &witness)?, after);
    println!("the verifier finds the same root");

    let middle = witness.len() / 2;
    witness[middle] ^= 1;
    assert!(replay(&before, &witness).is_err());
    println!("a witness with one byte changed is refused");
    Ok(())
}
