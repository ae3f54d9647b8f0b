//! The memory of the system's allocator: what is free in it goes back to the system.

/// Gives the system's allocator's free memory back to the system, where that can be asked for (glibc); elsewhere,
/// and where another allocator is installed, it does nothing of use and no harm.
///
/// For after a phase that took much memory for a while: what it freed is scattered among what is in use, so the
/// allocator keeps it for good, beside what pools and caches hold. A call looks through all free memory: about
/// 10 ms for 100 MiB. Allocations of other threads may wait meanwhile.
pub fn return_free_memory() {
    trim();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "a function of the C library")]
fn trim() {
    // SAFETY: it may be called at any time, by any thread, and touches free memory only.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn trim() {}
