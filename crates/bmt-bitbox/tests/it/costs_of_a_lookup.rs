//! What a lookup costs while one store grows from a single page in its smallest table. The example `growth` holds a
//! million pages to the same bounds.

use bmt_bitbox::{Batch, PageId, Store, TableStats};
use bmt_io::{SimDisk, checksum};

const PAGE_COUNT: u64 = 12_000;
const PROBES_MAX: f64 = 1.6;
const READS_MAX: f64 = 1.05;

/// An id that looks like a hash and follows from a number.
fn id_of(number: u64) -> PageId {
    let mut id = [0; 32];
    for (seed, part) in (0..).zip(id.chunks_exact_mut(8)) {
        part.copy_from_slice(&checksum(seed, &number.to_le_bytes()).to_le_bytes());
    }
    id
}

/// What happened to a count for each lookup.
fn each(before: &TableStats, after: &TableStats, count: impl Fn(&TableStats) -> u64) -> f64 {
    let as_f64 = |count: u64| f64::from(u32::try_from(count).unwrap());
    as_f64(count(after) - count(before)) / as_f64(after.lookup_count - before.lookup_count)
}

#[test]
fn stays_within_its_bounds_all_the_way() {
    let mut options = crate::setup::options();
    options.table.salt = 0x5eed;
    (options.table.copy_pages_per_batch, options.table.copy_pages_per_put) = (64, 4);
    let store = Store::create(SimDisk::new(1).directory(), options).unwrap();
    let (mut loaded, mut resizing_samples, mut round) = (0, 0, 0);
    let mut worst = (0.0_f64, 0.0_f64);
    while loaded < PAGE_COUNT {
        let count = (loaded / 16).max(1);
        let mut batch = Batch::new();
        for number in loaded..loaded + count {
            batch.put_new(id_of(number), number.to_le_bytes().to_vec()).unwrap();
        }
        store.commit(&batch).unwrap();
        loaded += count;
        round += 1;
        let pick = |at: u64| checksum(round, &at.to_le_bytes()) % loaded;
        let numbers: Vec<u64> = (0..500).map(pick).collect();
        let ids: Vec<PageId> = numbers.iter().map(|number| id_of(*number)).collect();
        let (before, mut right) = (store.stats(), 0);
        let look = |at: usize, page: bmt_bitbox::Page| {
            right += u32::from(*page == numbers[at].to_le_bytes());
        };
        store.pin().get_each(&ids, look).unwrap();
        assert_eq!(right, 500);
        let after = store.stats();
        let probes = each(&before, &after, |stats| stats.probe_count);
        let reads = each(&before, &after, |stats| stats.page_read_count);
        assert!(probes < PROBES_MAX, "{probes} probes a lookup: {after:?}");
        assert!(reads <= READS_MAX, "{reads} page reads a lookup: {after:?}");
        worst = (worst.0.max(probes), worst.1.max(reads));
        resizing_samples += u32::from(store.is_resizing());
    }
    // Both tables were searched, and there was something to find.
    assert!(resizing_samples > 10 && store.stats().resize_count > 6, "{:?}", store.stats());
    assert!(worst.0 > 1.2 && worst.1 >= 1.0, "{worst:?}");
}
