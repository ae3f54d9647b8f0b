//! The forks of chain files on a database: each line as an overlay on that of its parent; and with rollbacks to
//! the parent, where it is behind the newest state.
#![cfg(feature = "db")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, Hash, Overlay, StateKey, WriteOptions};
use bmt_conformance::chain::{ChainLine, ChainOptions, ChainReader, ChainState, Op};
use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

fn files() -> Vec<PathBuf> {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-vectors");
    let folders = ["chains", "public"].map(|name| vectors.join(name));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    files
}

fn lines(path: &Path) -> impl Iterator<Item = ChainLine> {
    let input = BufReader::new(File::open(path).unwrap());
    let name = path.display().to_string();
    ChainReader::new(input, &name, ChainOptions::default()).unwrap().map(Result::unwrap)
}

/// The line's own changes, or for a whole state what makes it of the state before.
fn ops(line: &ChainLine, composed: Vec<Op>) -> Vec<Op> {
    if line.parent.is_some() { line.ops().collect() } else { composed }
}

fn overlay(db: &Db, parent: Option<&Overlay<GrayPaper>>, ops: &[Op]) -> Overlay<GrayPaper> {
    let options = parent.map_or_else(WriteOptions::new, |parent| WriteOptions::new().on(parent));
    let mut session = db.begin_write_with(&options).unwrap();
    for (key, change) in ops {
        match change {
            Some(value) => session.insert(*key, &**value).unwrap(),
            None => session.delete(key),
        }
    }
    session.prepare().unwrap().into_overlay()
}

/// The entries and proofs of a state.
fn check(overlay: &Overlay<GrayPaper>, state: &ChainState) {
    let found = overlay.range(..).unwrap().map(Result::unwrap);
    assert!(
        found
            .map(|(key, value)| (key, value.into()))
            .eq(state.entries().iter().map(|(key, value)| (*key, value.clone())))
    );
    let every = 1 + state.entries().len() / 20;
    for (key, value) in state.entries().iter().step_by(every) {
        overlay.prove(key).unwrap().verify_present(&overlay.root(), key, value).unwrap();
    }
    if !state.entries().contains_key(&StateKey::MAX) {
        let proof = overlay.prove(&StateKey::MAX).unwrap();
        proof.verify_absent(&overlay.root(), &StateKey::MAX).unwrap();
    }
}

#[test]
fn by_overlays() {
    let mut forks = 0;
    for path in files() {
        let directory = tempfile::tempdir().unwrap();
        let db = Db::open(directory.path()).unwrap();
        let mut state = ChainState::new();
        // The latest line of each root, with the lines it stands on, the oldest first.
        let mut branches: HashMap<Hash, Vec<Overlay<GrayPaper>>> = HashMap::new();
        let mut newest = Vec::new();
        for line in lines(&path) {
            let step = state.advance(&line).unwrap();
            forks += usize::from(step.is_fork);
            let mut branch = line.parent.map_or(newest, |parent| branches[&parent].clone());
            let next = overlay(&db, branch.last(), &ops(&line, step.ops));
            line.check_root(next.root()).unwrap();
            check(&next, &state);
            branch.push(next);
            branches.insert(line.root, branch.clone());
            newest = branch;
        }
        // The last line wins; the others are dropped.
        for overlay in &newest {
            assert_eq!(overlay.commit().unwrap().root, overlay.root());
        }
        let root = newest.last().unwrap().root();
        check(newest.last().unwrap(), &state);
        drop((branches, newest));
        db.close().unwrap();
        let db = Db::open(directory.path()).unwrap();
        assert_eq!(db.root(), root);
        check(&overlay(&db, None, &[]), &state);
    }
    assert!(forks > 5, "{forks} forks");
}

#[test]
fn by_rollbacks() {
    let (mut forks, mut rollbacks) = (0, 0);
    for path in files() {
        let directory = tempfile::tempdir().unwrap();
        let mut db = Db::open(directory.path()).unwrap();
        let mut state = ChainState::new();
        // The roots that a rollback leads to, the newest last.
        let mut line_of_roots: Vec<Hash> = Vec::new();
        for line in lines(&path) {
            let step = state.advance(&line).unwrap();
            forks += usize::from(step.is_fork);
            let parent = line.parent.filter(|_| step.is_fork);
            let at =
                parent.and_then(|parent| line_of_roots.iter().rposition(|root| *root == parent));
            let changes = match at {
                Some(at) => {
                    rollbacks += 1;
                    let count = line_of_roots.len() - 1 - at;
                    assert_eq!(db.rollback(count).unwrap().root, line_of_roots[at]);
                    line_of_roots.truncate(at + 1);
                    ops(&line, step.ops)
                }
                None => step.ops,
            };
            let next = overlay(&db, None, &changes);
            line.check_root(next.commit().unwrap().root).unwrap();
            line_of_roots.push(line.root);
            check(&next, &state);
            drop(next);
            if line.line_number % 7 == 0 {
                db.close().unwrap();
                db = Db::open(directory.path()).unwrap();
                assert_eq!(db.root(), line.root);
            }
        }
    }
    assert!(forks > 5 && rollbacks > 0, "{forks} forks, {rollbacks} rollbacks");
}
