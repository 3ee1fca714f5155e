//! Where a service is and what it may cost, as plain data, and what may be wrong with that.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::addresses::Addresses;
use crate::endpoint::Endpoint;
use crate::resilience::policy::{BoundPolicy, Policy};
use crate::transport::Dialer;
use crate::{endpoint, tls};

/// How one service is reached. Everything is resolved: no `${env}` is left, files are already texts.
#[derive(Clone)]
pub struct Settings {
    /// Base URLs, at least one: `http://`, `https://`, or `h2c://` (HTTP/2 in the clear, by prior knowledge).
    /// A path in the URL comes before the target of each call.
    pub urls: Vec<String>,
    /// The longest that name resolution, TCP and TLS together may take.
    pub connect_timeout: Duration,
    /// How its calls are bounded, repeated and given up.
    pub policy: Policy,
    /// The largest answer that is read, in bytes.
    pub body_limit: u64,
    /// Headers of every call, secrets included (which is why `Debug` leaves the values out).
    pub headers: Vec<(String, String)>,
    /// Roots to trust instead of the public ones, as PEM text.
    pub roots_pem: Option<String>,
    /// The name that the certificate must show, if it is not the host of the URL.
    pub server_name: Option<String>,
    /// Speak HTTP/2: by ALPN over `https://`, by prior knowledge over `http://`.
    pub http2: bool,
    /// How long a connection may lie idle before it is not used again.
    pub keep_alive: Duration,
    /// How long the body of an answer that passes through may give nothing.
    pub stall: Duration,
    /// What the hosts of the URLs may resolve to.
    pub addresses: Addresses,
    /// Shown to the service in TLS handshakes.
    pub identity: Option<ClientIdentity>,
}

/// A certificate with its key, as PEM texts. `Debug` shows neither.
#[derive(Clone)]
pub struct ClientIdentity {
    /// The chain, our own certificate first.
    pub certificates_pem: String,
    pub key_pem: String,
}

impl fmt::Debug for ClientIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientIdentity").finish_non_exhaustive()
    }
}

impl Settings {
    /// A service at `url` with the defaults of `frontdesk.yaml`, but that nothing is tried again.
    pub fn at(url: impl Into<String>) -> Self {
        Self {
            urls: vec![url.into()],
            connect_timeout: Duration::from_secs(1),
            policy: Policy::default().retries(0),
            body_limit: 4 * 1024 * 1024,
            headers: Vec::new(),
            roots_pem: None,
            server_name: None,
            http2: false,
            keep_alive: Duration::from_secs(50),
            stall: Duration::from_secs(30),
            addresses: Addresses::default(),
            identity: None,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Settings")
            .field("urls", &self.urls)
            .field("connect_timeout", &self.connect_timeout)
            .field("policy", &self.policy)
            .field("body_limit", &self.body_limit)
            .field("headers", &names)
            .field("own_roots", &self.roots_pem.is_some())
            .field("server_name", &self.server_name)
            .field("http2", &self.http2)
            .field("keep_alive", &self.keep_alive)
            .field("stall", &self.stall)
            .field("addresses", &self.addresses)
            .field("own_identity", &self.identity.is_some())
            .finish()
    }
}

/// What the operator must put right before a service can be reached. Values of headers are never told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a service needs at least one URL, and at most {MOST_ENDPOINTS}")]
    EndpointCount,
    #[error("`{url}` cannot be called: {why}")]
    Url { url: String, why: &'static str },
    #[error("the URLs of one service must all speak the same protocol: `{url}` does not")]
    MixedProtocols { url: String },
    #[error("header `{name}` cannot be sent with every call: {why}")]
    Header { name: String, why: &'static str },
    #[error("the roots in `tls.ca` cannot be used: {why}")]
    Roots { why: String },
    #[error("the certificate in `tls.cert` and the key in `tls.key` cannot be used: {why}")]
    Identity { why: &'static str },
    #[error("`{name}` is not a server name")]
    ServerName { name: String },
    #[error("TLS cannot be set up: {why}")]
    Tls { why: String },
    #[error("`{setting}` must be more than zero")]
    Zero { setting: &'static str },
}

/// A bit per endpoint must fit into a word while a call looks for one that answers.
pub(crate) const MOST_ENDPOINTS: usize = 64;

/// Settings that can be used: parsed, with TLS set up. Shared by all cores.
pub(crate) struct Checked {
    pub(crate) endpoints: Vec<Arc<Endpoint>>,
    pub(crate) dialer: Dialer,
    pub(crate) http2: bool,
    pub(crate) settings: Settings,
}

impl Settings {
    /// Parses what stands here; opens nothing and waits for nothing.
    pub(crate) fn check(self) -> Result<Checked, Error> {
        if self.urls.is_empty() || self.urls.len() > MOST_ENDPOINTS {
            return Err(Error::EndpointCount);
        }
        if matches!(self.policy.bound, BoundPolicy::Fixed { calls: 0, .. }) {
            return Err(Error::Zero { setting: "bulkhead" });
        }
        if self.connect_timeout.is_zero() {
            return Err(Error::Zero { setting: "connect-timeout" });
        }
        let mut endpoints = Vec::with_capacity(self.urls.len());
        let mut protocol = None;
        for url in &self.urls {
            let (endpoint, scheme) = endpoint::parse(url)?;
            let http2 = self.http2 || scheme == endpoint::Scheme::H2c;
            if *protocol.get_or_insert(http2) != http2 {
                return Err(Error::MixedProtocols { url: url.clone() });
            }
            endpoints.push(Arc::new(endpoint));
        }
        let http2 = protocol.unwrap_or(self.http2);
        let tls = if endpoints.iter().any(|e| e.is_secure) { Some(tls::client(&self, http2)?) } else { None };
        let dialer = Dialer::new(tls, self.connect_timeout, self.addresses);
        Ok(Checked { endpoints, dialer, http2, settings: self })
    }
}
