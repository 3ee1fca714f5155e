//! Runs a Plan: calls in parallel until their deadlines, reads only what the view reads, writes the answer once.
//!
//! A request's way: `input` validates what the client sent into the frame; `run` starts every step whose needs are
//! met; `encode` turns a step's arguments into a service call; `select` reads the answer's bytes by the plan's
//! selection into [`value::Value`]s that borrow them; `eval` evaluates the program over the frame; `emit` writes the
//! response into one buffer.
//!
//! This crate must not know about sockets, files or the language's syntax.

pub mod convert;
pub mod display;
pub mod emit;
pub mod encode;
pub mod eval;
pub mod input;
pub mod join;
pub mod marks;
pub mod number;
pub mod object;
pub mod outcome;
pub mod prepared;
pub mod run;
pub mod select;
pub mod text;
pub mod value;
pub mod verbatim;
