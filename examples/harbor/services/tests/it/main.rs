//! The services over real sockets: what they say, whether it fits what they publish, and how they fail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod data;
mod faults;
mod grpc;
mod published;
mod world;
