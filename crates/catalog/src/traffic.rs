//! Where calls to a service go beside the service itself: its versions, who is sent to which, and what is mirrored.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::Span;

use crate::catalog::{Catalog, Service, ServicePolicy};

/// The traffic of one service. The default is that everything goes to the service itself.
#[derive(Clone, Debug, Default)]
pub struct Traffic {
    pub versions: Vec<ServiceVersion>,
    /// The first that fits decides; if none does, the service itself answers.
    pub routes: Vec<TrafficRoute>,
    pub mirror: Option<Mirror>,
}

/// A version of a service, by position in [`Traffic::versions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(pub u32);

/// Another version of a service: it offers the same operations, elsewhere.
#[derive(Clone, Debug)]
pub struct ServiceVersion {
    pub name: Arc<str>,
    /// The service's own policy, but for where it is and the headers that the version has otherwise.
    pub policy: ServicePolicy,
    pub span: Span,
}

/// Which calls go to a version.
#[derive(Clone, Debug)]
pub struct TrafficRoute {
    pub to: VersionId,
    pub who: Cohort,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cohort {
    /// Clients whose request has this header (lower case), with this value if one is written.
    Header { name: Arc<str>, is: Option<Arc<str>> },
    /// This share of all calls. `sticky`: always the same users; else each request of a client is drawn anew.
    Share { share: Share, sticky: bool },
}

/// A share of the whole, in hundredths of a percent: 10,000 is everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Share(pub u32);

impl Share {
    pub const ALL: Self = Self(10_000);
}

impl std::fmt::Display for Share {
    /// `10 %`, `0.5 %`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match rest {
            0 => write!(f, "{whole} %"),
            rest if rest % 10 == 0 => write!(f, "{whole}.{} %", rest / 10),
            rest => write!(f, "{whole}.{rest:02} %"),
        }
    }
}

/// Calls that are made a second time, for nobody but us.
#[derive(Clone, Debug)]
pub struct Mirror {
    pub to: VersionId,
    /// Of the calls that only read.
    pub share: Share,
    /// Both answers are compared.
    pub compare: bool,
    /// Mirrored calls carry what `auth` of the service says, too.
    pub credentials: bool,
    pub timeout: Duration,
    /// The most in flight at once, on each core.
    pub calls: u32,
    pub span: Span,
}

impl Service {
    /// Names of the client's headers on which it depends who answers its calls; lower case.
    pub fn routed_headers(&self) -> impl Iterator<Item = &Arc<str>> {
        self.traffic.routes.iter().filter_map(|route| match &route.who {
            Cohort::Header { name, .. } => Some(name),
            Cohort::Share { .. } => None,
        })
    }

    /// Whether it depends on who asks which version answers: then an answer derives from the caller, even if the
    /// service is told nothing of them.
    pub fn answers_by_caller(&self) -> bool {
        let is_sticky = |route: &TrafficRoute| matches!(route.who, Cohort::Share { sticky: true, .. });
        self.traffic.routes.iter().any(is_sticky)
    }
}

impl Catalog {
    /// The client's headers on which any service's traffic depends: lower case, each once, sorted.
    pub fn routed_headers(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> =
            self.services.iter().flat_map(Service::routed_headers).cloned().collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Traffic {
    pub fn version(&self, id: VersionId) -> Option<&ServiceVersion> {
        self.versions.get(id.0 as usize)
    }

    /// Everything goes to the service itself, and nowhere else.
    pub fn is_plain(&self) -> bool {
        self.routes.is_empty() && self.mirror.is_none()
    }
}
