//! **Should I be using this crate?** Yes, if you need an embedded, ordered map from hashed 32-byte keys
//! to values of any length.
#![forbid(unsafe_code)]

mod buffer;
mod check;
mod cut;
mod error;
mod faults;
mod flush;
mod index;
mod index_version;
mod key;
mod leaf_cache;
mod little_endian;
mod meta;
mod options;
mod page;
mod page_file;
mod reclaim;
#[cfg(test)]
mod sample;
mod space;
mod stats;
#[cfg(feature = "standalone")]
mod store;
mod tree;
mod tree_file;
mod units;
mod value;
mod version;
mod weight;

pub use buffer::Buffer;
pub use buffer::merge::{MergeJob, Merged};
pub use buffer::run::{Change, Run, StoredValue, ValueHasher};
pub use check::CheckReport;
pub use error::{Damage, TreeError};
#[cfg(any(test, feature = "faults"))]
pub use faults::Faults;
pub use flush::{Flush, FlushOptions, Pace, Slice};
pub use index_version::Index;
pub use key::{Key, Prefix};
pub use meta::{Counts, META_BYTES, Meta};
pub use options::TreeOptions;
pub use page::leaf::ValueHash;
pub use stats::TreeStats;
#[cfg(feature = "standalone")]
pub use store::{
    Background, Batch, Durability, Snapshot, Store, StoreError, StoreOptions, StoreStats,
};
pub use tree::Tree;
pub use value::Value;
pub use version::{Entries, EntryValue, LeafEntry, Version};
pub use weight::{
    INLINE_VALUE_BYTES_MAX, LEAF_WEIGHT_MAX, PLAIN_VALUE_BYTES_MAX, VALUE_BYTES_MAX,
    WEIGHT_VERSION, cell_weight,
};
