//! Tests of pins.

use super::Pins;

#[test]
fn a_pin_needs_what_was_live_at_its_batch() {
    let mut pins = Pins::new(5);
    assert_eq!(pins.take(), 5);
    pins.current = 8;
    assert!(pins.needs(0, 6) && pins.needs(5, 6) && pins.needs(5, 9));
    assert!(!pins.needs(0, 5), "replaced in the pinned batch itself");
    assert!(!pins.needs(6, 9), "born after the pinned batch");
}

#[test]
fn only_the_last_pin_of_an_older_batch_frees_something() {
    let mut pins = Pins::new(1);
    let (first, second) = (pins.take(), pins.take());
    assert_eq!(pins.count(), 2);
    assert!(!pins.release(first));
    pins.current = 2;
    pins.take_again(second);
    assert!(!pins.release(second));
    assert!(pins.release(second), "batch 1 is older than the newest");
    let newest = pins.take();
    assert!(!pins.release(newest), "nothing was replaced since");
    assert_eq!(pins.oldest(), None);
}
