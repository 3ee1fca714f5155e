//! The program as people and tools use it: arguments in, text and exit codes out, signals, files that change.

#![allow(clippy::unwrap_used, reason = "tests")]

mod browser;
mod checking;
mod explaining;
mod importing;
mod keys;
mod program;
mod service_auth;
mod serving;
mod usage;
