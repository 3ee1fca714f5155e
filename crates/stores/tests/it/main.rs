//! What every store must do, asked of each of them; and what each must do besides.

#![allow(clippy::unwrap_used, reason = "a test that unwraps says what it expects")]

mod conformance;
mod embedded;
mod folder;
mod gcra;
mod harness;
mod memory;
mod model;
mod redis;
mod redis_cache;
mod redis_failover;
mod redis_server;
mod redis_users;
