//! A small protocol, crashed at every operation of its own: recovery finds the old state or the new
//! one; and a missing sync is caught. This is how the crates above test themselves.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt_io::{Directory, IoError, SimDisk};
use std::sync::Arc;

const ROUNDS: u8 = 3;

/// Replaces the file "state" by one with other bytes.
fn replace(directory: &Arc<dyn Directory>, value: u8) -> Result<(), IoError> {
    let file = match directory.create("state.new") {
        Err(IoError::AlreadyExists { .. }) => directory.open("state.new")?,
        other => other?,
    };
    file.set_len(0)?;
    file.write_all_at(&[value; 3000], 0)?;
    file.sync_data()?;
    directory.rename("state.new", "state")?;
    directory.sync()
}

/// The rounds that were acknowledged before the crash.
fn run(disk: &SimDisk) -> u8 {
    let directory = disk.directory();
    (1..=ROUNDS).take_while(|value| replace(&directory, *value).is_ok()).count().try_into().unwrap()
}

/// Whether the disk holds what was acknowledged, or the round after it, whole.
fn is_sound(disk: &SimDisk, acknowledged: u8) -> bool {
    match disk.read_file("state") {
        None => acknowledged == 0,
        Some(bytes) => {
            let value = bytes.first().copied().unwrap_or_default();
            let whole = bytes.len() == 3000 && bytes.iter().all(|byte| *byte == value);
            whole && (value == acknowledged || value == acknowledged + 1)
        }
    }
}

/// Unsound outcomes over all crash points and several power losses at each.
fn unsound_count(prepare: impl Fn(&SimDisk)) -> usize {
    let whole = SimDisk::new(0);
    run(&whole);
    let mut unsound_count = 0;
    for number in 0..whole.operation_count() {
        let disk = SimDisk::new(number);
        prepare(&disk);
        disk.crash_at(number);
        let acknowledged = run(&disk);
        assert!(disk.is_crashed());
        let outcomes = (0..50).map(|seed| disk.power_loss(seed)).chain([disk.process_crash()]);
        unsound_count += outcomes.filter(|after| !is_sound(after, acknowledged)).count();
    }
    unsound_count
}

#[test]
fn the_protocol_is_sound_at_every_crash_point() {
    assert_eq!(unsound_count(|_| {}), 0);
}

#[test]
fn a_missing_sync_of_bytes_is_caught() {
    assert!(unsound_count(|disk| disk.set_ignore_sync(true)) > 0);
}

#[test]
fn a_missing_sync_of_names_is_caught() {
    assert!(unsound_count(|disk| disk.set_ignore_directory_sync(true)) > 0);
}
