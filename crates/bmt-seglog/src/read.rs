//! Reading parts from segments.

pub(crate) mod cursor;
pub(crate) mod part;
pub(crate) mod records;
pub(crate) mod window;
