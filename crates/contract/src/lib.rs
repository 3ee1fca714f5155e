//! The public contract of a BFF: inferred from its code, written to a file, compared, and turned into clients.
//!
//! ```text
//! Model ─ infer ─▶ Contract ─ openapi::write ─▶ contract.yaml ─ openapi::read ─▶ Contract
//!                     │  └──────────────── diff ────────────────────┘
//!                     └ clients ─▶ TypeScript, Kotlin, Swift
//! ```
//!
//! [`Contract`] is the hub: everything else of this crate makes one or reads one.
//!
//! This crate must not know how a plan runs, and does no I/O.

pub mod clients;
mod contract;
pub mod diff;
pub mod example;
mod infer;
pub mod openapi;
pub mod pact;

pub use contract::*;
pub use infer::{dates, infer, lock_path};
