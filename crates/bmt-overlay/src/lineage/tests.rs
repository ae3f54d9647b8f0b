//! Lineages: order, forks, letting go, chains too long to be dropped recursively.

use super::{ChainError, Overlay};
use crate::budget::Budget;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use std::sync::Arc;

fn budget() -> Budget {
    Budget::new(u64::MAX)
}

#[test]
fn a_chain_of_100_000_steps_is_dropped_on_a_small_stack() {
    let thread = std::thread::Builder::new().stack_size(64 << 10).spawn(|| {
        let budget = budget();
        let mut tip = Overlay::on_base(&budget, 0, 1).unwrap();
        for n in 1..100_000 {
            tip = tip.child(n, 1).unwrap();
        }
        assert_eq!((tip.uncommitted().len(), budget.used_bytes()), (100_000, 100_000));
        drop(tip);
        assert_eq!(budget.used_bytes(), 0);
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn an_endless_chain_holds_the_uncommitted_steps_alone() {
    let budget = budget();
    let payload = Arc::new(());
    let mut chain = std::collections::VecDeque::new();
    chain.push_back(Overlay::on_base(&budget, Arc::clone(&payload), 7).unwrap());
    for _ in 0..100_000 {
        let next = chain.back().unwrap().child(Arc::clone(&payload), 7).unwrap();
        chain.push_back(next);
        if chain.len() > 3 {
            chain.pop_front().unwrap().set_committed();
        }
        assert!(budget.used_bytes() <= 28);
    }
    assert_eq!(chain.back().unwrap().uncommitted().len(), 3);
    assert_eq!(Arc::strong_count(&payload), 4, "three steps, and the one here");
}

#[test]
fn dropping_a_fork_leaves_what_others_stand_on() {
    let budget = budget();
    let root = Overlay::on_base(&budget, "root", 10).unwrap();
    let left = root.child("left", 20).unwrap();
    let right = root.child("right", 30).unwrap();
    drop(root);
    drop(right);
    assert_eq!(budget.used_bytes(), 30);
    let names: Vec<_> = left.uncommitted().iter().map(|step| *step.payload()).collect();
    assert_eq!(names, ["left", "root"]);
    assert_eq!(left.check_order().unwrap_err().ancestor_count, 1);
}

#[test]
fn a_chain_is_sound_and_complete() {
    let budget = budget();
    let mut steps = vec![Overlay::on_base(&budget, 0, 1).unwrap()];
    for n in 1..4 {
        steps.push(steps[n - 1].child(n, 1).unwrap());
    }
    let chain = |at: &[usize]| {
        Overlay::check_chain(&at.iter().map(|at| steps[*at].clone()).collect::<Vec<_>>())
    };
    assert_eq!(chain(&[]), Ok(()));
    assert_eq!(chain(&[3, 2, 1, 0]), Ok(()));
    assert_eq!(chain(&[3, 2]), Err(ChainError::Incomplete { ancestor_count: 2 }));
    assert_eq!(chain(&[3, 1, 0]), Err(ChainError::Unsound { index: 0 }));
    assert_eq!(chain(&[3, 2, 0, 1]), Err(ChainError::Unsound { index: 1 }));
    assert_eq!(chain(&[3, 3]), Err(ChainError::Unsound { index: 0 }));
    steps[0].set_committed();
    assert_eq!(chain(&[3, 2, 1, 0]), Ok(()), "an ancestor that is committed may be named");
    assert_eq!(chain(&[3, 2, 1]), Ok(()), "or left out");
}

#[test]
fn a_committed_step_that_is_no_ancestor_does_not_complete_a_chain() {
    let budget = budget();
    let stranger = Overlay::on_base(&budget, 0, 1).unwrap();
    stranger.set_committed();
    let parent = Overlay::on_base(&budget, 1, 1).unwrap();
    let child = parent.child(2, 1).unwrap();
    let unsound = Err(ChainError::Unsound { index: 0 });
    assert_eq!(Overlay::check_chain(&[child, stranger.clone()]), unsound);
    assert_eq!(Overlay::check_chain(&[parent, stranger]), unsound);
}

/// What to do with one of the steps there are, by number.
#[derive(Debug, Clone)]
enum Call {
    Base,
    Child(usize),
    Commit(usize),
    Drop(usize),
}

impl Arbitrary for Call {
    fn arbitrary(g: &mut Gen) -> Self {
        let at = usize::arbitrary(g);
        match u8::arbitrary(g) % 8 {
            0 => Self::Base,
            1..=4 => Self::Child(at),
            5..=6 => Self::Commit(at),
            _ => Self::Drop(at),
        }
    }
}

/// A step of the model: the steps that it stands on, nearest first, itself included.
struct Known {
    overlay: Overlay<usize>,
    line: Vec<usize>,
}

fn agrees(calls: Vec<Call>) -> bool {
    let budget = budget();
    let mut steps: Vec<Known> = Vec::new();
    let mut committed: Vec<bool> = Vec::new();
    for call in calls {
        let at = |n: usize| n % steps.len().max(1);
        match call {
            Call::Base => {
                let number = committed.len();
                let overlay = Overlay::on_base(&budget, number, 1).unwrap();
                steps.push(Known { overlay, line: vec![number] });
                committed.push(false);
            }
            Call::Child(n) if !steps.is_empty() => {
                let parent = &steps[at(n)];
                let number = committed.len();
                let overlay = parent.overlay.child(number, 1).unwrap();
                let line = [number].into_iter().chain(parent.line.iter().copied()).collect();
                steps.push(Known { overlay, line });
                committed.push(false);
            }
            Call::Commit(n) if !steps.is_empty() => {
                let step = &steps[at(n)];
                let left = step.line[1..].iter().take_while(|step| !committed[**step]).count();
                let found = step.overlay.check_order().map_err(|error| error.ancestor_count);
                assert_eq!(found, if left == 0 { Ok(()) } else { Err(left) });
                if left == 0 {
                    step.overlay.set_committed();
                    committed[step.line[0]] = true;
                }
            }
            Call::Drop(n) if !steps.is_empty() => drop(steps.swap_remove(at(n))),
            _ => {}
        }
        for step in &steps {
            let expected: Vec<_> =
                step.line.iter().copied().take_while(|step| !committed[*step]).collect();
            let found: Vec<_> =
                step.overlay.uncommitted().iter().map(|step| *step.payload()).collect();
            assert_eq!(found, expected);
            let nearest = step.overlay.lookup(|number| (number % 3 == 0).then_some(*number));
            assert_eq!(nearest, expected.into_iter().find(|number| number % 3 == 0));
        }
    }
    // What is held: every step that is not committed and that some handle reaches.
    let mut held: Vec<usize> = Vec::new();
    for step in &steps {
        held.extend(step.line.iter().take_while(|step| !committed[**step]));
    }
    held.sort_unstable();
    held.dedup();
    assert_eq!(budget.used_bytes(), held.len() as u64);
    true
}

#[test]
fn random_trees_are_what_a_model_says() {
    QuickCheck::new().tests(300).quickcheck(agrees as fn(Vec<Call>) -> bool);
}
