//! Chain files: states as changes, one atomic commit a line.
//!
//! # The lines
//!
//! The format is described in full in `test-vectors/README.md`. JSON, one object a line; bytes are hexadecimal without a prefix; keys have 31 bytes.
//!
//! | line | fields | meaning |
//! |---|---|---|
//! | first | `source`, `gp` | where the data is from, for which version of the Gray Paper |
//! | whole state | `at`, `root`, `set` | the state is exactly `set`, whatever it was before |
//! | change | `at`, `parent`, `root`, `set`, `del` | the state of root `parent`, changed, has root `root` |
//!
//! `parent` is the root of any earlier line. When it is not the newest root, the step is a fork:
//! a store with one newest state commits the difference from that state, which [`ChainState`]
//! composes. `set` and `del` of a change may be absent; a change may change nothing and is still a
//! commit. Deleting an absent key is allowed; a key given twice in a line is not.
//!
//! # Example
//!
//! ```
//! use bmt_conformance::chain::{ChainOptions, ChainReader, ChainState};
//!
//! let file = concat!(
//!     r#"{"source":"example","gp":"0.7.2"}"#, "\n",
//!     r#"{"at":"genesis","root":"0000000000000000000000000000000000000000000000000000000000000000","set":{}}"#,
//! );
//! let mut state = ChainState::new();
//! for line in ChainReader::new(file.as_bytes(), "example.jsonl", ChainOptions::default())? {
//!     let line = line?;
//!     let step = state.advance(&line)?;
//!     assert!(step.ops.is_empty());
//!     line.check_root([0; 32])?; // the root that the store under test has after `step.ops`
//! }
//! # Ok::<(), bmt_conformance::chain::ChainError>(())
//! ```

mod error;
pub(crate) mod line;
mod object;
mod reader;
mod state;

pub use error::{ChainError, ChainFault};
pub use line::ChainLine;
pub use reader::{ChainHeader, ChainOptions, ChainReader, LINE_BYTES_MAX};
pub use state::{ChainState, ChainStep};

use bmt_core::StateKey;
use std::sync::Arc;

/// A value, shared between everything that refers to it.
pub type Value = Arc<[u8]>;

/// One change of a commit: the key's new value, or `None` to delete it.
pub type Op = (StateKey, Option<Value>);
