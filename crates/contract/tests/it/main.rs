//! The tests of this crate, in one binary.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

mod clients;
mod deceptive;
mod diff;
mod example;
mod infer;
mod locks;
mod mobile;
mod pact;
mod round_trip;
mod samples;
mod validators;
mod without_codegen;
mod workspace;
