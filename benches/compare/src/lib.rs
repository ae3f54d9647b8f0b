//! Side-by-side benchmarks of bmt and its peers: one generator of workloads, one trait with one
//! adapter per engine, every turn in a process of its own, every result checked.
//!
//! The program `compare` is the way in; see the README of this folder.
#![cfg(target_os = "linux")]

pub mod cells;
pub mod child;
pub mod children;
pub mod engine;
pub mod engines;
pub mod instructions;
pub mod job;
pub mod limit;
pub mod meter;
pub mod reference_root;
pub mod report;
pub mod results;
pub mod turns;
pub mod workload;
