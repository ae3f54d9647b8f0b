//! **Should I be using this crate?** Yes, if you keep changes that are not committed yet over a state that
//! is, on several competing branches: blocks that are not final, nested transactions. It says what each
//! branch sees, which step may be committed next, and how much memory all of it takes. For a database that
//! does this and the rest take the `bmt` crate.
//!
//! * [`Overlay`]: a step that is not committed, with its ancestors. It carries whatever its owner wants.
//! * [`Budget`]: the bytes of all steps that are not committed, and their limit.
//! * [`Merged`]: sorted changes over sorted entries, walked from either end.
//!
//! # Durability
//!
//! None: all of it is in memory. What is dropped is gone.
//!
//! # Example
//!
//! ```
//! use bmt_overlay::{Budget, Overlay};
//! use std::collections::BTreeMap;
//!
//! type Changes = BTreeMap<&'static str, Option<u32>>;
//! let budget = Budget::new(1 << 20);
//! let first = Overlay::on_base(&budget, Changes::from([("alice", Some(5)), ("bob", Some(7))]), 64)?;
//! let second = first.child(Changes::from([("bob", None)]), 32)?;
//! let fork = first.child(Changes::from([("bob", Some(8))]), 32)?;
//!
//! let get = |overlay: &Overlay<Changes>, key| overlay.lookup(|changes| changes.get(key).copied());
//! assert_eq!(get(&second, "alice"), Some(Some(5)));
//! assert_eq!(get(&second, "bob"), Some(None)); // deleted; what lies below is not asked
//! assert_eq!(get(&fork, "bob"), Some(Some(8)));
//! assert_eq!(get(&fork, "carol"), None); // ask the committed state
//!
//! assert!(second.check_order().is_err()); // its parent comes first
//! first.set_committed();
//! assert!(second.check_order().is_ok());
//! drop(fork); // costs the others nothing
//! assert_eq!(budget.used_bytes(), 32);
//! # Ok::<(), bmt_overlay::OverBudget>(())
//! ```
#![forbid(unsafe_code)]

mod budget;
mod lineage;
mod merged;

pub use budget::{Budget, OverBudget};
pub use lineage::{ChainError, Overlay, ParentNotCommitted};
pub use merged::Merged;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
