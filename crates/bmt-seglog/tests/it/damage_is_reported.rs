//! Damage to anything durable is reported or harmless, never silent.

use crate::judge::{Trial, seed_count};
use crate::model::{Random, bytes_of};
use crate::setup::{create, open};
use bmt_io::SimDisk;
use bmt_seglog::{Faults, Log};

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
        let inspected = Log::inspect(&*disk.read_only_directory(), &crate::setup::options());
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
