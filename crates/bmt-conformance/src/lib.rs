//! **Should I be using this crate?** Yes, if you have an implementation of the JAM Gray Paper's
//! state trie and want to run test vectors against it, or if you read or write chain files: states
//! as changes, each with its root. For the trie itself take `bmt-core`, for a database `bmt`.
//!
//! * [`chain`]: the chain file format: a reader that checks every line, and the states behind forks;
//! * [`corpus`]: finds the cases in folders of vectors, whatever format they have;
//! * [`backend`]: the trait that an implementation satisfies to be run;
//! * [`runner`]: commits every step, compares roots, reads, proves and refuses;
//! * [`report`]: what came out; [`command`]: all of it as a command.
//!
//! # Example
//!
//! ```
//! use bmt_conformance::backend::core_layers;
//! use bmt_conformance::corpus::{Case, Corpus, Step};
//! use bmt_conformance::runner::{self, Effort};
//!
//! let nothing = Step {
//!     at: "nothing".into(),
//!     ops: Vec::new(),
//!     root: [0; 32],
//!     key_count: Some(0),
//!     proofs: Vec::new(),
//! };
//! let case = Case::from_steps("example", "the empty state", vec![nothing]);
//! let corpus = Corpus { cases: vec![case], skipped: Vec::new() };
//! let report = runner::run(&corpus, &core_layers(), Effort::default(), &mut |_| ());
//! assert!(report.passed, "{report}");
//! ```
#![forbid(unsafe_code)]

pub mod backend;
pub mod chain;
pub mod command;
pub mod corpus;
pub mod report;
pub mod runner;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
