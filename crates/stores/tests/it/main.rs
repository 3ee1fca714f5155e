//! What every store must do, asked of each of them; and what each must do besides.

mod conformance;
mod embedded;
mod folder;
mod gcra;
mod harness;
mod memory;
mod model;
mod redis;
mod redis_server;
