//! Processor time, user and system, from `getrusage`.

use std::time::Duration;

/// Processor time of all threads of this process so far, io_uring workers included.
#[must_use]
pub fn process_cpu() -> Duration {
    rusage(libc::RUSAGE_SELF)
}

/// Processor time of the calling thread so far.
#[must_use]
pub fn thread_cpu() -> Duration {
    rusage(libc::RUSAGE_THREAD)
}

fn rusage(who: libc::c_int) -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `usage` is a valid place for one `rusage`.
    let code = unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
    assert_eq!(code, 0, "getrusage can only fail for a wrong argument");
    // SAFETY: all zeros is a valid `rusage`, and the call has filled it.
    let usage = unsafe { usage.assume_init() };
    span(usage.ru_utime) + span(usage.ru_stime)
}

fn span(time: libc::timeval) -> Duration {
    Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1_000)
}
