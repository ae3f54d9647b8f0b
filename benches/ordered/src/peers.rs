//! Random updates next to redb and LMDB: turns of one process each, in rotation.

use crate::Plan;
use crate::print::{figure, ratio};
use crate::turn::Turn;
use bmt_compare::engine::Outcome;
use bmt_compare::limit::Limit;
use bmt_compare::meter;
use std::path::PathBuf;
use std::process::Command;

const ENGINES: [&str; 3] = ["beatree", "redb", "lmdb"];
const MEMORY_BYTES: u64 = 512 << 20;
/// What a turn prints.
const COLUMNS: [(&str, &str); 6] = [
    ("ops", "ops/s"),
    ("p50", "ms"),
    ("p99", "ms"),
    ("flush", "s"),
    ("written", "bytes/op"),
    ("peak_mem", "MiB"),
];

/// Loads a database for each engine once, copies it for each turn, and lets them take turns.
pub(crate) fn run(plan: &Plan) -> Outcome<()> {
    let key_count = plan.size(4_000_000, 200_000);
    let mut turns: Vec<Turn> = Vec::new();
    for engine in ENGINES {
        let turn = Turn {
            engine: engine.to_owned(),
            dir: make(plan, &format!("loaded-{engine}"))?,
            key_count,
            memory_bytes: MEMORY_BYTES,
            commits: 0,
            seconds: 0,
            seed: 0,
            cgroup: String::new(),
        };
        child(&turn)?;
        turns.push(turn);
    }
    let mut values = vec![vec![Vec::new(); COLUMNS.len()]; ENGINES.len()];
    for round in 0..plan.size(3, 1) {
        for offset in 0..ENGINES.len() {
            let at = (offset + round as usize) % ENGINES.len();
            let found = measure(plan, &turns[at], round)?;
            found.into_iter().zip(&mut values[at]).for_each(|(value, to)| to.push(value));
        }
    }
    for (engine, values) in ENGINES.iter().zip(&values) {
        for ((name, unit), values) in COLUMNS.iter().zip(values) {
            figure(&format!("{engine}_4e6_{name}"), values, unit);
        }
    }
    let ops = |engine: usize| &values[engine][0];
    let against = |other: &[f64]| -> Vec<f64> {
        ops(0).iter().zip(other).map(|(ours, theirs)| ours / theirs).collect()
    };
    ratio("beatree_4e6_ops_vs_redb", &against(ops(1)));
    ratio("beatree_4e6_ops_vs_lmdb", &against(ops(2)));
    let best: Vec<f64> = ops(1).iter().zip(ops(2)).map(|(a, b)| a.max(*b)).collect();
    ratio("beatree_4e6_ops_vs_best_peer", &against(&best));
    Ok(())
}

fn make(plan: &Plan, name: &str) -> Outcome<String> {
    let dir: PathBuf = plan.dir.join(name);
    std::fs::create_dir_all(&dir)?;
    Ok(dir.to_str().ok_or("a path that is text")?.to_owned())
}

/// One turn on a copy of the loaded database, under the memory limit.
fn measure(plan: &Plan, loaded: &Turn, round: u64) -> Outcome<Vec<f64>> {
    let dir = make(plan, "turn")?;
    meter::copy_tree(loaded.dir.as_ref(), dir.as_ref())?;
    meter::drop_cached(dir.as_ref())?;
    let limit = Limit::new(MEMORY_BYTES, false);
    let cgroup = limit.dir().and_then(|dir| dir.to_str()).unwrap_or_default().to_owned();
    let turn = Turn {
        dir: dir.clone(),
        commits: plan.size(200, 20),
        seconds: 60,
        seed: round + 1,
        cgroup,
        ..loaded.clone()
    };
    let line = child(&turn)?;
    println!("{} round {round}, {}: {}", turn.engine, limit.enforcement(), line.trim());
    std::fs::remove_dir_all(dir)?;
    line.split_whitespace().map(|word| Ok(word.parse()?)).collect()
}

fn child(turn: &Turn) -> Outcome<String> {
    let output = Command::new(std::env::current_exe()?).args(turn.words()).output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        // Killed for its memory, it says nothing itself.
        false => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("turn of {}: {}: {}", turn.engine, output.status, said.trim()).into())
        }
    }
}
