//! Raw io_uring loops over one file: random 4 KiB reads, or sequential 1 MiB writes.
//!
//! `bare-io read FILE DEPTH OPERATIONS` or `bare-io write FILE DEPTH OPERATIONS`; prints
//! `OPERATIONS SECONDS`. The file must be there and large enough; it is opened with `O_DIRECT`.

#[cfg(target_os = "linux")]
fn main() -> std::io::Result<()> {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("bare-io: io_uring is Linux only");
    std::process::exit(1);
}

#[cfg(target_os = "linux")]
mod linux {
    use io_uring::{IoUring, opcode, types};
    use std::alloc::{Layout, alloc_zeroed};
    use std::fs::OpenOptions;
    use std::io::{Error, ErrorKind, Result};
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::OpenOptionsExt;
    use std::time::Instant;

    pub fn main() -> Result<()> {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let [mode, file, depth, operations] = words.as_slice() else {
            return Err(Error::other("bare-io read|write FILE DEPTH OPERATIONS"));
        };
        let number = |word: &String| word.parse::<u32>().map_err(Error::other);
        let (depth, operations) = (number(depth)?, number(operations)?);
        let is_read = mode == "read";
        let block: usize = if is_read { 4096 } else { 1 << 20 };
        let file = OpenOptions::new()
            .read(true)
            .write(!is_read)
            .custom_flags(libc::O_DIRECT)
            .open(file)?;
        let blocks = file.metadata()?.len() / block as u64;
        let mut ring = IoUring::new(depth)?;
        // SAFETY: the layout has a size above zero. The memory is never freed.
        let buffers = unsafe {
            alloc_zeroed(Layout::from_size_align(block * depth as usize, 4096).map_err(Error::other)?)
        };
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut place = |sequence: u32| {
            if is_read {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state % blocks) * block as u64
            } else {
                (u64::from(sequence) % blocks) * block as u64
            }
        };
        let mut push = |ring: &mut IoUring, slot: u32, sequence: u32| -> Result<()> {
            // SAFETY: every slot has `block` bytes of its own within the allocation.
            let buffer = unsafe { buffers.add(slot as usize * block) };
            let (fd, offset) = (types::Fd(file.as_raw_fd()), place(sequence));
            let entry = if is_read {
                opcode::Read::new(fd, buffer, block as u32).offset(offset).build()
            } else {
                opcode::Write::new(fd, buffer, block as u32).offset(offset).build()
            };
            // SAFETY: a slot has one operation at a time, and its buffer is never freed.
            unsafe { ring.submission().push(&entry.user_data(u64::from(slot))) }
                .map_err(Error::other)
        };
        let began = Instant::now();
        let (mut pushed, mut done) = (0, 0);
        while pushed < depth.min(operations) {
            push(&mut ring, pushed, pushed)?;
            pushed += 1;
        }
        while done < operations {
            ring.submit_and_wait(1)?;
            let completed: Vec<_> = ring.completion().collect();
            for entry in completed {
                if entry.result() != block as i32 {
                    return Err(Error::new(ErrorKind::UnexpectedEof, "a short or failed operation"));
                }
                done += 1;
                if pushed < operations {
                    push(&mut ring, entry.user_data() as u32, pushed)?;
                    pushed += 1;
                }
            }
        }
        println!("{operations} {}", began.elapsed().as_secs_f64());
        Ok(())
    }
}
