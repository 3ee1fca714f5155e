//! A checked [`Model`](frontdesk_lang::Model) → the [`Plan`]: per endpoint the order of calls, their guards,
//! deadlines and batches, the fields read of each answer, and the program that writes the response.
//!
//! Planning is pure. The compiler side and the runtime side meet in this crate's [`plan`](mod@plan) module and
//! nowhere else; [`explain`] draws a plan for people, [`security`] says what protects it.
//!
//! This crate must not know how calls are carried or values are kept.

pub mod explain;
mod lower;
pub mod plan;
pub mod security;

pub use lower::plan;
pub use plan::*;
