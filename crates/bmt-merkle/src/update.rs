//! The batch update: from changed entries to edits of the frontier.

pub(crate) mod bottom;
pub(crate) mod divide;
pub(crate) mod locate;
pub(crate) mod read;
mod subtries;
