//! The server against real services and real clients, over sockets.
//!
//! `desk` starts a Frontdesk on a workspace held in memory, `wire` is a client that says exactly what it is told.
//! `scenarios` runs the cases in `scenarios/` at the root of the repository; the rest is what needs more control
//! than a case in data has.

#![allow(clippy::unwrap_used, reason = "tests")]

mod cache_attacks;
mod caching;
mod cancelling;
mod client_certificates;
mod clock_jumps;
mod coding;
mod connections;
mod cross_origin;
mod desk;
mod framing;
mod harbor;
mod http_cache;
mod idempotency;
mod lifecycle;
mod log_lines;
mod overload;
mod panics;
mod protocols;
mod proxying;
mod scenarios;
mod site;
mod tracing;
mod traffic;
mod version_tricks;
mod versions;
mod wire;
mod wire_cases;
