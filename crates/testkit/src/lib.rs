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
//! - `case` reads what users write; `check` compares; `suite` runs all of it;
//! - `budget` and `coverage` say what cases do not: how large answers may get, and what was never tried;
//! - `mock` is for `dev`: the same fake services, for people;
//! - `pact` serves a BFF to the Pact project's verifier, which is another program.
//!
//! This crate must not know about arguments or the terminal, and writes no file: what is to be written it gives back.

mod budget;
pub mod case;
pub mod check;
pub mod coverage;
pub mod fake;
pub mod identity;
pub mod mock;
pub mod pact;
pub mod report;
mod schema;
pub mod stage;
pub mod suite;

pub use budget::Sizes;
