//! The kernel in the vector registers of x86-64, and the only `unsafe` code of the crate.
//!
//! Each entry asserts that its instructions are there before it uses them.

#![expect(unsafe_code, reason = "instructions that only some machines have; vector loads")]

mod avx2;
mod avx512;
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

entry!(sse41, Lanes2, 2, two_lanes, two_blocks);
entry!(avx2, Lanes4, 4, four_lanes, four_blocks);
entry!(avx512, Lanes8, 8, eight_lanes, eight_blocks);
