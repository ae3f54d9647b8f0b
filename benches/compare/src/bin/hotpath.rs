//! `hotpath NAME`: runs one hot path once, for callgrind to count; `hotpath io` runs a small
//! fixed workload and prints the I/O that it caused.
//!
//! The preparation is not counted: callgrind collects only inside [`hot_measured`].

use bmt_compare::engine::{self, EngineKind, Outcome, Setup};
use bmt_compare::instructions::{HOT_PATHS, IO_COMMITS};
use bmt_compare::meter::syncs::Syncs;
use bmt_compare::meter::{self};
use bmt_compare::workload::{Batch, Dataset, Generator, Mix, Pick, load_batches};
use bmt_core::{GrayPaper, PathProof, StateKey, Trie};
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;

/// Keys in the databases and tries.
const KEYS: u64 = 20_000;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["trie_insert_root"] => trie_insert_root(),
        ["trie_update_root"] => trie_update_root(),
        ["proof_prove"] => proof_prove(),
        ["proof_verify"] => proof_verify(),
        ["db_commit_1000", dir] => db_commit(Path::new(dir)),
        ["io", dir] => io(Path::new(dir)),
        _ => Err(format!("usage: hotpath NAME [DIR], one of {HOT_PATHS:?} or io").into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("hotpath: {error}");
            ExitCode::from(2)
        }
    }
}

/// The function that callgrind collects in; its name is part of the command line.
#[inline(never)]
fn hot_measured(path: &mut dyn FnMut()) {
    path();
    black_box(());
}

fn entries(count: u64) -> Vec<(StateKey, Vec<u8>)> {
    let dataset = Dataset::plain(count);
    let entry =
        |number| (StateKey::truncate(dataset.keys.key(number)), dataset.values.value(number, 0));
    (0..count).map(entry).collect()
}

fn filled() -> Trie<GrayPaper> {
    let mut trie = Trie::new();
    for (key, value) in entries(KEYS) {
        trie.insert(key, value);
    }
    black_box(trie.root());
    trie
}

fn trie_insert_root() -> Outcome<()> {
    let entries = entries(KEYS);
    hot_measured(&mut || {
        let mut trie = Trie::<GrayPaper>::new();
        for (key, value) in &entries {
            trie.insert(*key, value.clone());
        }
        black_box(trie.root());
    });
    Ok(())
}

fn trie_update_root() -> Outcome<()> {
    let mut trie = filled();
    let entries = entries(1_000);
    hot_measured(&mut || {
        for (key, value) in &entries {
            trie.insert(*key, value.iter().map(|byte| !byte).collect::<Vec<u8>>());
        }
        black_box(trie.root());
    });
    Ok(())
}

fn proof_prove() -> Outcome<()> {
    let mut trie = filled();
    let entries = entries(1_000);
    hot_measured(&mut || {
        for (key, _) in &entries {
            black_box(trie.prove(key));
        }
    });
    Ok(())
}

fn proof_verify() -> Outcome<()> {
    let mut trie = filled();
    let root = trie.root();
    let proofs: Vec<_> = entries(1_000)
        .into_iter()
        .map(|(key, value)| (trie.prove(&key).encode(), key, value))
        .collect();
    let mut failed = 0;
    hot_measured(&mut || {
        for (bytes, key, value) in &proofs {
            let verified = PathProof::<GrayPaper>::decode(bytes)
                .and_then(|proof| proof.verify_present(&root, key, value));
            failed += usize::from(verified.is_err());
        }
    });
    match failed {
        0 => Ok(()),
        count => Err(format!("{count} proofs do not verify").into()),
    }
}

/// A loaded database and the batches to commit.
fn database(dir: &Path) -> Outcome<(Box<dyn engine::Engine>, Generator)> {
    let dataset = Dataset::plain(KEYS);
    let setup = Setup { dir, dataset, memory_bytes: 512 << 20, core_count: 1 };
    let mut engine = engine::open(EngineKind::Bmt, &setup)?;
    let mut loaded = Ok(());
    load_batches(dataset, 5_000, |batch| {
        if loaded.is_ok() {
            loaded = engine.commit(batch, false).map(drop);
        }
    });
    loaded?;
    Ok((engine, Generator::new(dataset, Mix::Mixed, Pick::Uniform, 1_000, 1)))
}

fn db_commit(dir: &Path) -> Outcome<()> {
    let (mut engine, mut generator) = database(dir)?;
    let mut batch = Batch::default();
    generator.next_into(&mut batch);
    let mut done = Ok(());
    hot_measured(&mut || done = engine.commit(&batch, false).map(drop));
    done?;
    engine.close()
}

fn io(dir: &Path) -> Outcome<()> {
    let (mut engine, mut generator) = database(dir)?;
    let mut batch = Batch::default();
    let (bytes, syncs) = (meter::io_bytes(), Syncs::now());
    for _ in 0..IO_COMMITS {
        generator.next_into(&mut batch);
        engine.commit(&batch, false)?;
    }
    engine.flush()?;
    let (bytes, syncs) = (meter::io_bytes().since(bytes), Syncs::now().since(syncs));
    println!("db_commit_1000_written_bytes {}", bytes.written / IO_COMMITS);
    println!("db_commit_1000_syncs {}", syncs.total() / IO_COMMITS);
    engine.close()
}
