//! The ways to a service: itself and its versions, who goes to which, what is mirrored, and the faults that an
//! administrator has ordered.
//!
//! A [`Shape`] is shared by all threads and is part of a Snapshot; [`Ways`] are what one thread makes of it.

use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{Caller, ClientHeaders, Connector, TraceContext, say};
use frontdesk_catalog::{Cohort, Service, ServiceKind};
use frontdesk_connectors::faults::{Harmed, Injection, Place, Rules};
use frontdesk_connectors::http::HttpConnector;
use frontdesk_connectors::traffic::{
    Book, Choice, Comparison, Counts, Difference, Mirror, Mirroring, Route, Routes, Shaped, Who,
};
use frontdesk_perimeter::credentials::Credentials;

use crate::snapshot::ServiceAccess;

/// A version of a service, and where it is.
pub struct VersionAccess {
    pub access: ServiceAccess,
    /// Its first URL, as proofs of possession name it.
    pub base: String,
}

/// The names of one service's parts.
#[derive(Clone)]
pub(crate) struct Offered {
    pub service: Arc<str>,
    pub operations: Arc<[Arc<str>]>,
    pub versions: Arc<[Arc<str>]>,
}

impl Offered {
    pub fn new(service: &Service) -> Self {
        Self {
            service: service.name.clone(),
            operations: service.operations.iter().map(|one| one.name.clone()).collect(),
            versions: service.traffic.versions.iter().map(|version| version.name.clone()).collect(),
        }
    }
}

/// The traffic of one service.
pub(crate) struct Shape {
    service: Arc<str>,
    operations: Arc<[Arc<str>]>,
    routes: Vec<Route>,
    versions: Vec<Version>,
    mirror: Option<(Mirroring, bool)>,
    book: Arc<Book>,
}

struct Version {
    name: Arc<str>,
    access: ServiceAccess,
    credentials: Option<Arc<Credentials>>,
}

impl Shape {
    /// `versions` and `credentials` as the service has them, the former in its order.
    pub fn new(
        service: &Service,
        versions: Vec<VersionAccess>,
        credentials: Option<&Arc<Credentials>>,
    ) -> Self {
        let traffic = &service.traffic;
        let operations: Arc<[Arc<str>]> = service.operations.iter().map(|one| one.name.clone()).collect();
        let names = || traffic.versions.iter().map(|version| version.name.clone());
        let mirror = traffic.mirror.as_ref().map(|mirror| {
            let by = if service.kind == ServiceKind::Grpc { Comparison::Bytes } else { Comparison::Json };
            let mirroring = Mirroring {
                to: mirror.to.0 as usize,
                share: mirror.share.0,
                compare: mirror.compare.then_some(by),
                timeout: mirror.timeout,
                calls: mirror.calls,
            };
            (mirroring, mirror.credentials)
        });
        let mirrored_to = mirror.as_ref().and_then(|(mirroring, _)| names().nth(mirroring.to));
        let routes = traffic.routes.iter().map(|route| Route {
            to: route.to.0 as usize,
            name: names().nth(route.to.0 as usize).unwrap_or_default(),
            who: match &route.who {
                Cohort::Header { name, is } => Who::Header { name: name.clone(), is: is.clone() },
                Cohort::Share { share, sticky } => Who::Share { share: share.0, sticky: *sticky },
            },
        });
        Self {
            service: service.name.clone(),
            routes: routes.collect(),
            versions: std::iter::zip(names(), versions)
                .map(|(name, version)| Version {
                    name,
                    access: version.access,
                    credentials: credentials.map(|credentials| credentials.at(&version.base)),
                })
                .collect(),
            mirror,
            book: Arc::new(Book::new(operations.len(), teller(service, operations.clone(), mirrored_to))),
            operations,
        }
    }

    /// What came of mirrored calls, by operation; `None` if none are mirrored.
    pub fn mirrored(&self) -> Option<Mirrored> {
        let (mirroring, _) = self.mirror.as_ref()?;
        let to = self.versions.get(mirroring.to)?.name.clone();
        let counts = std::iter::zip(self.operations.iter().cloned(), self.book.counts());
        let counts = counts.filter(|(_, counts)| *counts != Counts::default()).collect();
        Some(Mirrored { service: self.service.clone(), to, compared: mirroring.compare.is_some(), counts })
    }
}

/// What became of the mirrored calls of one service.
pub(crate) struct Mirrored {
    pub service: Arc<str>,
    pub to: Arc<str>,
    pub compared: bool,
    /// By operation; those with none are left out.
    pub counts: Vec<(Arc<str>, Counts)>,
}

/// Writes where answers differ to standard error, a JSON line each: names and a pointer, no values.
fn teller(
    service: &Service,
    operations: Arc<[Arc<str>]>,
    version: Option<Arc<str>>,
) -> impl Fn(&Difference<'_>) + Send + Sync + 'static {
    let service = service.name.clone();
    move |difference| {
        let operation = operations.get(difference.operation as usize).cloned().unwrap_or_default();
        let line = serde_json::json!({
            "mirror": format!("{service}.{operation}"),
            "version": version.as_deref().unwrap_or_default(),
            "differs_at": difference.pointer,
        });
        say!("{line}");
    }
}

/// Faults as one thread knows them.
#[derive(Clone)]
pub(crate) struct Faults {
    pub rules: Arc<Rules>,
    /// What was done to requests that are not in the log yet.
    pub harmed: Harmed,
}

/// One thread's ways to one service.
pub(crate) struct Ways {
    /// For calls.
    pub connector: Rc<dyn Connector>,
    /// For requests that pass through: the service itself, then its versions. Empty if it does not speak HTTP.
    passing: Vec<Way>,
    routes: Option<Rc<Routes>>,
    /// What has connections, whatever it speaks: the service itself and its versions.
    swept: Vec<Rc<dyn Connector>>,
}

/// Where a request passes through to.
#[derive(Clone)]
pub(crate) struct Way {
    pub http: Rc<HttpConnector>,
    pub credentials: Option<Arc<Credentials>>,
}

impl Ways {
    pub fn new(
        offered: &Offered,
        access: &ServiceAccess,
        credentials: Option<&Arc<Credentials>>,
        shape: Option<&Shape>,
        faults: Option<&Faults>,
    ) -> Self {
        let around = |version: Option<&Arc<str>>| {
            let place = Place {
                service: offered.service.clone(),
                operations: offered.operations.clone(),
                version: version.cloned(),
            };
            faults.map(|faults| Injection::new(faults.rules.clone(), place, faults.harmed.clone()))
        };
        let main = One::new(access, credentials.cloned(), around(None));
        let Some(shape) = shape else {
            let swept = vec![main.plain.clone()];
            let (connector, way) = main.split();
            return Self { connector, passing: way.into_iter().collect(), routes: None, swept };
        };
        let versions = shape.versions.iter().map(|version| {
            One::new(&version.access, version.credentials.clone(), around(Some(&version.name)))
        });
        let versions: Vec<One> = versions.collect();
        let mirror = shape.mirror.and_then(|(mirroring, with_credentials)| {
            let to = versions.get(mirroring.to)?;
            let connector = if with_credentials { &to.connector } else { &to.plain }.clone();
            Some(Mirror::new(&offered.service, mirroring, connector, shape.book.clone()))
        });
        let routes = Rc::new(Routes::new(&shape.service, &shape.routes));
        let swept = [&main].into_iter().chain(&versions).map(|one| one.plain.clone()).collect();
        let (connector, way) = main.split();
        let (mut connectors, mut passing) = (Vec::new(), Vec::from_iter(way));
        for version in versions {
            let (connector, way) = version.split();
            connectors.push(connector);
            passing.extend(way);
        }
        let shaped = Shaped::new(routes.clone(), connector, connectors, mirror);
        Self { connector: Rc::new(shaped), passing, routes: Some(routes), swept }
    }

    /// Where a request passes through to, and which version that is where it is no matter of chance.
    pub fn way(
        &self,
        trace: &TraceContext,
        caller: Option<&dyn Caller>,
        headers: Option<&ClientHeaders>,
    ) -> Option<(&Way, u32)> {
        let choice = match &self.routes {
            Some(routes) => routes.choose(trace, caller, headers.map(|headers| &**headers)),
            None => Choice::SERVICE,
        };
        let at = choice.version.map_or(0, |version| version + 1);
        Some((self.passing.get(at)?, choice.variant()))
    }

    /// Closes connections that have been idle, or waited for by nobody, for too long, and follows where endpoints are.
    pub fn sweep(&self) {
        self.swept.iter().for_each(|connector| connector.sweep());
    }
}

/// The service itself or a version, on one thread.
struct One {
    connector: Rc<dyn Connector>,
    /// The same without credentials.
    plain: Rc<dyn Connector>,
    http: Option<Rc<HttpConnector>>,
    credentials: Option<Arc<Credentials>>,
}

impl One {
    fn new(
        access: &ServiceAccess,
        credentials: Option<Arc<Credentials>>,
        injection: Option<Injection>,
    ) -> Self {
        let (plain, http): (Rc<dyn Connector>, _) = match access {
            ServiceAccess::Http(http) => {
                let http = http.local_with(injection);
                (http.clone(), Some(http))
            }
            ServiceAccess::Grpc(grpc) => (grpc.local_with(injection), None),
            ServiceAccess::Other(factory) => (factory.connector(), None),
        };
        let connector = match &credentials {
            Some(credentials) => credentials.wrap(plain.clone()),
            None => plain.clone(),
        };
        Self { connector, plain, http, credentials }
    }

    fn split(self) -> (Rc<dyn Connector>, Option<Way>) {
        let Self { connector, http, credentials, .. } = self;
        (connector, http.map(|http| Way { http, credentials }))
    }
}
