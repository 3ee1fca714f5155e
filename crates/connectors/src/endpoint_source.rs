//! Where a service is, as settings say it: endpoints, names that stand for several, lists that others keep.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One entry of [`Settings::endpoints`](crate::Settings::endpoints).
#[derive(Clone, Debug)]
pub struct EndpointSource {
    pub at: At,
    /// Its share beside the others', at least 1; of a name or a list, that of each of its endpoints.
    pub weight: u32,
    /// What is in [`Settings::zone`](crate::Settings::zone) is asked first.
    pub zone: Option<Arc<str>>,
}

#[derive(Clone)]
pub enum At {
    /// `http://`, `https://`, or `h2c://` (HTTP/2 in the clear, by prior knowledge): one endpoint.
    ///
    /// `dns://host:port` and `dns+https://host:port`: one for each address of the host, asked for again when the answer's
    /// time to live is over. `dns+srv://_http._tcp.domain` and `dns+srv+https://…`: one for each target of the SRV
    /// records (RFC 2782), whose certificates and `Host` have the domain.
    ///
    /// A path in the URL comes before the target of each call.
    Url(String),
    /// As many endpoints as the list has at the moment.
    List(Arc<dyn EndpointList>),
}

/// A list of endpoints that changes without our doing, such as a file.
pub trait EndpointList: Send + Sync {
    /// What it is called in messages.
    fn name(&self) -> &str;

    /// The list as it is now, without names that stand for several. Looked at about once a second, on a thread that may
    /// wait.
    ///
    /// # Errors
    /// In words, if there is no list or it is wrong. Then the last good one stays in use.
    fn read(&self) -> Result<Vec<EndpointSource>, String>;
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::List(list) => f.write_str(list.name()),
        }
    }
}

impl EndpointSource {
    /// An endpoint, or a name that stands for several, like any other.
    pub fn at(url: impl Into<String>) -> Self {
        Self { at: At::Url(url.into()), weight: 1, zone: None }
    }

    /// The endpoints of a list.
    pub fn listed(list: Arc<dyn EndpointList>) -> Self {
        Self { at: At::List(list), weight: 1, zone: None }
    }

    #[must_use]
    pub fn weighing(self, weight: u32) -> Self {
        Self { weight, ..self }
    }

    #[must_use]
    pub fn in_zone(self, zone: &str) -> Self {
        Self { zone: Some(zone.into()), ..self }
    }
}

/// How endpoints are asked whether they are well, beside the calls.
#[derive(Clone, Debug)]
pub struct HealthCheck {
    /// What is asked for with GET, below the endpoint's base URL. Empty: `grpc.health.v1` is asked.
    pub path: String,
    /// The service that `grpc.health.v1` is asked about; empty: the server as a whole.
    pub service: String,
    pub every: Duration,
    pub timeout: Duration,
    /// After so many good answers in a row an endpoint is used again.
    pub healthy: u32,
    /// After so many bad ones in a row it is not.
    pub unhealthy: u32,
}
