//! Accounts on two competing branches of blocks, without any database.
//!
//! Run it with `cargo run -p bmt-overlay --example forks`.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use bmt_overlay::{Budget, Merged, OverBudget, Overlay};
use std::collections::BTreeMap;
use std::convert::Infallible;

type Changes = BTreeMap<&'static str, Option<u64>>;

/// What a branch sees: the committed accounts with the changes of its steps, the oldest first.
fn accounts(
    committed: &BTreeMap<&'static str, u64>,
    tip: &Overlay<Changes>,
) -> Vec<(&'static str, u64)> {
    let mut changes = Changes::new();
    for step in tip.uncommitted().iter().rev() {
        changes.extend(step.payload().clone());
    }
    let entries = committed.iter().map(|(name, amount)| Ok::<_, Infallible>((*name, *amount)));
    Merged::new(entries, changes.into_iter()).map(|Ok(account)| account).collect()
}

fn main() -> Result<(), OverBudget> {
    let mut committed = BTreeMap::from([("alice", 10), ("bob", 20)]);
    let budget = Budget::new(1 << 20);

    let block = Overlay::on_base(&budget, Changes::from([("alice", Some(5))]), 16)?;
    let left = block.child(Changes::from([("bob", None)]), 16)?;
    let right = block.child(Changes::from([("carol", Some(1))]), 16)?;
    println!("left:  {:?}", accounts(&committed, &left));
    println!("right: {:?}", accounts(&committed, &right));
    assert_eq!(accounts(&committed, &left), [("alice", 5)]);

    if let Err(error) = right.check_order() {
        println!("right is not next: {error}");
    }
    // The right branch wins.
    for step in [&block, &right] {
        for (name, amount) in step.payload() {
            match amount {
                Some(amount) => committed.insert(name, *amount),
                None => committed.remove(name),
            };
        }
        step.set_committed();
    }
    drop(left);
    println!("committed: {committed:?}, {} bytes uncommitted", budget.used_bytes());
    assert_eq!(committed, BTreeMap::from([("alice", 5), ("bob", 20), ("carol", 1)]));
    assert_eq!(budget.used_bytes(), 0);
    Ok(())
}
