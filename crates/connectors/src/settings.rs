//! Where a service is and what it may cost, as plain data, and what may be wrong with that.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::addresses::Addresses;
use crate::discovery::{self, Discovery};
use crate::endpoint_source::{EndpointSource, HealthCheck};
use crate::resilience::policy::{BoundPolicy, Policy};
use crate::tls;
use crate::transport::Dialer;

/// How one service is reached. Everything is resolved: no `${env}` is left, files are already texts.
#[derive(Clone)]
pub struct Settings {
    /// Where it is; at least one.
    pub endpoints: Vec<EndpointSource>,
    /// Where we are: places of the same zone are asked first.
    pub zone: Option<Arc<str>>,
    /// The DNS server that is asked about `dns:` URLs, instead of the system's.
    pub resolver: Option<SocketAddr>,
    /// The same question goes to the same endpoint, if that has not too much to do.
    pub is_hashed: bool,
    /// How long an endpoint that appears or comes back takes to get its whole share; zero: at once.
    pub slow_start: Duration,
    /// How endpoints are asked whether they are well; `None`: they are not.
    pub health: Option<HealthCheck>,
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
    /// About how long a connection is used for new calls at most: so that names which lead elsewhere by now, and
    /// balancers on the way, get to choose again.
    pub lifetime: Duration,
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
            endpoints: vec![EndpointSource::at(url)],
            zone: None,
            resolver: None,
            is_hashed: false,
            slow_start: Duration::from_secs(10),
            health: None,
            connect_timeout: Duration::from_secs(1),
            policy: Policy::default().retries(0),
            body_limit: 4 * 1024 * 1024,
            headers: Vec::new(),
            roots_pem: None,
            server_name: None,
            http2: false,
            keep_alive: Duration::from_secs(50),
            lifetime: Duration::from_secs(5 * 60),
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
            .field("endpoints", &self.endpoints)
            .field("zone", &self.zone)
            .field("resolver", &self.resolver)
            .field("is_hashed", &self.is_hashed)
            .field("slow_start", &self.slow_start)
            .field("health", &self.health)
            .field("connect_timeout", &self.connect_timeout)
            .field("policy", &self.policy)
            .field("body_limit", &self.body_limit)
            .field("headers", &names)
            .field("own_roots", &self.roots_pem.is_some())
            .field("server_name", &self.server_name)
            .field("http2", &self.http2)
            .field("keep_alive", &self.keep_alive)
            .field("lifetime", &self.lifetime)
            .field("stall", &self.stall)
            .field("addresses", &self.addresses)
            .field("own_identity", &self.identity.is_some())
            .finish()
    }
}

/// What the operator must put right before a service can be reached. Values of headers are never told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("a service needs at least one URL, and at most {}", discovery::MOST_ENDPOINTS)]
    EndpointCount,
    #[error("`{url}` cannot be called: {why}")]
    Url { url: String, why: &'static str },
    #[error("the endpoints in `{name}` cannot be used: {why}")]
    List { name: String, why: String },
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

/// Settings that can be used: parsed, with TLS set up. Shared by all cores.
pub(crate) struct Checked {
    pub(crate) discovery: Arc<Discovery>,
    pub(crate) dialer: Dialer,
    pub(crate) http2: bool,
    pub(crate) settings: Settings,
}

impl Settings {
    /// Parses what stands here; opens nothing and waits for nothing.
    pub(crate) fn check(self) -> Result<Checked, Error> {
        if matches!(self.policy.bound, BoundPolicy::Fixed { calls: 0, .. }) {
            return Err(Error::Zero { setting: "bulkhead" });
        }
        if self.connect_timeout.is_zero() {
            return Err(Error::Zero { setting: "connect-timeout" });
        }
        if self.endpoints.iter().any(|source| source.weight == 0) {
            return Err(Error::Zero { setting: "weight" });
        }
        let (discovery, http2) = Discovery::new(&self)?;
        let tls = if discovery.is_secure() { Some(tls::client(&self, http2)?) } else { None };
        let dialer = Dialer::new(tls, self.connect_timeout, self.addresses);
        let discovery = Arc::new(discovery.checking(self.health.clone(), &dialer, http2));
        Ok(Checked { discovery, dialer, http2, settings: self })
    }
}
