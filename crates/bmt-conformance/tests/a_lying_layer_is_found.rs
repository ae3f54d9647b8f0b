//! The runner sees every kind of lie that a layer can tell.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_conformance::backend::{
    Backend, BackendError, BackendFactory, ReferenceLayer, TrieLayer, core_layers,
};
use bmt_conformance::chain::{Op, Value};
use bmt_conformance::corpus::{Case, Corpus, KnownProof, Step};
use bmt_conformance::report::Report;
use bmt_conformance::runner::{self, Effort};
use bmt_core::{GrayPaper, Hash, StateKey, Trie};

#[derive(Clone, Copy, PartialEq, Debug)]
enum Lie {
    RootAfterCommit,
    RootAfterReopening,
    ValueOfPresentKey,
    PresenceOfAbsentKey,
    MissingKey,
    ProofOfOtherKey,
    ProofWithTrailingByte,
    OldProof,
    MissingEntry,
    UnsortedEntries,
    Failure,
}

const LIES: [Lie; 11] = [
    Lie::RootAfterCommit,
    Lie::RootAfterReopening,
    Lie::ValueOfPresentKey,
    Lie::PresenceOfAbsentKey,
    Lie::MissingKey,
    Lie::ProofOfOtherKey,
    Lie::ProofWithTrailingByte,
    Lie::OldProof,
    Lie::MissingEntry,
    Lie::UnsortedEntries,
    Lie::Failure,
];

/// An honest trie that tells one lie.
struct Liar {
    lie: Option<Lie>,
    honest: Box<dyn Backend>,
    old_proof: Option<Vec<u8>>,
}

struct LiarLayer(Option<Lie>);

impl BackendFactory for LiarLayer {
    fn name(&self) -> &str {
        "liar"
    }

    fn open(&self) -> Result<Box<dyn Backend>, BackendError> {
        let honest = TrieLayer.open()?;
        Ok(Box::new(Liar { lie: self.0, honest, old_proof: None }))
    }
}

impl Liar {
    fn lies(&self, lie: Lie) -> bool {
        self.lie == Some(lie)
    }
}

fn next(key: &StateKey) -> StateKey {
    let mut bytes = key.to_bytes();
    bytes[0] ^= 0xff;
    StateKey::new(bytes)
}

impl Backend for Liar {
    fn apply(&mut self, ops: &[Op]) -> Result<Hash, BackendError> {
        if self.lies(Lie::Failure) {
            return Err(BackendError::new("no space"));
        }
        let mut root = self.honest.apply(ops)?;
        root[31] ^= u8::from(self.lies(Lie::RootAfterCommit));
        Ok(root)
    }

    fn reopen(&mut self) -> Result<Hash, BackendError> {
        let mut root = self.honest.reopen()?;
        root[0] ^= 0x80 * u8::from(self.lies(Lie::RootAfterReopening));
        Ok(root)
    }

    fn get(&mut self, key: &StateKey) -> Result<Option<Value>, BackendError> {
        let value = self.honest.get(key)?;
        Ok(match value {
            Some(_) if self.lies(Lie::ValueOfPresentKey) => Some(b"other".as_slice().into()),
            Some(_) if self.lies(Lie::MissingKey) => None,
            None if self.lies(Lie::PresenceOfAbsentKey) => Some(b"".as_slice().into()),
            value => value,
        })
    }

    fn prove(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, BackendError> {
        let mut proof = self.honest.prove(key)?;
        if self.lies(Lie::ProofOfOtherKey) {
            proof = self.honest.prove(&next(key))?;
        }
        if self.lies(Lie::ProofWithTrailingByte) {
            proof.iter_mut().for_each(|bytes| bytes.push(0));
        }
        if self.lies(Lie::OldProof) {
            return Ok(Some(self.old_proof.get_or_insert(proof.unwrap_or_default()).clone()));
        }
        Ok(proof)
    }

    fn entries(&mut self) -> Result<Vec<(StateKey, Value)>, BackendError> {
        let mut entries = self.honest.entries()?;
        if self.lies(Lie::MissingEntry) {
            entries.pop();
        }
        if self.lies(Lie::UnsortedEntries) {
            entries.reverse();
        }
        Ok(entries)
    }
}

fn key(n: u8) -> StateKey {
    StateKey::service_storage(7, &[n])
}

/// Two commits, the second with a wrong root if asked.
fn corpus(root_is_wrong: bool) -> Corpus {
    let mut trie = Trie::<GrayPaper>::new();
    let mut steps = Vec::new();
    for commit in 0..2 {
        let ops: Vec<Op> = {
            let mut ops: Vec<Op> = (0..10)
                .map(|n| (key(10 * commit + n), Some(vec![n; usize::from(n) * 7].into())))
                .collect();
            ops.sort_by_key(|(key, _)| *key);
            ops
        };
        for (key, value) in &ops {
            trie.insert(*key, value.clone().unwrap());
        }
        let mut root = trie.root();
        root[5] ^= u8::from(root_is_wrong && commit == 1);
        let (at, key_count) = (format!("commit {commit}"), Some(trie.len()));
        steps.push(Step { at, ops, root, key_count, proofs: Vec::new() });
    }
    Corpus { cases: vec![Case::from_steps("folder", "case", steps)], skipped: Vec::new() }
}

fn run(corpus: &Corpus, layers: Vec<Box<dyn BackendFactory>>) -> Report {
    runner::run(corpus, &layers, Effort::default(), &mut |_| ())
}

#[test]
fn an_honest_layer_passes() {
    let report = run(&corpus(false), vec![Box::new(LiarLayer(None)), Box::new(ReferenceLayer)]);
    assert!(report.passed, "{report}");
    assert_eq!((report.cases_passed(), report.cases_failed()), (1, 0));
    let tally = report.total(0);
    assert_eq!((tally.roots, tally.present_proofs, tally.listings), (2, 10 + 20, 2));
    assert!(tally.absent_proofs > 60 && tally.reads == tally.present_proofs + tally.absent_proofs);
}

#[test]
fn every_lie_is_found_and_blamed_on_its_layer() {
    for lie in LIES {
        let report = run(&corpus(false), vec![Box::new(TrieLayer), Box::new(LiarLayer(Some(lie)))]);
        assert!(!report.passed, "{lie:?}");
        assert_eq!(report.failure_count, 1, "{lie:?}: the layer is taken out of the case");
        assert_eq!(report.failures[0].layer.as_deref(), Some("liar"), "{lie:?}");
        assert_eq!(report.total(0).roots, 2, "the honest layer runs to the end");
    }
}

#[test]
fn a_wrong_root_in_the_corpus_fails_on_every_layer_at_its_step() {
    let report = run(&corpus(true), core_layers());
    assert!(!report.passed);
    assert_eq!((report.failure_count, report.cases_failed()), (2, 1));
    for failure in &report.failures {
        assert_eq!(
            (&*failure.folder, &*failure.case, &*failure.at),
            ("folder", "case", "commit 1")
        );
    }
}

#[test]
fn a_wrong_key_count_and_a_wrong_known_proof_fail() {
    let known = KnownProof { key: key(1), value: None, siblings: Vec::new(), terminal: None };
    let step = |key_count, proofs| Step {
        at: "empty".to_owned(),
        ops: Vec::new(),
        root: [0; 32],
        key_count,
        proofs,
    };
    let case = |step| Corpus {
        cases: vec![Case::from_steps("folder", "case", vec![step])],
        skipped: Vec::new(),
    };
    let layers = || vec![Box::new(TrieLayer) as Box<dyn BackendFactory>];
    let honest = run(&case(step(Some(0), vec![known.clone()])), layers());
    assert!(honest.passed && honest.total(0).known_proofs == 1, "{honest}");
    assert!(!run(&case(step(Some(1), Vec::new())), layers()).passed);
    let wrong = KnownProof { siblings: vec![[1; 32]], ..known };
    assert!(!run(&case(step(None, vec![wrong])), layers()).passed);
}

#[test]
fn a_run_that_compares_nothing_does_not_pass() {
    let nothing = Corpus::default();
    assert!(!run(&nothing, core_layers()).passed);
    assert!(!run(&corpus(false), Vec::new()).passed);
    let empty_case =
        Corpus { cases: vec![Case::from_steps("folder", "case", Vec::new())], skipped: Vec::new() };
    assert!(!run(&empty_case, core_layers()).passed);
}

#[test]
fn only_the_first_failures_are_kept_but_all_are_counted() {
    let mut many = corpus(true);
    many.cases.extend((0..30).flat_map(|_| corpus(true).cases));
    let report = run(&many, vec![Box::new(TrieLayer)]);
    assert_eq!((report.failure_count, report.failures.len()), (31, 20));
    assert_eq!((report.cases_passed(), report.cases_failed()), (0, 31));
    assert!(report.to_string().contains("31 failures, 20 shown"));
}
