//! `frontdesk.yaml` and the service schemas it names → services, operations and types.
//!
//! Data passes through in two steps: `config` reads the platform's YAML into what was written; the schema
//! readers (`openapi`, `proto`, `sample`) turn each service's own document into [`Operation`]s whose arguments
//! and results are [`frontdesk_types::Type`]s. The result is one [`Catalog`].
//!
//! This crate must not know about views, plans or sockets. Files arrive as text.

pub mod catalog;
mod files;
pub mod proto;

pub use catalog::*;
pub use files::{FileProblem, Files, resolve_path};
