//! Serves a Snapshot over HTTP: listeners, the way of a request, proxy routes, reload, health.
//!
//! `workers` accepts connections, `connection` bounds them, `framing` tells their messages apart, `pipeline` answers
//! one request from start to end, `proxy` passes one through to a service, `admin` says whether we are well.
//!
//! This crate must not know about files, arguments or the environment.

mod access_log;
mod admin;
mod answered;
mod body;
mod caching;
mod compress;
mod connection;
mod documents;
mod endpoint;
mod framing;
mod idempotency;
mod overload;
mod path;
mod pipeline;
mod proxy;
pub mod rehearse;
mod request_body;
mod retirement;
mod session;
mod site;
mod snapshot;
mod tls;
mod trace;
mod traffic;
mod usage;
mod versions;
mod workers;

pub use documents::Documents;
pub use rustls::ServerConfig as TlsConfig;
pub use site::{FILE_BYTES, FILES, FOLDER_BYTES, Found, Page, Site, SiteError, SiteFile};
pub use snapshot::{ProvisionError, ServiceAccess, Snapshot, Surroundings};
pub use tls::{Error as TlsError, config as tls_config};
pub use traffic::VersionAccess;
pub use workers::{Error, ListenerSettings, Server, Settings, start};
