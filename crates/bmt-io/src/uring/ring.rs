//! One ring: set-up, probe, and entries whose memory is known to stay.
#![expect(unsafe_code, reason = "the kernel reads and writes buffers after a push returns")]

use crate::storage::Request;
use crate::units::len_u64;
use io_uring::{IoUring, Probe, opcode, squeue, types};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

/// The most bytes of one entry; lengths are 32 bits and results signed.
const ENTRY_BYTES_MAX: usize = 1 << 30;

/// A ring.
pub(super) struct Ring(IoUring);

impl Ring {
    /// A ring that takes `depth` entries at once.
    pub(super) fn new(depth: usize) -> io::Result<Self> {
        let entries = u32::try_from(depth.next_power_of_two()).unwrap_or(u32::MAX);
        // Completions are then processed when this thread enters the kernel anyway, not by
        // interrupting it. Kernels before 5.19 do not know the flag.
        let ring = match IoUring::builder().setup_coop_taskrun().build(entries) {
            Err(error) if error.raw_os_error() == Some(libc::EINVAL) => IoUring::new(entries)?,
            other => other?,
        };
        Ok(Self(ring))
    }

    /// Hands the part of a request from `done_bytes` on to the ring, under `index`.
    ///
    /// # Errors
    /// When the ring is full; the kernel then knows nothing of the request.
    ///
    /// # Safety
    /// The request must be neither dropped nor used before [`Ring::completions`] has returned
    /// `index`: the kernel may read or write its buffer, and its file must stay open, until then.
    pub(super) unsafe fn push(
        &mut self,
        request: &mut Request,
        file: &File,
        done_bytes: usize,
        index: usize,
    ) -> io::Result<()> {
        let entry = entry(request, file, done_bytes).user_data(len_u64(index));
        // SAFETY: the entry's buffer and file live until its completion, as the caller promises.
        let pushed = unsafe { self.0.submission().push(&entry) };
        pushed.map_err(|_| io::Error::other("the submission queue is full"))
    }

    /// Makes pushed entries known to the kernel; does not wait.
    pub(super) fn submit(&self) -> io::Result<usize> {
        self.0.submit()
    }

    /// The same, then waits until there is a completion.
    pub(super) fn submit_and_wait(&self) -> io::Result<usize> {
        self.0.submit_and_wait(1)
    }

    /// The completions that have come: index and result of each.
    pub(super) fn completions(&mut self) -> impl Iterator<Item = (usize, i32)> {
        self.0
            .completion()
            .map(|entry| (usize::try_from(entry.user_data()).unwrap_or(usize::MAX), entry.result()))
    }
}

fn entry(request: &mut Request, file: &File, done_bytes: usize) -> squeue::Entry {
    let target = types::Fd(file.as_raw_fd());
    let len = |bytes: &[u8]| u32::try_from(bytes.len().min(ENTRY_BYTES_MAX)).unwrap_or(u32::MAX);
    match request {
        Request::Read { buffer, offset_bytes, .. } => {
            let rest = &mut buffer[done_bytes..];
            let len = len(rest);
            opcode::Read::new(target, rest.as_mut_ptr(), len)
                .offset(offset_bytes.wrapping_add(len_u64(done_bytes)))
                .build()
        }
        Request::Write { buffer, offset_bytes, .. } => {
            let rest = &buffer[done_bytes..];
            opcode::Write::new(target, rest.as_ptr(), len(rest))
                .offset(offset_bytes.wrapping_add(len_u64(done_bytes)))
                .build()
        }
    }
}

/// See [`super::probe`].
pub(super) fn probe() -> io::Result<()> {
    let mut ring = Ring::new(1)?;
    let nop = opcode::Nop::new().build();
    // SAFETY: a NOP refers to no memory.
    let pushed = unsafe { ring.0.submission().push(&nop) };
    pushed.map_err(|_| io::Error::other("a new ring is full"))?;
    ring.submit_and_wait()?;
    match ring.completions().next() {
        Some((_, 0)) => {}
        Some((_, result)) => return Err(io::Error::from_raw_os_error(result.saturating_neg())),
        None => return Err(io::Error::other("a NOP did not complete")),
    }
    let mut supported = Probe::new();
    ring.0.submitter().register_probe(&mut supported)?;
    let needed = [opcode::Read::CODE, opcode::Write::CODE];
    match needed.iter().all(|code| supported.is_supported(*code)) {
        true => Ok(()),
        false => Err(io::Error::from_raw_os_error(libc::ENOSYS)),
    }
}
