//! What is done to the engines: keys, values and batches, the same for every one of them.
//!
//! The live keys are always those with the numbers `oldest..next`, so the generator needs no
//! memory that grows with the database and takes nothing from an engine's memory limit. A key's
//! bytes and a value's bytes are functions of numbers, so the expected end state can be computed
//! again after the run ([`expect`]) and compared with what the database says.

mod batch;
pub mod expect;
mod generator;
mod keys;
mod random;
mod values;

pub use batch::{Batch, Op, OpKind};
pub use generator::{Generator, Mix, Pick, load_batches, sorted_entries};
pub use keys::{Key, KeyShape};
pub use random::Random;
pub use values::ValueShape;

use serde::{Deserialize, Serialize};

/// A database as it is loaded: how many keys, of what shape, with what values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dataset {
    /// Keys in the loaded database.
    pub key_count: u64,
    /// The shape of the keys.
    pub keys: KeyShape,
    /// The shape of the values.
    pub values: ValueShape,
}

impl Dataset {
    /// A database of uniform keys and 32-byte values.
    #[must_use]
    pub const fn plain(key_count: u64) -> Self {
        Self { key_count, keys: KeyShape::Uniform, values: ValueShape::Fixed(32) }
    }

    /// A name for directories, such as `1e6-uniform-32`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}-{}-{}", size_name(self.key_count), self.keys.name(), self.values.name())
    }
}

/// `1e6`, `4e6`, `1.6e7`: a size as it stands in the names of figures.
#[must_use]
pub fn size_name(count: u64) -> String {
    let text = format!("{:e}", count as f64);
    text.replace("e0", "")
}

#[cfg(test)]
mod tests;
