//! `frontdesk.yaml` and the service schemas it names → services, operations and types.
//!
//! Data passes through in two steps: `config` reads the platform's YAML into what was written; the schema
//! readers (`openapi`, `proto`, `sample`) turn each service's own document into [`Operation`]s whose arguments
//! and results are [`frontdesk_types::Type`]s. The result is one [`Catalog`].
//!
//! This crate must not know about views, plans or sockets. Files arrive as text.

mod batch;
pub mod catalog;
pub mod config;
mod files;
pub mod import;
mod load;
mod names;
pub mod openapi;
mod path_template;
mod policy;
pub mod proto;
mod sample;
pub mod schema;
mod schema_file;
mod traffic;
pub mod tree;

pub use catalog::*;
pub use config::endpoint_list;
pub use files::{FileProblem, Files, resolve_path};
pub use load::load;
pub use policy::{Breaker, Bulkhead, Hedging, Outliers, Retries};
pub use traffic::{Cohort, Mirror, ServiceVersion, Share, Traffic, TrafficRoute, VersionId};
