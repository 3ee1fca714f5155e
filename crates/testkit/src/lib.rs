//! Runs BFFs without their services: fake services that do as they are told, or make up what their schemas allow; cases
//! that say what is asked and what must come of it; a clock that stands still while nothing happens.
//!
//! ```text
//! tests/*.yaml ─ case ─▶ Case ─┐
//!                              ├─ stage: the real server, in process ─▶ answer ─ check ─▶ Outcome ─ report ─▶ text, JSON, JUnit
//! schemas ─ fake ─ answers ────┘
//! ```
//!
//! - `fake` stands in for services, on the wire's bytes: HTTP and gRPC;
//! - `stage` asks one BFF something and sees what came of it;
//! - `case` reads what users write; `check` compares; `suite` runs all of it.
//!
//! This crate must not know about arguments or the terminal, and writes no file: what is to be written it gives back.

pub mod fake;
pub mod identity;
mod schema;
pub mod stage;
