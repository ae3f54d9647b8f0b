//! The adapters, one engine each.

pub mod bmt;
pub mod cheat;
pub mod commonware;
pub mod lmdb;
pub mod nomt;
pub mod redb;
pub mod rocksdb;
