//! The report and the error tell which backend was chosen, and why.

use super::{Backend, BackendKind, choose};
use crate::IoError;
use std::io;

#[test]
fn auto_takes_io_uring_where_a_ring_works() {
    let report = choose(Backend::Auto, || Ok(())).unwrap();
    assert_eq!((report.kind, report.errno), (BackendKind::IoUring, None));
}

#[test]
fn auto_falls_back_and_says_why() {
    for errno in [1, 12, 38] {
        let refuse = || Err(io::Error::from_raw_os_error(errno));
        let report = choose(Backend::Auto, refuse).unwrap();
        assert_eq!((report.kind, report.errno), (BackendKind::Threads, Some(errno)));
        assert!(report.reason.contains(&format!("errno Some({errno})")), "{report}");
    }
}

#[test]
fn io_uring_by_name_is_had_or_is_an_error() {
    let report = choose(Backend::IoUring, || Ok(())).unwrap();
    assert_eq!(report.kind, BackendKind::IoUring);
    match choose(Backend::IoUring, || Err(io::Error::from_raw_os_error(1))).unwrap_err() {
        IoError::BackendUnavailable { errno, hint, .. } => {
            assert_eq!(errno, Some(1));
            assert!(!hint.is_empty());
        }
        other => panic!("{other}"),
    }
}

#[test]
fn threads_by_name_do_not_probe() {
    let report = choose(Backend::Threads, || panic!("it was probed")).unwrap();
    assert_eq!(report.kind, BackendKind::Threads);
}
