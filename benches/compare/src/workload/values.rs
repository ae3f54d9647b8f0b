//! The values: bytes that are a function of the key's number and of the write's number.

use super::random::mix;
use serde::{Deserialize, Serialize};

/// How long values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ValueShape {
    /// All of this many bytes.
    Fixed(usize),
    /// Uniformly between these lengths in bytes, both included.
    Between(usize, usize),
}

impl ValueShape {
    /// Length in bytes of the value that write `version` gives to key `number`.
    #[must_use]
    pub fn length_bytes(self, number: u64, version: u64) -> usize {
        match self {
            Self::Fixed(length) => length,
            Self::Between(least, most) => {
                let span = (most - least + 1) as u64;
                least + (mix(number ^ mix(version ^ 0x5EED)) % span) as usize
            }
        }
    }

    /// Appends the value that write `version` gives to key `number`; returns its length in bytes.
    pub fn append(self, number: u64, version: u64, to: &mut Vec<u8>) -> usize {
        let length = self.length_bytes(number, version);
        let end = to.len() + length;
        let mut word = mix(number) ^ version;
        while to.len() < end {
            word = mix(word);
            let bytes = word.to_le_bytes();
            to.extend_from_slice(&bytes[..bytes.len().min(end - to.len())]);
        }
        length
    }

    /// The value that write `version` gives to key `number`.
    #[must_use]
    pub fn value(self, number: u64, version: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.append(number, version, &mut bytes);
        bytes
    }

    /// A name for directories.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Fixed(length) => length.to_string(),
            Self::Between(least, most) => format!("{least}to{most}"),
        }
    }
}
