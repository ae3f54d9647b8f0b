//! Where a filter forbids io_uring, `Auto` falls back to threads and says why; by name it is an error.
#![cfg(target_os = "linux")]
#![expect(unsafe_code, reason = "installing a seccomp filter has no safe interface")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use bmt_io::{
    Backend, BackendKind, Directory, IoError, IoOptions, PagePool, Request, open_directory,
};

/// Makes `io_uring_setup` fail with EPERM in this thread and those that it starts.
fn forbid_io_uring() {
    let statement =
        |code: u32, k: u32| libc::sock_filter { code: code.try_into().unwrap(), jt: 0, jf: 0, k };
    let call: u32 = libc::SYS_io_uring_setup.try_into().unwrap();
    let errno: u32 = libc::EPERM.try_into().unwrap();
    let mut filter = [
        // The number of the system call stands first in what a filter sees.
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0),
        libc::sock_filter { jf: 1, ..statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, call) },
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | errno),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: 4, filter: filter.as_mut_ptr() };
    // SAFETY: takes plain numbers.
    let barred = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(barred, 0);
    // SAFETY: `program` and `filter` live through the call, which copies them.
    let filtered = unsafe {
        libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program, 0, 0)
    };
    assert_eq!(filtered, 0, "{}", std::io::Error::last_os_error());
}

fn check() {
    let path = tempfile::tempdir().unwrap();
    let options = |backend| IoOptions { backend, ..IoOptions::default() };

    let directory = open_directory(path.path(), &options(Backend::Auto)).unwrap();
    let report = directory.backend();
    assert_eq!((report.kind, report.errno), (BackendKind::Threads, Some(libc::EPERM)), "{report}");
    write_a_page(&*directory, "a");

    match open_directory(path.path(), &options(Backend::IoUring)).unwrap_err() {
        IoError::BackendUnavailable { errno, setting, hint } => {
            assert_eq!(errno, Some(libc::EPERM));
            let path = "/proc/sys/kernel/io_uring_disabled";
            let expected = std::fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
            assert_eq!(setting.as_deref(), expected.as_deref());
            assert!(hint.contains("threads"));
        }
        other => panic!("{other}"),
    }
}

/// A queue writes a page.
fn write_a_page(directory: &dyn Directory, name: &str) {
    let file = directory.create(name).unwrap();
    let mut queue = directory.queue(2).unwrap();
    let buffer = PagePool::new(4096).take_zeroed(1).unwrap();
    queue.push(Request::Write { file, offset_bytes: 0, buffer, tag: 0 });
    queue.wait().unwrap().result.unwrap();
}

#[test]
fn a_ring_that_is_refused_only_later_is_reported() {
    let thread = std::thread::spawn(|| {
        let path = tempfile::tempdir().unwrap();
        let directory = open_directory(path.path(), &IoOptions::default()).unwrap();
        let before = directory.backend();
        write_a_page(&*directory, "a");
        assert_eq!(directory.backend(), before, "nothing was refused yet");
        forbid_io_uring();
        write_a_page(&*directory, "b");
        let after = directory.backend();
        if before.kind == BackendKind::IoUring {
            let expected = (BackendKind::IoUring, 1, Some(libc::EPERM));
            assert_eq!((after.kind, after.fallback_count, after.errno), expected, "{after}");
            assert!(after.to_string().ends_with("(queues on threads: 1)"), "{after}");
        } else {
            assert_eq!(after, before, "there was no ring to refuse");
        }
    });
    thread.join().unwrap();
}

#[test]
fn auto_falls_back_and_by_name_it_is_an_error() {
    // A filter is a thread's own, so the rest of the test process is not touched.
    let thread = std::thread::spawn(|| {
        forbid_io_uring();
        check();
    });
    thread.join().unwrap();
}
