//! Towards the services: one folder per protocol, over shared pieces for reaching a machine at all.
//!
//! [`Settings`] say where a service is and what it may cost; `http/` speaks HTTP/1.1 and HTTP/2 to it,
//! `grpc/` speaks gRPC; `web` is for servers that are no services: providers of identity. Shared below the protocols:
//! `endpoint_source` and `discovery` (where endpoints are, as that changes), `endpoint` (a base URL), `addresses` (which of
//! them may be dialled), `tls`, `transport` (dialling), `balance` (which endpoint), `resilience` (whether, when and how often a call is made), `trace` (what each call tells) and `http2`
//! (connections with many calls each).
//! Around a service's connector may stand `traffic` (which version of the service answers, what is mirrored) and `faults`
//! (those that are made on purpose).
//!
//! A connector lives on one thread and shares nothing with its siblings on other cores: no locks, no channels.
//! HTTP/2 needs a task per connection, so connectors run under a `tokio` `LocalSet` or `LocalRuntime`.
//!
//! This crate must not know about plans, values or the client's side of the house.

mod addresses;
mod balance;
mod discovery;
mod endpoint;
mod endpoint_source;
pub mod faults;
pub mod grpc;
pub mod http;
mod http2;
mod resilience;
mod settings;
mod tls;
mod trace;
pub mod traffic;
mod transport;
pub mod web;

pub use addresses::Addresses;
pub use endpoint_source::{At, EndpointList, EndpointSource, HealthCheck};
pub use resilience::policy::{BoundPolicy, BreakerPolicy, OutlierPolicy, Policy, Retries};
pub use resilience::{Bound, Place};
pub use resilience::{BreakerState, Figures};
pub use settings::{ClientIdentity, Error, Settings};
pub use web::WebClients;
