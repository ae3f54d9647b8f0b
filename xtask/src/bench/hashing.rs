//! Suite `hashing`: 64-byte nodes many at once in each width, against one call of blake2b_simd for
//! each; short values in the same way; the root of a whole set against the bare hashes.

use super::Plan;
use super::report::{Measure, Report};
use super::rounds::{alternate, nanoseconds_each};
use super::sample_keys::Numbers;
use crate::failure::Failure;
use bmt_core::lanes::{self, Backend};
use bmt_core::wave::Wave;
use bmt_core::{EMPTY_ROOT, GrayPaper, Hash, Scheme, root_sorted};
use std::hint::black_box;

const NODE_COUNT: usize = 4096;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let mut numbers = Numbers::new(1);
    let nodes: Vec<_> = (0..NODE_COUNT).map(|_| numbers.preimage()).collect();
    let best = |nodes: &[_], hashes: &mut [_]| GrayPaper::hash64_many(nodes, hashes);
    against_single(plan, report, "hash64_many", &nodes, best)?;
    for (name, backend) in [
        ("hash64_many_blake2", Backend::Scalar),
        ("hash64_many_lane1", Backend::Lanes1),
        ("hash64_many_sse41", Backend::Lanes2),
        ("hash64_many_avx2", Backend::Lanes4),
        ("hash64_many_avx512", Backend::Lanes8),
    ] {
        if !backend.is_available() || cfg!(not(target_arch = "x86_64")) {
            println!("ratio {name}_vs_scalar skipped: this machine lacks the instructions");
            continue;
        }
        let many = |nodes: &[_], hashes: &mut [_]| lanes::hash64_many_with(backend, nodes, hashes);
        against_single(plan, report, name, &nodes, many)?;
    }
    let stream: Vec<u8> = nodes.iter().flatten().copied().collect();
    let one_block = |index: usize| &stream[32 * index..][..33 + index % 96];
    let values: Vec<&[u8]> = (0..NODE_COUNT).map(one_block).collect();
    against_single(plan, report, "hash_values_many", &values, GrayPaper::hash_values_many)?;
    root(plan, report)
}

/// The root of sorted entries with 32-byte values, and as many nodes in a flat array.
fn root(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let count = plan.size(1_000_000, 20_000);
    let mut numbers = Numbers::new(2);
    let mut entries: Vec<_> = (0..count).map(|_| (numbers.key(), [5_u8; 32])).collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    let mut wave = Wave::<GrayPaper>::new();
    wave.add_sorted(0, &entries);
    let root = wave.finish(|(), _| {})[0];
    let node_count = usize::try_from(wave.counts().nodes).unwrap_or_default();
    let nodes = vec![numbers.preimage(); node_count];
    let mut hashes = vec![EMPTY_ROOT; node_count];
    let mut same = true;
    let pair = alternate(
        plan.size(7, 3),
        || {
            Ok(nanoseconds_each(node_count, || {
                same &= root_sorted::<GrayPaper, _>(black_box(&entries)) == root;
            }))
        },
        || {
            Ok(nanoseconds_each(node_count, || {
                GrayPaper::hash64_many(black_box(&nodes), &mut hashes);
            }))
        },
    )?;
    if !same {
        return Err(Failure::Failed("two roots of one set differ".to_owned()));
    }
    report.figure("root_1e6_each_node", &pair.ours, "ns");
    report.figure("root_1e6_flat_each_node", &pair.theirs, "ns");
    report.ratio("root_1e6_vs_flat", Measure::Cost, &pair)
}

/// Figures of one way to hash many messages, and its ratio to one call of blake2b_simd for each.
fn against_single<M: AsRef<[u8]>>(
    plan: &Plan,
    report: &mut Report,
    name: &str,
    messages: &[M],
    many: impl Fn(&[M], &mut [Hash]),
) -> Result<(), Failure> {
    let mut hashes = vec![EMPTY_ROOT; messages.len()];
    let mut peer_hashes = hashes.clone();
    let passes = plan.size(50, 2);
    let pair = alternate(
        plan.rounds(),
        || Ok(measure(passes, || many(black_box(messages), &mut hashes))),
        || Ok(measure(passes, || one_by_one(black_box(messages), &mut peer_hashes))),
    )?;
    if hashes != peer_hashes {
        return Err(Failure::Failed(format!("the two sides of {name} hash differently")));
    }
    report.figure(name, &pair.ours, "ns");
    report.figure(&format!("{name}_scalar_side"), &pair.theirs, "ns");
    report.ratio(&format!("{name}_vs_scalar"), Measure::Cost, &pair)
}

fn one_by_one(messages: &[impl AsRef<[u8]>], hashes: &mut [Hash]) {
    let mut parameters = blake2b_simd::Params::new();
    parameters.hash_length(32);
    for (message, hash) in messages.iter().zip(hashes) {
        hash.copy_from_slice(parameters.hash(message.as_ref()).as_bytes());
    }
}

/// Nanoseconds per message.
fn measure(passes: usize, mut pass: impl FnMut()) -> f64 {
    nanoseconds_each(passes * NODE_COUNT, || (0..passes).for_each(|_| pass()))
}
