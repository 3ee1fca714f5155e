//! The tests of this crate, in one binary.

mod clients;
mod example;
mod pact;
mod samples;
mod without_codegen;
