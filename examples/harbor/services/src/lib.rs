//! The services behind Harbor Commerce, in one process: what the four BFFs of the example call.
//!
//! Everything they answer follows from the ids in the request, so two runs give the same bytes and every
//! `c1`, `c2`, … is another cart. Each service has its own port and can be told to misbehave
//! (see [`control`]); the recommendations also misbehave by request, for ids that begin with `slow-`,
//! `flaky-` or `broken-`.
//!
//! `data` holds what is true in this world, `desks` the HTTP services that show it, `grpc` the gRPC ones,
//! [`server`] the ports and the faults. Nothing here is a part of Frontdesk.

mod answer;
mod body;
pub mod control;
mod data;
mod desks;
pub mod grpc;
pub mod server;

pub use server::{Bound, Harbor, Service, bind, serve};
