//! What a run costs, asked from the kernel: processor time, bytes, memory, syncs, disk blocks.

mod cpu;
mod device;
mod disk;
mod io;
mod memory;
mod probe;
pub mod syncs;

pub use cpu::{process_cpu, thread_cpu};
pub use device::Device;
pub use disk::{allocated_bytes, copy_tree, drop_cached, read_all};
pub use io::{IoBytes, io_bytes};
pub use memory::{AnonymousPeak, peak_resident_bytes, reset_peak_resident};
pub use probe::{Probe, probe};
