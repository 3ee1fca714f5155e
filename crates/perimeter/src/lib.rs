//! Everything before an endpoint runs: who asks, whether they may, and what their browser is told.
//!
//! A [`Perimeter`] belongs to one BFF and is shared by all threads. The server matches a route and then asks
//! [`Perimeter::admit`], the one gate of all endpoints; paths under `/auth/` are answered here altogether. What takes
//! long (providers of identity, refreshes) happens in the [`Office`], a thread of its own, so that a browser that goes
//! away cannot leave a rotated token unsaved.
//!
//! - `jose` signs and verifies; `provider` speaks OAuth and OpenID Connect with one provider;
//! - `session` keeps browsers' sessions, `device` those of apps, `bearer`, `api_key` and `certificate` know other
//!   callers;
//! - `origin`, `cors`, `headers`, `limits` say what may come and what may be seen.
//!
//! This crate must not know about plans' steps, files, or any concrete store or HTTP client.

pub mod api_key;
mod attempts;
pub mod bearer;
mod certificate;
pub mod claims;
mod cors;
pub mod credentials;
mod device;
pub mod exchange;
mod gate;
pub mod headers;
mod identity;
mod inbound;
pub mod jose;
mod limits;
mod office;
mod origin;
mod origins;
mod perimeter;
mod proofs;
pub mod provider;
pub mod provider_grants;
mod provision;
mod proxies;
mod refusal;
mod rehearsal;
mod requires;
pub mod return_to;
pub mod routes;
mod security_headers;
pub mod session;
mod token_memory;
pub mod transaction;

pub use attempts::Attempts;
pub use certificate::Certificates;
pub use cors::{CorsRules, Grant, is_preflight};
pub use gate::{Admitted, AnswerHeaders, ApprovedBody, BodyCheck};
pub use identity::{Identity, Kind};
pub use inbound::{ClientCertificate, Inbound};
pub use limits::{EndpointLimits, Limits, Standing};
pub use office::{Closed, Desk, Office};
pub use origin::{CrossSite, Rule};
pub use origins::Origins;
pub use perimeter::{Entrance, Perimeter, Premises};
pub use provision::{ProvisionError, Resolve};
pub use proxies::{BadNetwork, Client, TrustedProxies};
pub use refusal::Refusal;
pub use rehearsal::WhoAsks;
pub use security_headers::SecurityHeaders;
