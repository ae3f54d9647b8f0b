//! Damage to anything durable is reported or harmless, never silent.

use crate::judge::{Trial, seed_count};
use crate::model::{Random, bytes_of};
use crate::setup::{BLOCK, FIRST, create, open, options};
use bmt_io::SimDisk;
use bmt_seglog::{Faults, Log, LogError, LogOptions};

#[test]
fn a_damaged_byte_anywhere_is_reported_or_harmless() {
    for seed in 0..seed_count(3) {
        let trial = Trial { seed, faults: Faults::default() };
        let (reported, harmless) = trial.damage(400).unwrap();
        assert!(reported > 50 && harmless > 20, "{reported} reported, {harmless} harmless");
    }
}

#[test]
fn ignoring_what_later_records_say_would_be_noticed() {
    let faults = Faults { no_evidence: true, ..Faults::default() };
    assert!((0..4).any(|seed| Trial { seed, faults }.damage(400).is_err()));
}

#[test]
fn files_of_garbage_are_refused_or_read_and_never_panic() {
    let disk = SimDisk::new(1);
    let log = create(&disk);
    (1..=30).for_each(|number| {
        log.append_sync(&bytes_of(number, 7000)).unwrap();
    });
    drop(log);
    let mut random = Random(5);
    for seed in 0..200 {
        let disk = disk.process_crash();
        for file in disk.list() {
            let mut bytes = disk.read_file(&file).unwrap();
            for _ in 0..random.below(3) {
                let len = usize::try_from(random.below(9000)).unwrap();
                let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
                let end = (at + len).min(bytes.len());
                // Garbage, zeros, or bytes of elsewhere.
                match random.below(3) {
                    0 => bytes[at..end].copy_from_slice(&bytes_of(seed, end - at)),
                    1 => bytes[at..end].fill(0),
                    _ => bytes.copy_within(0..end - at, at),
                }
            }
            let len = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            bytes.truncate(if random.below(8) == 0 { len } else { bytes.len() });
            disk.write_file(&file, &bytes);
        }
        let inspected = Log::inspect(&*disk.read_only_directory(), &options());
        match open(&disk) {
            Err(error) => assert_eq!(error.to_string(), inspected.unwrap_err().to_string()),
            Ok((log, report)) => {
                assert_eq!(inspected.unwrap(), report);
                let records: Vec<_> = log.iter_from(log.first_sequence()).unwrap().collect();
                for record in records {
                    let record = record.unwrap();
                    assert_eq!(record.payload, bytes_of(record.sequence(), 7000));
                }
            }
        }
    }
}

/// A log whose first record is another genuine one of the same salt, place and length.
fn with_another_first_record(faults: Faults) -> Result<u64, LogError> {
    let (disk, other) = (SimDisk::new(1), SimDisk::new(1));
    for (disk, first) in [(&disk, b"one"), (&other, b"eno")] {
        let log = create(disk);
        for payload in [first, b"two", b"333"] {
            log.append_sync(payload).unwrap();
        }
    }
    let mut bytes = disk.read_file(FIRST).unwrap();
    bytes[BLOCK..2 * BLOCK].copy_from_slice(&other.read_file(FIRST).unwrap()[BLOCK..2 * BLOCK]);
    disk.write_file(FIRST, &bytes);
    let options = LogOptions { faults, ..options() };
    Log::open(disk.directory(), options).map(|(_, report)| report.records)
}

#[test]
fn a_genuine_record_in_the_place_of_another_breaks_the_chain() {
    let found = with_another_first_record(Faults::default());
    assert!(matches!(found, Err(LogError::Corruption { expected: 2, .. })), "{found:?}");
}

#[test]
fn without_the_chain_it_would_be_believed() {
    let faults = Faults { no_chain: true, ..Faults::default() };
    assert_eq!(with_another_first_record(faults).unwrap(), 3);
}
