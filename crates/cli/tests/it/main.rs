//! The program as people and tools use it: arguments in, text and exit codes out, signals, files that change.

#![allow(clippy::unwrap_used, reason = "tests")]

mod attack;
mod bad_days;
mod browser;
mod cases;
mod checking;
mod clients;
mod contracts;
mod diffing;
mod explaining;
mod harbor;
#[allow(dead_code, reason = "shared with the tests of frontdesk-perimeter, which use all of it")]
#[path = "../../../perimeter/tests/it/http.rs"]
mod http;
mod importing;
mod instances;
mod keys;
mod locking;
mod pact;
mod program;
#[allow(dead_code, reason = "shared with the tests of frontdesk-perimeter, which use all of it")]
#[path = "../../../perimeter/tests/it/provider_process.rs"]
mod provider_process;
mod service_auth;
mod serving;
mod usage;
#[allow(dead_code, reason = "shared with the tests of frontdesk-server, which use all of it")]
#[path = "../../../server/tests/it/wire.rs"]
mod wire;
