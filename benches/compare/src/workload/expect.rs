//! What a database must hold after a run: the batches are made again and a sample is kept.

use super::{Batch, Dataset, Generator, OpKind};
use std::collections::HashMap;

/// Key numbers to look up, with the number of the write whose value each must have, or `None`
/// where the key must be absent.
pub type Expected = HashMap<u64, Option<u64>>;

/// The expected state of every `stride`-th key number, and of every key that the last of
/// `batch_count` batches wrote.
#[must_use]
pub fn after(
    mut generator: Generator,
    dataset: &Dataset,
    batch_count: u64,
    stride: u64,
) -> Expected {
    let mut expected: Expected =
        (0..dataset.key_count).step_by(stride as usize).map(|number| (number, Some(0))).collect();
    let mut batch = Batch::default();
    for at in 0..batch_count {
        generator.next_into(&mut batch);
        let last = at + 1 == batch_count;
        for op in batch.ops() {
            if !last && op.number % stride != 0 {
                continue;
            }
            match op.kind {
                OpKind::Read => {}
                OpKind::Put => {
                    expected.insert(op.number, Some(op.version));
                }
                OpKind::Delete => {
                    expected.insert(op.number, None);
                }
            }
        }
    }
    expected
}
