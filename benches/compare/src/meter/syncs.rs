//! Counts the calls that make data durable.
//!
//! The engines are linked statically into this program, so the functions below stand in for
//! libc's: they count, then make the same system call. That sees `File::sync_all` and
//! `sync_data`, LMDB's C code and `pwritev2` with `RWF_DSYNC`. It does not see an fsync submitted
//! through io_uring (an engine that does so says it, see `Engine::syncs_through_ring`, and the
//! device's flush count is looked at instead) or writes to a file opened with `O_DSYNC`.

use std::sync::atomic::{AtomicU64, Ordering};

static FSYNC: AtomicU64 = AtomicU64::new(0);
static FDATASYNC: AtomicU64 = AtomicU64::new(0);
static MSYNC: AtomicU64 = AtomicU64::new(0);
static SYNC_WRITE: AtomicU64 = AtomicU64::new(0);

/// How often each durable call was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Syncs {
    /// `fsync`.
    pub fsync: u64,
    /// `fdatasync`.
    pub fdatasync: u64,
    /// `msync` with `MS_SYNC`.
    pub msync: u64,
    /// `pwritev2` with `RWF_DSYNC` or `RWF_SYNC`.
    pub sync_write: u64,
}

impl Syncs {
    /// The counts so far.
    #[must_use]
    pub fn now() -> Self {
        Self {
            fsync: FSYNC.load(Ordering::SeqCst),
            fdatasync: FDATASYNC.load(Ordering::SeqCst),
            msync: MSYNC.load(Ordering::SeqCst),
            sync_write: SYNC_WRITE.load(Ordering::SeqCst),
        }
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> u64 {
        self.fsync + self.fdatasync + self.msync + self.sync_write
    }

    /// The calls since an earlier reading.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self {
            fsync: self.fsync - earlier.fsync,
            fdatasync: self.fdatasync - earlier.fdatasync,
            msync: self.msync - earlier.msync,
            sync_write: self.sync_write - earlier.sync_write,
        }
    }
}

impl std::fmt::Display for Syncs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let calls = [
            ("fsync", self.fsync),
            ("fdatasync", self.fdatasync),
            ("msync", self.msync),
            ("pwritev2", self.sync_write),
        ];
        let shown: Vec<String> = calls
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        match shown.is_empty() {
            true => write!(f, "none"),
            false => write!(f, "{}", shown.join(" + ")),
        }
    }
}

/// Stands in for libc's `fsync`.
#[unsafe(no_mangle)]
pub extern "C" fn fsync(fd: libc::c_int) -> libc::c_int {
    FSYNC.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the system call that libc's function makes, with the caller's argument.
    let code = unsafe { libc::syscall(libc::SYS_fsync, fd) };
    code as libc::c_int
}

/// Stands in for libc's `fdatasync`.
#[unsafe(no_mangle)]
pub extern "C" fn fdatasync(fd: libc::c_int) -> libc::c_int {
    FDATASYNC.fetch_add(1, Ordering::SeqCst);
    // SAFETY: the system call that libc's function makes, with the caller's argument.
    let code = unsafe { libc::syscall(libc::SYS_fdatasync, fd) };
    code as libc::c_int
}

/// Stands in for libc's `msync`.
///
/// # Safety
/// As for libc's function: `address` and `length` name mapped pages.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn msync(
    address: *mut libc::c_void,
    length: libc::size_t,
    flags: libc::c_int,
) -> libc::c_int {
    if flags & libc::MS_SYNC != 0 {
        MSYNC.fetch_add(1, Ordering::SeqCst);
    }
    // SAFETY: the system call that libc's function makes, with the caller's arguments.
    let code = unsafe { libc::syscall(libc::SYS_msync, address, length, flags) };
    code as libc::c_int
}

/// Stands in for libc's `pwritev2`.
///
/// # Safety
/// As for libc's function: `iov` points to `count` valid buffers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwritev2(
    fd: libc::c_int,
    iov: *const libc::iovec,
    count: libc::c_int,
    offset: libc::off_t,
    flags: libc::c_int,
) -> libc::ssize_t {
    if flags & (libc::RWF_DSYNC | libc::RWF_SYNC) != 0 {
        SYNC_WRITE.fetch_add(1, Ordering::SeqCst);
    }
    // SAFETY: the system call that libc's function makes; on 64-bit the high half of the offset
    // is in the same argument, and the next one is ignored.
    let code = unsafe { libc::syscall(libc::SYS_pwritev2, fd, iov, count, offset, 0usize, flags) };
    code as libc::ssize_t
}

#[cfg(test)]
mod tests;
