//! The stand-ins are the ones that the standard library calls.

use super::Syncs;

#[test]
fn file_syncs_are_counted() {
    let file = tempfile::tempfile().unwrap();
    let before = Syncs::now();
    file.sync_all().unwrap();
    file.sync_data().unwrap();
    file.sync_data().unwrap();
    let made = Syncs::now().since(before);
    assert!(made.fsync >= 1 && made.fdatasync >= 2, "{made}");
    assert_eq!(made.total(), made.fsync + made.fdatasync);
}
