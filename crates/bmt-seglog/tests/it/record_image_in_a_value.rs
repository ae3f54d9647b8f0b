//! A payload that looks like a record is a payload.

use crate::model::bytes_of;
use crate::setup::{BLOCK, SALT, create, open, options, payloads, power_loss_keeping};
use bmt_io::{SimDisk, checksum};
use bmt_seglog::{Faults, Log, LogError, LogOptions};

/// Bytes of a part header before the payload.
const HEADER: usize = 88;

/// A header that is valid under `seed` at this block, and says that everything was durable.
fn forged_header(seed: u64, block: u32) -> [u8; HEADER] {
    let mut bytes = [0; HEADER];
    bytes[..8].copy_from_slice(b"BMTLGREC");
    bytes[8..12].copy_from_slice(&1u32.to_le_bytes());
    bytes[12..16].copy_from_slice(&3u32.to_le_bytes());
    bytes[16..24].copy_from_slice(&1000u64.to_le_bytes());
    bytes[24..32].copy_from_slice(&999u64.to_le_bytes());
    bytes[64..68].copy_from_slice(&block.to_le_bytes());
    bytes[72..80].copy_from_slice(&checksum(seed, b"").to_le_bytes());
    let sum = checksum(seed, &bytes[..80]);
    bytes[80..].copy_from_slice(&sum.to_le_bytes());
    bytes
}

/// Commits a record, then appends one with the image at the start of block 3, of which only that
/// block survives.
fn open_with_only_the_image(image: &[u8], options: &LogOptions) -> Result<Vec<Vec<u8>>, LogError> {
    let disk = SimDisk::new(1);
    let log = Log::create(disk.directory(), options.clone()).unwrap();
    log.append_sync(b"one").unwrap();
    let mut payload = vec![7; BLOCK - HEADER];
    payload.extend_from_slice(image);
    log.append(&payload).unwrap();
    drop(log);
    let (log, _) = Log::open(power_loss_keeping(&disk, &[3]).directory(), options.clone())?;
    Ok(payloads(&log))
}

#[test]
fn an_image_under_another_salt_says_nothing() {
    let image = forged_header(0, 3);
    assert_eq!(open_with_only_the_image(&image, &options()).unwrap(), [b"one".to_vec()]);
}

#[test]
fn without_the_salt_it_would_be_believed() {
    let faults = Faults { no_salt: true, ..Faults::default() };
    let found = open_with_only_the_image(&forged_header(0, 3), &LogOptions { faults, ..options() });
    assert!(matches!(found, Err(LogError::Corruption { .. })), "{found:?}");
    // And the header is a good forgery: with the salt it would be one too.
    let found = open_with_only_the_image(&forged_header(SALT, 3), &options());
    assert!(matches!(found, Err(LogError::Corruption { .. })), "{found:?}");
}

#[test]
fn an_image_for_another_place_says_nothing() {
    let image = forged_header(SALT, 4);
    assert_eq!(open_with_only_the_image(&image, &options()).unwrap(), [b"one".to_vec()]);
}

#[test]
fn a_copy_of_the_logs_own_file_is_a_payload_like_any_other() {
    for seed in 0..40 {
        let disk = SimDisk::new(seed);
        let log = create(&disk);
        let mut expected: Vec<_> = (1..=4).map(|number| bytes_of(number, 500)).collect();
        expected.iter().for_each(|record| {
            log.append_sync(record).unwrap();
        });
        // Four blocks of padding bring the copied blocks to multiples of the block size.
        let file = disk.read_file("seglog-0000000000000000").unwrap();
        let mut copy = vec![0; BLOCK - HEADER];
        copy.extend_from_slice(&file[BLOCK..5 * BLOCK]);
        expected.push(copy.clone());
        log.append(&copy).unwrap();
        drop(log);
        let (log, _) = open(&disk.power_loss(seed)).unwrap();
        let found = payloads(&log);
        assert!(found == expected || found == expected[..4], "seed {seed}");
    }
}
