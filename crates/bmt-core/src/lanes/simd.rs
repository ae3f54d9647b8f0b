//! The kernel in vector registers, and the only `unsafe` code of the crate.
//!
//! Each entry asserts that its instructions are there before it uses them.

#![expect(unsafe_code, reason = "instructions that only some machines have; vector loads")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse41;

use super::Backend;
use super::kernel::Blocks;
use crate::scheme::Hash;

macro_rules! entry {
    ($module:ident, $backend:ident, $lanes:literal, $nodes:ident, $blocks:ident) => {
        pub(super) fn $nodes(nodes: &[[[u8; 64]; $lanes]], hashes: &mut [[Hash; $lanes]]) {
            Backend::$backend.assert_available();
            // SAFETY: the machine has the instructions, as just asserted.
            unsafe { $module::hash64(nodes, hashes) }
        }

        pub(super) fn $blocks(blocks: &Blocks<$lanes>, hashes: &mut [Hash; $lanes]) {
            Backend::$backend.assert_available();
            // SAFETY: the machine has the instructions, as just asserted.
            unsafe { $module::hash_blocks(blocks, hashes) }
        }
    };
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
entry!(neon, Lanes2, 2, two_lanes, two_blocks);
#[cfg(target_arch = "x86_64")]
entry!(sse41, Lanes2, 2, two_lanes, two_blocks);
#[cfg(target_arch = "x86_64")]
entry!(avx2, Lanes4, 4, four_lanes, four_blocks);
#[cfg(target_arch = "x86_64")]
entry!(avx512, Lanes8, 8, eight_lanes, eight_blocks);
