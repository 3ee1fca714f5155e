//! Plans made ready to serve, with a way to each service. Immutable, and swapped whole on reload.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{ClientHeaders, ConnectorFactory, EntryStore};
use frontdesk_cache::Cache;
use frontdesk_catalog::{Catalog, ServiceId};
use frontdesk_connectors::Bound;
use frontdesk_connectors::grpc::GrpcService;
use frontdesk_connectors::http::HttpService;
use frontdesk_engine::run::{Connectors, Endpoint};
use frontdesk_lang::model::{self, BffConfig, RoutePart};
use frontdesk_perimeter::credentials::Credentials;
use frontdesk_perimeter::{Entrance, Perimeter};
use frontdesk_plan::{BffPlan, EndpointPlan, Plan};
use hyper::header::{HeaderMap, HeaderValue, VARY};
use matchit::Router;

use crate::caching::Caching;
use crate::documents::{self, Documents};
use crate::retirement::Retirement;
use crate::site::Site;
use crate::traffic::{Faults, Mirrored, Offered, Shape, VersionAccess, Ways};
use crate::versions::Versions;
use crate::{path, proxy};

/// How a service is reached.
pub enum ServiceAccess {
    /// HTTP, which proxy routes can pass through too.
    Http(HttpService),
    Grpc(GrpcService),
    /// Answers that nobody on the network gives.
    Other(Arc<dyn ConnectorFactory>),
}

/// Why a Plan cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    #[error(transparent)]
    Endpoint(#[from] frontdesk_engine::run::ProvisionError),
    #[error("{bff}: the route `{route}` cannot be matched beside the others: {why}")]
    Route { bff: Arc<str>, route: String, why: String },
    #[error("{bff}: `{header}`, or its value, cannot be a header of `{prefix}`")]
    Header { bff: Arc<str>, prefix: Arc<str>, header: Arc<str> },
    #[error("{bff}: `{header}` of `versions` cannot be a header")]
    VersionHeader { bff: Arc<str>, header: Arc<str> },
    #[error("{bff}: it has no perimeter")]
    NoPerimeter { bff: Arc<str> },
    #[error("{bff}: `{prefix}` passes through to `{service}`, which does not speak HTTP")]
    NotHttp { bff: Arc<str>, prefix: Arc<str>, service: Arc<str> },
}

/// Everything a worker needs to answer requests, but for its own connectors.
pub struct Snapshot {
    pub(crate) bffs: BTreeMap<Arc<str>, Bff>,
    services: Vec<ServiceAccess>,
    /// By service; none for those whose calls prove nothing.
    credentials: Vec<Option<Arc<Credentials>>>,
    /// By service; none for those that all calls go to.
    shapes: Vec<Option<Shape>>,
    /// By service.
    offered: Vec<Offered>,
    /// The client's headers by which the traffic of some service is routed; lower case.
    routed_headers: Box<[Arc<str>]>,
    cache: Arc<Cache>,
    idempotency: Option<Arc<dyn EntryStore>>,
}

/// What stands around the endpoints of one BFF.
pub struct Surroundings {
    pub perimeter: Arc<Perimeter>,
    /// Pages that it serves itself.
    pub site: Option<Site>,
    /// Its contract, for anybody to read at `/openapi.json`.
    pub documents: Option<Documents>,
}

pub(crate) struct Bff {
    pub config: BffConfig,
    pub perimeter: Arc<Perimeter>,
    pub site: Option<Site>,
    pub documents: Option<Documents>,
    pub versions: Versions,
    routes: Arc<Router<Routes>>,
    /// Every endpoint.
    guarded: Vec<Arc<Guarded>>,
}

/// What stands under one path template.
#[derive(Default)]
pub(crate) struct Routes {
    endpoints: Vec<(Arc<str>, Arc<Guarded>)>,
    proxy: Option<Arc<proxy::Route>>,
    /// The BFF's documents, unless an endpoint has the route.
    document: bool,
}

/// An endpoint, and the way in to it.
pub(crate) struct Guarded {
    pub entrance: Entrance,
    newest: Arc<Edition>,
    /// On each date of the BFF's list but the newest. `None`: it was not there yet.
    older: Vec<Option<Arc<Edition>>>,
}

/// What an endpoint answers, on one date if its BFF has dated versions.
pub(crate) struct Edition {
    pub endpoint: Endpoint,
    pub retirement: Option<Retirement>,
    /// Something of it is deprecated, so that its use is counted.
    pub is_counted: bool,
    /// How its good answers are cached, if they are.
    pub caching: Option<Caching>,
    /// Which version asks makes a difference.
    vary: Option<HeaderValue>,
}

impl Guarded {
    fn provision(
        plan: &Arc<EndpointPlan>,
        catalog: &Catalog,
        around: &Surroundings,
        config: &BffConfig,
        versions: &Versions,
    ) -> Result<Self, ProvisionError> {
        let edition =
            |plan: &Arc<EndpointPlan>| Edition::provision(plan, catalog, config, versions).map(Arc::new);
        let newest = edition(plan)?;
        let mut older = Vec::new();
        if let model::Versions::Dated(dated) = &config.versions {
            let mut newer = Some(newest.clone());
            for date in dated.dates.iter().skip(1) {
                // A date that the plan does not name changed nothing about this endpoint.
                newer = match plan.dated.iter().find(|(other, _)| other == date) {
                    Some((_, Some(plan))) => Some(edition(plan)?),
                    Some((_, None)) => None,
                    None => newer,
                };
                older.push(newer.clone());
            }
        }
        let entrance = around.perimeter.entrance(plan.name.clone(), &plan.access);
        Ok(Self { entrance, newest, older })
    }

    /// The endpoint as it is today.
    pub fn newest(&self) -> &Edition {
        &self.newest
    }

    /// The endpoint on the date at this place of the BFF's list.
    pub fn on(&self, at: usize) -> Option<&Arc<Edition>> {
        match at.checked_sub(1) {
            None => Some(&self.newest),
            Some(at) => self.older.get(at)?.as_ref(),
        }
    }
}

impl Edition {
    fn provision(
        plan: &Arc<EndpointPlan>,
        catalog: &Catalog,
        config: &BffConfig,
        versions: &Versions,
    ) -> Result<Self, ProvisionError> {
        let varies = plan.by_client_version || matches!(versions, Versions::Dated(_));
        Ok(Self {
            retirement: plan.deprecated.as_ref().map(|written| Retirement::new(written, &plan.route)),
            is_counted: plan.deprecated.is_some() || !plan.deprecated_fields.is_empty(),
            caching: Caching::new(plan, catalog, config),
            vary: if varies { versions.vary() } else { None },
            endpoint: Endpoint::provision(plan.clone(), catalog)?,
        })
    }

    /// What every answer of it says, refusals too. `params` are the raw texts of the path's parameters.
    pub fn write(&self, params: &[&str], answer: &mut HeaderMap) {
        if let Some(vary) = &self.vary {
            answer.append(VARY, vary.clone());
        }
        if let Some(retirement) = &self.retirement {
            retirement.write(params, answer);
        }
    }
}

/// The raw texts of a path's parameters.
pub(crate) type Params<'p> = smallvec::SmallVec<[&'p str; 4]>;

/// What answers a request.
pub(crate) enum Target {
    Endpoint(Arc<Guarded>),
    Proxy(Arc<proxy::Route>),
    /// The contract of the BFF.
    Document,
    /// It stands there today, and did not on that date.
    NotYet,
    /// A proxy route matches, but its service may read the path as one that something else stands under here.
    Ambiguous,
    /// The path is known but not with this method. `allow` lists those that are; `asked`: it was OPTIONS that came.
    Methods {
        allow: String,
        asked: bool,
    },
}

impl Snapshot {
    /// Compiles what every thread shares. Opens nothing and starts nothing.
    ///
    /// `surroundings` has an entry for each BFF of the plan. `cache` is that of the process: what it keeps is as good after
    /// a reload as before.
    pub fn provision(
        plan: &Plan,
        services: Vec<ServiceAccess>,
        mut surroundings: BTreeMap<Arc<str>, Surroundings>,
        cache: Arc<Cache>,
    ) -> Result<Self, ProvisionError> {
        let mut bffs = BTreeMap::new();
        for bff in &plan.bffs {
            let around = surroundings
                .remove(&bff.name)
                .ok_or_else(|| ProvisionError::NoPerimeter { bff: bff.name.clone() })?;
            for proxy in &bff.config.proxies {
                let is_http = matches!(services.get(proxy.service.0 as usize), Some(ServiceAccess::Http(_)));
                if !is_http && !around.perimeter.is_rehearsal() {
                    let service = plan.catalog.services.get(proxy.service.0 as usize);
                    return Err(ProvisionError::NotHttp {
                        bff: bff.name.clone(),
                        prefix: proxy.prefix.clone(),
                        service: service.map_or_else(|| "?".into(), |service| service.name.clone()),
                    });
                }
            }
            bffs.insert(bff.name.clone(), Bff::provision(plan, bff, around)?);
        }
        let routed_headers = plan.catalog.routed_headers().into();
        let offered = plan.catalog.services.iter().map(Offered::new).collect();
        let (credentials, shapes) = (Vec::new(), Vec::new());
        let idempotency = None;
        Ok(Self { bffs, services, credentials, shapes, offered, routed_headers, cache, idempotency })
    }

    /// The same, with what calls to each service carry to prove on whose behalf they are made. In the order of the
    /// services; what is not said proves nothing.
    pub fn with_credentials(self, credentials: Vec<Option<Arc<Credentials>>>) -> Self {
        Self { credentials, ..self }
    }

    /// The same, with the store where idempotency keys and what became of their actions are kept.
    pub fn with_idempotency(self, idempotency: Option<Arc<dyn EntryStore>>) -> Self {
        Self { idempotency, ..self }
    }

    /// `None` if no action takes a key, or nobody said where.
    pub fn idempotency(&self) -> Option<&Arc<dyn EntryStore>> {
        self.idempotency.as_ref()
    }

    /// The same, with the versions of each service, in the order of the catalogue. To be called once the credentials are
    /// there: versions carry those of their service.
    pub fn with_traffic(self, catalog: &Catalog, versions: Vec<Vec<VersionAccess>>) -> Self {
        let shapes =
            std::iter::zip(&catalog.services, versions).enumerate().map(|(at, (service, versions))| {
                let credentials = self.credentials(ServiceId(at as u32));
                (!service.traffic.is_plain()).then(|| Shape::new(service, versions, credentials))
            });
        Self { shapes: shapes.collect(), ..self }
    }

    /// What came of mirrored calls, by service.
    pub(crate) fn mirrored(&self) -> impl Iterator<Item = Mirrored> {
        self.shapes.iter().flatten().filter_map(Shape::mirrored)
    }

    /// What the services are called, and their parts.
    pub(crate) fn offered(&self) -> &[Offered] {
        &self.offered
    }

    /// What is kept of calls, views and proxy routes, by the whole process.
    pub(crate) fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// Of a client's headers those by which the traffic of some service is routed; `None` if there are none.
    pub(crate) fn client_headers(&self, headers: &HeaderMap) -> Option<ClientHeaders> {
        if self.routed_headers.is_empty() {
            return None;
        }
        let sent = self.routed_headers.iter().filter_map(|name| {
            let value = headers.get(&**name)?;
            Some((name.clone(), Bytes::copy_from_slice(value.as_bytes())))
        });
        let sent: ClientHeaders = sent.collect();
        (!sent.is_empty()).then_some(sent)
    }

    /// Whether the BFF's perimeter believes what it is told of who asks.
    pub(crate) fn is_rehearsal(&self, bff: &str) -> bool {
        self.bffs.get(bff).is_some_and(|bff| bff.perimeter.is_rehearsal())
    }

    /// Every plan that is served, of every date.
    pub(crate) fn plans(&self) -> impl Iterator<Item = &Arc<EndpointPlan>> {
        self.bffs.values().flat_map(Bff::plans)
    }

    pub(crate) fn credentials(&self, service: ServiceId) -> Option<&Arc<Credentials>> {
        self.credentials.get(service.0 as usize)?.as_ref()
    }
}

impl Bff {
    fn provision(plan: &Plan, bff: &BffPlan, around: Surroundings) -> Result<Self, ProvisionError> {
        let versions = Versions::new(&bff.config.versions).map_err(|_| ProvisionError::VersionHeader {
            bff: bff.name.clone(),
            header: match &bff.config.versions {
                model::Versions::Client(client) => client.header.clone(),
                model::Versions::Dated(dated) => dated.header.clone(),
                model::Versions::None => Arc::default(),
            },
        })?;
        let mut guarded = Vec::with_capacity(bff.endpoints.len());
        let mut templates: BTreeMap<String, Routes> = BTreeMap::new();
        if around.documents.is_some() {
            templates.entry(documents::PATH.to_owned()).or_default().document = true;
        }
        for endpoint in &bff.endpoints {
            let ready = Guarded::provision(endpoint, &plan.catalog, &around, &bff.config, &versions)?;
            let ready = Arc::new(ready);
            guarded.push(ready.clone());
            let routes = templates.entry(template(&endpoint.route)).or_default();
            routes.endpoints.push((endpoint.method.clone(), ready));
        }
        let mut proxies = Vec::new();
        for proxy in &bff.config.proxies {
            let service = plan.catalog.services.get(proxy.service.0 as usize);
            let standing = proxy::Standing {
                bff: &bff.name,
                service: service.map(|service| service.name.clone()).unwrap_or_default(),
                timeout: service.map(|service| service.policy.timeout).unwrap_or_default(),
                service_is_cached: bff
                    .config
                    .proxies
                    .iter()
                    .any(|one| one.cache && one.service == proxy.service),
            };
            let route = proxy::Route::new(proxy.clone(), standing, &around.perimeter).map_err(|header| {
                ProvisionError::Header { bff: bff.name.clone(), prefix: proxy.prefix.clone(), header }
            })?;
            let route = Arc::new(route);
            // A catch-all wants at least one character, so the bare prefix is a route of its own.
            for template in [escape(&proxy.prefix), format!("{}{{*rest}}", escape(&proxy.prefix))] {
                templates.entry(template).or_default().proxy = Some(route.clone());
            }
            proxies.push(route);
        }
        let mut routes = Router::new();
        for (template, targets) in templates {
            routes.insert(&template, targets).map_err(|error| ProvisionError::Route {
                bff: bff.name.clone(),
                route: template.clone(),
                why: error.to_string(),
            })?;
        }
        // To most services `/legacy/admin` is what `/legacy/admin/` is: where a wider route would take it, the narrower
        // one decides about both.
        for proxy in nested(&routes, &proxies) {
            let bare = escape(proxy.prefix().trim_end_matches('/'));
            let targets = Routes { proxy: Some(proxy), ..Routes::default() };
            routes.insert(&bare, targets).map_err(|error| ProvisionError::Route {
                bff: bff.name.clone(),
                route: bare.clone(),
                why: error.to_string(),
            })?;
        }
        let routes = Arc::new(routes);
        let Surroundings { perimeter, site, documents } = around;
        let known = routes.clone();
        perimeter
            .set_endpoints(move |path| known.at(path).is_ok_and(|found| !found.value.endpoints.is_empty()));
        Ok(Self { config: bff.config.clone(), perimeter, site, documents, versions, routes, guarded })
    }

    /// Finds what answers `path` on the date at this place of the BFF's list (0 without one), and gives the raw text of
    /// each of its parameters to `params`, in order.
    pub fn find<'p>(
        &self,
        method: &str,
        path: &'p str,
        date: usize,
        params: &mut Params<'p>,
    ) -> Option<Target> {
        let found = self.routes.at(path).ok()?;
        let routes = found.value;
        let wanted = if method == "HEAD" { "GET" } else { method };
        let endpoint = routes.endpoints.iter().find(|(method, _)| **method == *wanted);
        if let Some((_, endpoint)) = endpoint.filter(|(_, endpoint)| date == 0 || endpoint.on(date).is_some())
        {
            params.extend(found.params.iter().map(|(_, value)| value));
            return Some(Target::Endpoint(endpoint.clone()));
        }
        if routes.document && wanted == "GET" {
            return Some(Target::Document);
        }
        if let Some(proxy) = routes.proxy.as_ref().filter(|_| endpoint.is_none()) {
            let is_plain = !path.bytes().any(|byte| matches!(byte, b'%' | b';'));
            return Some(if is_plain || path::readings(path).all(|path| self.leads_to(proxy, &path)) {
                Target::Proxy(proxy.clone())
            } else {
                Target::Ambiguous
            });
        }
        Some(routes.methods(date, method == "OPTIONS"))
    }

    /// Every plan that is served.
    fn plans(&self) -> impl Iterator<Item = &Arc<EndpointPlan>> {
        let guarded = self.guarded.iter();
        guarded.flat_map(|one| {
            let older = one.older.iter().flatten().map(|edition| edition.endpoint.plan());
            std::iter::once(one.newest.endpoint.plan()).chain(older)
        })
    }
}

impl Routes {
    /// What may be asked here on the date at this place of the BFF's list.
    fn methods(&self, date: usize, asked: bool) -> Target {
        let known = self.endpoints.iter().filter(|(_, endpoint)| endpoint.on(date).is_some());
        let mut allow: Vec<&str> = known.map(|(method, _)| &**method).collect();
        if self.document && !allow.contains(&"GET") {
            allow.push("GET");
        }
        if allow.is_empty() {
            return Target::NotYet;
        }
        if allow.contains(&"GET") {
            allow.push("HEAD");
        }
        allow.push("OPTIONS");
        Target::Methods { allow: allow.join(", "), asked }
    }
}

impl Bff {
    /// Whether a path is this proxy route's and nothing else's.
    fn leads_to(&self, proxy: &Arc<proxy::Route>, path: &str) -> bool {
        !self.perimeter.is_own(path)
            && self.routes.at(path).is_ok_and(|found| {
                found.value.endpoints.is_empty()
                    && found.value.proxy.as_ref().is_some_and(|known| Arc::ptr_eq(known, proxy))
            })
    }
}

/// The routes whose prefix, without its last `/`, another proxy route would take.
fn nested(routes: &Router<Routes>, proxies: &[Arc<proxy::Route>]) -> Vec<Arc<proxy::Route>> {
    let is_nested = |route: &&Arc<proxy::Route>| {
        let found = routes.at(route.prefix().trim_end_matches('/'));
        found.is_ok_and(|found| {
            found.value.proxy.as_ref().is_some_and(|taken_by| !Arc::ptr_eq(taken_by, route))
        })
    };
    proxies.iter().filter(is_nested).cloned().collect()
}

/// A route as the matcher writes it. Parameters are numbered: two methods may name one place differently.
fn template(route: &[RoutePart]) -> String {
    let mut out = String::new();
    let mut number = 0;
    for part in route {
        match part {
            RoutePart::Literal(text) => out.push_str(&escape(text)),
            RoutePart::Param(_) => {
                out.push_str(&format!("{{p{number}}}"));
                number += 1;
            }
        }
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A Snapshot with the connectors of one thread.
pub(crate) struct Loaded {
    pub snapshot: Arc<Snapshot>,
    pub connectors: Connectors,
    ways: Vec<Ways>,
    /// Of the endpoints that were asked for and say how many are served at once.
    bulkheads: RefCell<Vec<(Arc<EndpointPlan>, Rc<Bound>)>>,
}

impl Loaded {
    pub fn new(snapshot: Arc<Snapshot>, faults: Option<&Faults>) -> Self {
        let services = std::iter::zip(&snapshot.offered, &snapshot.services).enumerate();
        let ways = services.map(|(at, (offered, access))| {
            let credentials = snapshot.credentials(ServiceId(at as u32));
            let shape = snapshot.shapes.get(at).and_then(Option::as_ref);
            Ways::new(offered, access, credentials, shape, faults)
        });
        let ways: Vec<Ways> = ways.collect();
        let connectors = ways.iter().map(|ways| ways.connector.clone()).collect();
        let connectors = Connectors::new(connectors, snapshot.cache.clone());
        Self { snapshot, connectors, ways, bulkheads: RefCell::default() }
    }

    /// What bounds how many requests of an endpoint are served at once, if it says so.
    pub fn bulkhead(&self, plan: &Arc<EndpointPlan>) -> Option<Rc<Bound>> {
        let most = plan.bulkhead?;
        let mut bulkheads = self.bulkheads.borrow_mut();
        if let Some((_, known)) = bulkheads.iter().find(|(of, _)| Arc::ptr_eq(of, plan)) {
            return Some(Rc::clone(known));
        }
        let bulkhead = Bound::fixed(most);
        bulkheads.push((Arc::clone(plan), Rc::clone(&bulkhead)));
        Some(bulkhead)
    }

    /// Closes connections to services that have been idle, or waited for by nobody, for too long, and follows where
    /// endpoints are.
    pub fn sweep(&self) {
        self.ways.iter().for_each(Ways::sweep);
    }

    /// How requests pass through to a service.
    pub fn ways(&self, service: ServiceId) -> Option<&Ways> {
        self.ways.get(service.0 as usize)
    }
}
