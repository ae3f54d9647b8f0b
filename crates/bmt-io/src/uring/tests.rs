//! The hint names what stands in the way.

use super::hint;
use std::io;

#[test]
fn each_cause_has_its_hint() {
    let denied = io::Error::from(io::ErrorKind::PermissionDenied);
    assert!(hint(&denied, Some("2")).contains("kernel.io_uring_disabled"));
    assert!(hint(&denied, Some("1")).contains("kernel.io_uring_disabled"));
    assert!(hint(&denied, Some("0")).contains("seccomp"));
    assert!(hint(&denied, None).contains("seccomp"));
    assert!(hint(&io::ErrorKind::OutOfMemory.into(), None).contains("RLIMIT_MEMLOCK"));
    assert!(hint(&io::ErrorKind::Unsupported.into(), None).contains("5.6"));
}
