//! What an adapter implements, and what crosses between it and the engine.
//!
//! A [`Connector`] speaks one protocol to one service: bytes in, bytes out, until a [`Deadline`]. The engine
//! encodes and decodes; a connector dials, pools, balances, frames and gives up. A failed call is a [`Fault`],
//! whose variant carries the blame and decides what the client may learn.
//!
//! This crate must not know about plans, values or any concrete protocol.

mod clock;
mod fault;
mod service_call;

pub use clock::{Deadline, now};
pub use fault::{Fault, Reason};
pub use service_call::{Answer, CallFuture, Connector, ConnectorFactory, ServiceCall, TraceContext};
