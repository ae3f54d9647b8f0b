//! Budgets: the limit is kept, over many threads too, and everything is given back.

use super::Budget;
use crate::Overlay;

#[test]
fn what_does_not_fit_is_refused_with_the_figures() {
    let budget = Budget::new(100);
    let first = Overlay::on_base(&budget, (), 60).unwrap();
    let error = first.child((), 41).unwrap_err();
    assert_eq!((error.bytes, error.used_bytes, error.bytes_max), (41, 60, 100));
    let second = first.child((), 40).unwrap();
    assert_eq!(budget.used_bytes(), 100);
    first.set_committed();
    assert_eq!(budget.used_bytes(), 40, "a committed step does not count, held or not");
    drop((first, second));
    assert_eq!(budget.used_bytes(), 0);
}

#[test]
fn a_step_of_more_bytes_than_there_are_numbers_is_refused() {
    let budget = Budget::new(u64::MAX);
    let _one = Overlay::on_base(&budget, (), 1).unwrap();
    assert_eq!(Overlay::on_base(&budget, (), u64::MAX).unwrap_err().used_bytes, 1);
}

#[test]
fn threads_together_stay_within_it() {
    let budget = Budget::new(1000);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut held = Vec::new();
                for n in 0..2000 {
                    held.extend(Overlay::on_base(&budget, (), 90));
                    assert!(budget.used_bytes() <= 1000);
                    if n % 3 == 0 {
                        held.clear();
                    }
                }
            });
        }
    });
    assert_eq!(budget.used_bytes(), 0);
}
