//! Writing a path proof.

use super::{PATH_PROOF_VERSION, PathProof, Terminal};
use crate::key::Key;
use crate::scheme::Scheme;
use alloc::vec;
use alloc::vec::Vec;

impl<S: Scheme> PathProof<S> {
    /// The proof's one encoding, in version [`PATH_PROOF_VERSION`].
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let depth = self.siblings.len();
        assert!(depth <= 8 * S::Key::LEN, "a path is at most as long as a key");
        let (kind, mut path, rest) = match &self.terminal {
            Terminal::Included => (0, vec![0; depth.div_ceil(8)], Vec::new()),
            Terminal::Empty => (1, vec![0; depth.div_ceil(8)], Vec::new()),
            Terminal::OtherLeaf(preimage) => {
                let (head, from_key) = preimage.split_at(S::LEAF_KEY_OFFSET);
                let (key, tail) = from_key.split_at(S::Key::LEN);
                (2, key.to_vec(), [head, tail].concat())
            }
        };
        path.iter_mut().zip(self.siblings.marks()).for_each(|(byte, marks)| *byte |= marks);
        let [depth_low, depth_high, ..] = depth.to_le_bytes();
        let mut bytes =
            Vec::with_capacity(2 + path.len() + 32 * self.siblings.present().len() + rest.len());
        bytes.push((PATH_PROOF_VERSION << 4) | (depth_high << 3) | kind);
        bytes.push(depth_low);
        bytes.extend_from_slice(&path);
        bytes.extend_from_slice(self.siblings.present().as_flattened());
        bytes.extend_from_slice(&rest);
        bytes
    }
}
