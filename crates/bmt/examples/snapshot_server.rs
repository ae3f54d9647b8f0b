//! A server hands out one state in parts, over TCP, while commits go on; the client puts the parts together and
//! believes nothing but the root.
//!
//! Prints:
//! ```text
//! 2000 keys in 20 parts, while … commits were made
//! the root is the one that was asked for
//! ```
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use bmt::{Db, GrayPaper, Hash, ReadSession, StateKey};
use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};

const PART_ENTRIES: usize = 100;

/// Answers with up to [`PART_ENTRIES`] entries after each key that comes in, until the client hangs up.
fn serve(mut client: TcpStream, state: &ReadSession<GrayPaper>) -> Result<(), Box<dyn Error>> {
    let mut after = [0; 31];
    while client.read_exact(&mut after).is_ok() {
        let from = (Bound::Excluded(StateKey::new(after)), Bound::Unbounded);
        let mut part = Vec::new();
        for entry in state.range(from)?.take(PART_ENTRIES) {
            let (key, value) = entry?;
            part.extend_from_slice(&key.to_bytes());
            part.extend_from_slice(&u32::try_from(value.len())?.to_le_bytes());
            part.extend_from_slice(&value);
        }
        client.write_all(&u32::try_from(part.len())?.to_le_bytes())?;
        client.write_all(&part)?;
    }
    Ok(())
}

/// A whole state, and in how many parts it came.
type Fetched = (Vec<(StateKey, Vec<u8>)>, usize);

fn fetch(mut server: TcpStream) -> Result<Fetched, Box<dyn Error>> {
    let (mut entries, mut part_count) = (Vec::new(), 0);
    let mut after = [0; 31];
    loop {
        server.write_all(&after)?;
        let mut length = [0; 4];
        server.read_exact(&mut length)?;
        // A client that does not trust the server bounds this before it allocates.
        let mut part = vec![0; usize::try_from(u32::from_le_bytes(length))?];
        server.read_exact(&mut part)?;
        if part.is_empty() {
            return Ok((entries, part_count));
        }
        part_count += 1;
        let mut rest = part.as_slice();
        while let Some((head, tail)) = rest.split_first_chunk::<35>() {
            let (key, length) = head.split_at(31);
            after = key.try_into()?;
            let length = usize::try_from(u32::from_le_bytes(length.try_into()?))?;
            let (value, tail) = tail.split_at_checked(length).ok_or("a part ends early")?;
            entries.push((StateKey::new(after), value.to_vec()));
            rest = tail;
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let db = Db::open(directory.path())?;
    for number in 0..2000_u32 {
        db.insert(StateKey::service_storage(7, &number.to_le_bytes()), number.to_be_bytes())?;
    }
    let root: Hash = db.commit()?.root;
    let state = db.begin_read(); // held: what is committed later does not change it

    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let is_done = AtomicBool::new(false);
    let (entries, part_count) = std::thread::scope(|scope| {
        scope.spawn(|| listener.accept().map(|(client, _)| serve(client, &state).is_ok()));
        let commits = scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                let sequence = db.sequence();
                let key = StateKey::service_storage(7, &sequence.to_le_bytes()[..4]);
                if db.insert(key, b"later").is_err() || db.commit().is_err() {
                    break;
                }
            }
        });
        let fetched = TcpStream::connect(address).map_err(Box::from).and_then(fetch);
        is_done.store(true, Ordering::Relaxed);
        drop(commits.join());
        fetched
    })?;
    let commit_count = db.sequence() - 1;
    println!(
        "{} keys in {part_count} parts, while {commit_count} commits were made",
        entries.len()
    );
    assert_eq!(bmt_core::root_sorted::<GrayPaper, _>(&entries), root);
    println!("the root is the one that was asked for");
    Ok(())
}
