//! A small run compared with a model in every key, value and root, before anything is timed.

use super::{setup, verify};
use crate::engine::{self, Outcome};
use crate::job::{Costs, Job, Report, Violation};
use crate::meter::syncs::Syncs;
use crate::reference_root::reference_root;
use crate::workload::{Batch, Generator, Key, Mix, OpKind, Pick, expect, load_batches};
use std::collections::BTreeMap;

/// Commits after the load.
const COMMITS: u64 = 5;
/// Operations in each.
const BATCH_OPS: u64 = 2_000;

pub(super) fn against_model(job: &Job) -> Outcome<Report> {
    let mut engine = engine::open(job.engine, &setup(job))?;
    let mut model: BTreeMap<Key, Vec<u8>> = BTreeMap::new();
    let mut loaded = Ok(());
    load_batches(job.dataset, 10 * BATCH_OPS, |batch| {
        apply(batch, &mut model);
        if loaded.is_ok() {
            loaded = engine.commit(batch, false).map(drop);
        }
    });
    loaded?;

    let generator = || Generator::new(job.dataset, Mix::Mixed, Pick::Uniform, BATCH_OPS, job.seed);
    let mut report = Report::default();
    let mut undurable = 0;
    let mut not_found = 0;
    let mut stream = generator();
    let mut batch = Batch::default();
    for commit in 1..=COMMITS {
        stream.next_into(&mut batch);
        apply(&batch, &mut model);
        let before = Syncs::now();
        let done = engine.commit(&batch, false)?;
        undurable += u64::from(Syncs::now() == before && !engine.syncs_through_ring());
        not_found += batch.read_count() - done.found_count;
        if let Some((scheme, found)) = job.engine.scheme().zip(engine.root()) {
            let entries: Vec<_> = model.iter().map(|(key, value)| (*key, value.clone())).collect();
            let expected = reference_root(scheme, &entries);
            report.roots.push((commit, verify::hex(&found)));
            if found != expected {
                let (expected, found) = (verify::hex(&expected), verify::hex(&found));
                report.violations.push(Violation::WrongRoot { commit, expected, found });
            }
        }
    }
    if undurable > 0 {
        report.violations.push(Violation::NotDurable { commit_count: undurable, of: COMMITS });
    }
    if not_found > 0 {
        report.violations.push(Violation::ReadsNotFound { count: not_found });
    }
    engine.flush()?;
    engine.close()?;

    let mut engine = engine::open(job.engine, &setup(job))?;
    let expected = expect::after(generator(), &job.dataset, COMMITS, 1);
    report.violations.extend(verify::matches(engine.as_mut(), &job.dataset, &expected)?);
    report.notes = engine.notes();
    engine.close()?;
    report.costs =
        Costs { commit_count: COMMITS, key_count: model.len() as u64, ..Costs::default() };
    Ok(report)
}

fn apply(batch: &Batch, model: &mut BTreeMap<Key, Vec<u8>>) {
    for op in batch.ops() {
        match op.kind {
            OpKind::Read => {}
            OpKind::Put => drop(model.insert(op.key, batch.value(op).to_vec())),
            OpKind::Delete => drop(model.remove(&op.key)),
        }
    }
}
