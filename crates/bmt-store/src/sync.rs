//! The primitives under the version pointer and the pins. A test puts those of `shuttle` in their place, which runs
//! the same code in many orders.

pub(crate) use arc_swap::ArcSwap;
pub(crate) use parking_lot::Mutex;
pub(crate) use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

#[cfg(test)]
mod tests;
