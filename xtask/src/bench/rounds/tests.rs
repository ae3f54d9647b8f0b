//! The order of rounds, and what is made of their values.

use super::{alternate, nanoseconds_each};
use crate::failure::Failure;
use std::cell::RefCell;

#[test]
fn sides_take_turns_after_an_uncounted_round() {
    let order = RefCell::new(String::new());
    let side = |name: char, value: f64| {
        let order = &order;
        move || {
            order.borrow_mut().push(name);
            Ok(value)
        }
    };
    let pair = alternate(3, side('o', 6.0), side('t', 3.0)).unwrap();
    assert_eq!(order.into_inner(), "ototto".to_owned() + "ot");
    let medians = [pair.ours, pair.theirs, pair.ours_by_theirs].map(|it| it.spread().median);
    assert_eq!(medians, [6.0, 3.0, 2.0]);
}

#[test]
fn quotients_are_taken_round_by_round() {
    let drifting = |step: f64| {
        let mut value = 0.0;
        move || {
            value += step;
            Ok(value)
        }
    };
    let quotients = alternate(9, drifting(4.0), drifting(2.0)).unwrap().ours_by_theirs.spread();
    assert_eq!((quotients.min, quotients.max), (2.0, 2.0));
}

#[test]
fn failures_empty_runs_and_senseless_values_are_errors() {
    let good = || Ok(1.0);
    assert!(alternate(1, good, || Err(Failure::Failed("no".to_owned()))).is_err());
    assert!(alternate(0, good, good).is_err());
    assert!(alternate(1, good, || Ok(0.0)).is_err());
    assert!(alternate(1, || Ok(f64::NAN), good).is_err());
}

#[test]
fn time_is_divided_among_the_things_done() {
    let sleep = || std::thread::sleep(std::time::Duration::from_millis(4));
    let each = nanoseconds_each(4, sleep);
    assert!(each >= 1e6, "{each} ns");
}
