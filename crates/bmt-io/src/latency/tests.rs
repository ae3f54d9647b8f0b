//! Buckets tile the durations, and quantiles err by an eighth at most.

use super::{BUCKET_COUNT, Histogram, LONGEST_NS, Latency, bucket_of, longest_ns};
use std::time::Duration;

#[test]
fn buckets_tile_the_durations() {
    for bucket in 0..BUCKET_COUNT {
        let longest = longest_ns(bucket);
        assert_eq!(bucket_of(longest), bucket);
        if bucket + 1 < BUCKET_COUNT {
            assert_eq!(bucket_of(longest + 1), bucket + 1);
        }
    }
    assert_eq!(longest_ns(BUCKET_COUNT - 1), LONGEST_NS);
}

#[test]
fn a_quantile_is_at_most_an_eighth_too_long() {
    let latency = Latency::default();
    for ns in [1, 7, 8, 9, 1000, 1_000_003, 77_000_000_001] {
        let one = Latency::default();
        one.note(Duration::from_nanos(ns));
        one.note(Duration::from_nanos(LONGEST_NS));
        let found = one.histogram().quantile_ns(500);
        assert!(found >= ns && found <= ns + ns / 8, "{ns} became {found}");
        latency.note(Duration::from_nanos(ns));
    }
    let seen = latency.histogram();
    assert_eq!((seen.count(), seen.max_ns()), (7, 77_000_000_001));
    assert_eq!(seen.quantile_ns(1000), 77_000_000_001);
    assert_eq!(seen.mean_ns(), seen.total_ns() / 7);
}

#[test]
fn nothing_noted_is_zero() {
    let empty = Latency::default().histogram();
    assert_eq!((empty.count(), empty.quantile_ns(990), empty.mean_ns()), (0, 0, 0));
    assert_eq!(Histogram::default().quantile_ns(500), 0);
}

#[test]
fn longer_than_the_longest_counts_as_the_longest() {
    let latency = Latency::default();
    latency.note(Duration::from_secs(1 << 30));
    assert_eq!(latency.histogram().max_ns(), LONGEST_NS);
}

#[test]
fn what_came_after_is_the_difference() {
    let latency = Latency::default();
    latency.note(Duration::from_nanos(100));
    let earlier = latency.histogram();
    latency.note(Duration::from_nanos(100));
    latency.note(Duration::from_nanos(3));
    let since = latency.histogram().since(&earlier);
    assert_eq!((since.count(), since.total_ns()), (2, 103));
    assert_eq!(latency.histogram().since(&Histogram::default()), latency.histogram());
}
