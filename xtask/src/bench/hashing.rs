//! Suite `hashing`: many 64-byte nodes at once, against one call of blake2b_simd for each.

use super::Plan;
use super::report::{Measure, Report};
use super::rounds::{alternate, nanoseconds_each};
use super::sample_keys::Numbers;
use crate::failure::Failure;
use bmt_core::{EMPTY_ROOT, GrayPaper, Hash, Scheme};
use std::hint::black_box;

const NODE_COUNT: usize = 4096;

pub(super) fn run(plan: &Plan, report: &mut Report) -> Result<(), Failure> {
    let mut numbers = Numbers::new(1);
    let nodes: Vec<_> = (0..NODE_COUNT).map(|_| numbers.preimage()).collect();
    let mut hashes = vec![EMPTY_ROOT; NODE_COUNT];
    let mut peer_hashes = hashes.clone();
    let passes = plan.size(50, 2);
    let pair = alternate(
        plan.rounds(),
        || Ok(measure(passes, || GrayPaper::hash64_many(black_box(&nodes), &mut hashes))),
        || Ok(measure(passes, || one_by_one(black_box(&nodes), &mut peer_hashes))),
    )?;
    if hashes != peer_hashes {
        return Err(Failure::Failed("the two sides hash differently".to_owned()));
    }
    report.figure("hash64_many", &pair.ours, "ns");
    report.figure("hash64_blake2b_simd_single", &pair.theirs, "ns");
    report.ratio("hash64_many_vs_blake2b_simd_single", Measure::Cost, &pair)
}

fn one_by_one(nodes: &[[u8; 64]], hashes: &mut [Hash]) {
    let mut parameters = blake2b_simd::Params::new();
    parameters.hash_length(32);
    for (node, hash) in nodes.iter().zip(hashes) {
        hash.copy_from_slice(parameters.hash(node).as_bytes());
    }
}

/// Nanoseconds per node.
fn measure(passes: usize, mut pass: impl FnMut()) -> f64 {
    nanoseconds_each(passes * NODE_COUNT, || (0..passes).for_each(|_| pass()))
}
