//! The branch nodes in memory: immutable, shared between versions, and searched without reading.

pub(crate) mod edit;
pub(crate) mod load;
pub(crate) mod node;
pub(crate) mod search;
mod separator_table;

pub(crate) use node::{Below, Item, Node};
pub(crate) use search::Spot;
