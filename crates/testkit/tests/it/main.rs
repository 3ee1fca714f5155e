//! The suites of `testdata`, run over one workspace; what is said of them is compared with what is written there.

#![allow(clippy::unwrap_used, reason = "tests")]

mod suites;
mod xml;
