//! The compression function of Blake2b-256, written once for every width.
//!
//! [`kernel!`] expands in a module that has in scope: `Word`, one 64-bit word of each lane;
//! `LANES`; `add`, `xor`, `rotate_32`, `rotate_24`, `rotate_16` and `rotate_63` (all to the right);
//! `splat` and `word`, to make a `Word` of one number or of one for each lane; `load`, to turn
//! `LANES` rows of 64 bytes into eight words; `store`, to turn four words into `LANES` hashes.
//! Expanding instead of calling a generic function gives each width its own target features, so
//! that the operations are safe to call and always inlined.

/// The initialisation vector (RFC 7693, section 2.6).
pub(super) const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// The first state word: 32 bytes of output, no key, fan-out and depth of one.
pub(super) const FIRST: u64 = IV[0] ^ 0x0101_0020;

/// One block a lane: its 128 bytes, zeros after the message, and the message's length in bytes.
#[derive(Debug)]
pub(super) struct Blocks<const LANES: usize> {
    pub(super) bytes: [[[u8; 64]; 2]; LANES],
    pub(super) lengths: [u64; LANES],
}

/// Half a round: four times the function G (RFC 7693, section 3.1), step by step on all four.
/// Words from `WORDS` on are zero and are not added.
macro_rules! quarter_rounds {
    ($v:ident, $m:ident; $($a:literal $b:literal $c:literal $d:literal: $x:literal $y:literal),*) => {
        $(if $x < WORDS { $v[$a] = add($v[$a], $m[$x % WORDS]); })*
        $($v[$a] = add($v[$a], $v[$b]);)*
        $($v[$d] = rotate_32(xor($v[$d], $v[$a]));)*
        $($v[$c] = add($v[$c], $v[$d]);)*
        $($v[$b] = rotate_24(xor($v[$b], $v[$c]));)*
        $(if $y < WORDS { $v[$a] = add($v[$a], $m[$y % WORDS]); })*
        $($v[$a] = add($v[$a], $v[$b]);)*
        $($v[$d] = rotate_16(xor($v[$d], $v[$a]));)*
        $($v[$c] = add($v[$c], $v[$d]);)*
        $($v[$b] = rotate_63(xor($v[$b], $v[$c]));)*
    };
}

/// One round with a row of the message schedule.
macro_rules! round {
    ($v:ident, $m:ident; $a:literal $b:literal $c:literal $d:literal $e:literal $f:literal
     $g:literal $h:literal $i:literal $j:literal $k:literal $l:literal $n:literal $o:literal
     $p:literal $q:literal) => {
        quarter_rounds!($v, $m;
            0 4 8 12: $a $b, 1 5 9 13: $c $d, 2 6 10 14: $e $f, 3 7 11 15: $g $h);
        quarter_rounds!($v, $m;
            0 5 10 15: $i $j, 1 6 11 12: $k $l, 2 7 8 13: $n $o, 3 4 9 14: $p $q);
    };
}

/// The twelve rounds (message schedule: RFC 7693, section 2.7).
macro_rules! rounds {
    ($v:ident, $m:ident) => {
        round!($v, $m; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        round!($v, $m; 14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3);
        round!($v, $m; 11 8 12 0 5 2 15 13 10 14 3 6 7 1 9 4);
        round!($v, $m; 7 9 3 1 13 12 11 14 2 6 5 10 4 0 15 8);
        round!($v, $m; 9 0 5 7 2 4 10 15 14 1 11 12 6 8 3 13);
        round!($v, $m; 2 12 6 10 0 11 8 3 4 13 7 5 15 14 1 9);
        round!($v, $m; 12 5 1 15 14 13 4 10 0 7 6 3 9 2 8 11);
        round!($v, $m; 13 11 7 14 12 1 3 9 5 0 15 4 8 6 2 10);
        round!($v, $m; 6 15 14 9 11 3 0 8 12 2 13 7 1 4 10 5);
        round!($v, $m; 10 2 8 4 7 6 1 5 15 11 9 14 3 12 13 0);
        round!($v, $m; 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15);
        round!($v, $m; 14 10 4 8 9 15 13 6 1 12 0 2 11 7 5 3);
    };
}

/// The functions `hash64` and `hash_blocks` of one width, under the given attributes.
macro_rules! kernel {
    ($(#[$features:meta])*) => {
        /// The first and only block, whose words from `WORDS` on are zero, of each lane.
        $(#[$features])*
        #[inline]
        fn compress<const WORDS: usize>(m: &[Word; WORDS], length: Word) -> [Word; 4] {
            let [_, iv1, iv2, iv3, iv4, iv5, iv6, iv7] = IV.map(|number| splat(number));
            let first = splat(FIRST);
            let mut v = [
                first, iv1, iv2, iv3, iv4, iv5, iv6, iv7,
                splat(IV[0]), iv1, iv2, iv3, xor(iv4, length), iv5, splat(!IV[6]), iv7,
            ];
            rounds!(v, m);
            [
                xor(first, xor(v[0], v[8])),
                xor(iv1, xor(v[1], v[9])),
                xor(iv2, xor(v[2], v[10])),
                xor(iv3, xor(v[3], v[11])),
            ]
        }

        /// Hashes groups of nodes; the slices have one length.
        $(#[$features])*
        pub(in crate::lanes) fn hash64(nodes: &[[[u8; 64]; LANES]], hashes: &mut [[Hash; LANES]]) {
            for (group, places) in nodes.iter().zip(hashes) {
                let message = load(group.each_ref());
                store(compress(&message, splat(64)), places);
            }
        }

        /// Hashes one block a lane, each message with a length of its own.
        $(#[$features])*
        pub(in crate::lanes) fn hash_blocks(blocks: &Blocks<LANES>, hashes: &mut [Hash; LANES]) {
            let low = load(blocks.bytes.each_ref().map(|block| &block[0]));
            let length = word(blocks.lengths);
            if blocks.lengths.iter().all(|length| *length <= 64) {
                return store(compress(&low, length), hashes);
            }
            let high = load(blocks.bytes.each_ref().map(|block| &block[1]));
            let mut message = [splat(0); 16];
            message[..8].copy_from_slice(&low);
            message[8..].copy_from_slice(&high);
            store(compress(&message, length), hashes);
        }
    };
}

pub(super) use {kernel, quarter_rounds, round, rounds};
