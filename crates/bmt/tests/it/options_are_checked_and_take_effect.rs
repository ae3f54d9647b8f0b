//! An option out of its range is an error that names it, before anything is touched; the others do what they say.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Backend, Db, OpenError, Options, StateKey, Stats, WarmUp};
use std::path::Path;

fn refused(options: &Options) -> &'static str {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("database");
    let error = Db::<bmt::GrayPaper>::open_with(&path, options).unwrap_err();
    assert!(!path.exists(), "nothing was made");
    match error {
        OpenError::InvalidOption { name, .. } => name,
        other => unreachable!("{other}"),
    }
}

#[test]
fn what_is_out_of_range_is_named() {
    let new = Options::new;
    for (options, name) in [
        (new().threads(0), "threads"),
        (new().io_threads(65), "io_threads"),
        (new().queue_depth(0), "queue_depth"),
        (new().queue_depth(4097), "queue_depth"),
        (new().memory_bytes(1 << 19), "memory_bytes"),
        (new().change_memory_bytes(1), "change_memory_bytes"),
        (new().leaf_memory_bytes(1), "leaf_memory_bytes"),
        (new().trie_memory_bytes(1), "trie_memory_bytes"),
        (new().trie_memory_bytes(1 << 20).preload_bytes(1 << 21), "preload_bytes"),
        (new().resident_bits(21), "resident_bits"),
        (new().checkpoint_bytes_per_second(0), "checkpoint_bytes_per_second"),
        (new().slice_changes_min(0), "slice_changes_min"),
        (new().log_segment_bytes(5000), "log_segment_bytes"),
        (new().commit_bytes_max(u64::MAX), "commit_bytes_max"),
    ] {
        assert_eq!(refused(&options), name);
    }
    new().validate().unwrap();
}

/// What a database of 20,000 keys says right after it is opened with these options.
fn opened(path: &Path, options: &Options) -> Stats {
    let db: Db = Db::open_with(path, options).unwrap();
    if db.sequence() == 0 {
        for number in 0..20_000_u32 {
            db.insert(StateKey::service_storage(1, &number.to_le_bytes()), [7; 20]).unwrap();
        }
        db.commit().unwrap();
    }
    let stats = db.stats();
    db.close().unwrap();
    stats
}

#[test]
fn the_upper_trie_is_preloaded() {
    let place = tempfile::tempdir().unwrap();
    opened(place.path(), &Options::new());
    let cold = opened(place.path(), &Options::new());
    let warm = opened(place.path(), &Options::new().preload_bytes(8 << 20).resident_bits(8));
    assert_eq!(cold.recovery.preloaded_levels, 0);
    assert!(warm.recovery.preloaded_levels >= 2, "{:?}", warm.recovery);
    let loads = (cold.merkle.page_load_count, warm.merkle.page_load_count);
    assert!(loads.1 > loads.0 + 10, "{loads:?}");
}

#[test]
fn memory_is_set_in_whole_and_in_parts() {
    let place = tempfile::tempdir().unwrap();
    let whole = opened(place.path(), &Options::new().memory_bytes(100 << 20));
    assert_eq!((whole.buffer_bytes_max, whole.page_cache_bytes_max), (25 << 20, 42 << 20));
    // Leaf pages have what changes and pages of the trie leave of 97 %: nearly all, in a database as small as this.
    let leaf_bytes = whole.leaf_cache_bytes_max;
    assert!((62 << 20..=72 << 20).contains(&leaf_bytes), "{leaf_bytes}");
    let options = Options::new().change_memory_bytes(3 << 20).trie_memory_bytes(5 << 20);
    let parts = opened(place.path(), &options);
    assert_eq!((parts.buffer_bytes_max, parts.page_cache_bytes_max), (3 << 20, 5 << 20));
}

#[test]
fn storage_options_change_no_state_and_are_told() {
    let place = tempfile::tempdir().unwrap();
    let options = Options::new().backend(Backend::Threads).io_threads(2).queue_depth(1);
    let options = options.warm_up(WarmUp::Never).checkpoint_bytes_per_second(u64::MAX);
    opened(place.path(), &options);
    let db: Db = Db::open_with(place.path(), &options).unwrap();
    let keys: Vec<StateKey> =
        (0..20_000_u32).map(|n| StateKey::service_storage(1, &n.to_le_bytes())).collect();
    let values = db.begin_read().get_many(&keys).unwrap();
    assert!(values.iter().all(|value| value.as_deref() == Some(&[7; 20])));
    db.begin_write().warm_up(&keys);
    let stats = db.stats();
    assert_eq!(stats.backend.kind.to_string(), "threads");
    for (name, value) in [("io_threads", "2"), ("queue_depth", "1"), ("warm_up", "Never")] {
        assert!(stats.settings.contains(&(name, value.to_owned())), "{name}");
    }
}
