//! A timed phase: the kernel's counters at its beginning and end.

use crate::job::Costs;
use crate::meter::syncs::Syncs;
use crate::meter::{self, Device, IoBytes};
use std::path::Path;
use std::time::Duration;

/// The counters at the beginning of a phase.
pub(super) struct Span {
    cpu: Duration,
    io: IoBytes,
    syncs: Syncs,
    device: Option<Device>,
    device_flushes: Option<u64>,
}

impl Span {
    /// Begins a phase that works in `dir`; the peak of resident memory starts anew.
    pub(super) fn begin(dir: &Path) -> Self {
        meter::reset_peak_resident();
        let device = Device::of(dir);
        let device_flushes = device.as_ref().and_then(Device::flushes);
        Self {
            device,
            device_flushes,
            syncs: Syncs::now(),
            io: meter::io_bytes(),
            cpu: meter::process_cpu(),
        }
    }

    /// Ends it, and fills in what the kernel counted. `excluded_cpu` is the generator's.
    pub(super) fn end(self, costs: &mut Costs, excluded_cpu: Duration) {
        let cpu = meter::process_cpu() - self.cpu;
        let io = meter::io_bytes().since(self.io);
        costs.cpu_s = cpu.saturating_sub(excluded_cpu).as_secs_f64();
        costs.read_bytes = io.read;
        costs.written_bytes = io.written;
        costs.syncs = Syncs::now().since(self.syncs);
        costs.peak_resident_bytes = meter::peak_resident_bytes();
        let flushes = self.device.and_then(|device| device.flushes());
        costs.device_flushes = flushes.zip(self.device_flushes).map(|(now, then)| now - then);
    }
}
