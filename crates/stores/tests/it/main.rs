//! What every store must do, asked of each of them; and what each must do besides.

mod conformance;
mod embedded;
mod gcra;
mod harness;
mod memory;
mod model;
