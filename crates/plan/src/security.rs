//! What protects each endpoint, proxy and page: the facts behind `frontdesk check --security`.
//!
//! Made from the plan and the catalogue alone, like `explain`: what is said here is what the server will do. Facts
//! are plain data; `text` lays them out for people, `json` for tools.

mod attention;
mod credentials;
mod json;
mod methods;
mod text;
mod words;

use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::{Catalog, ServiceId};
use frontdesk_lang::model::{
    Access, AuthMethod, EndpointKind, Perimeter, ProxyRoute, RatePer, RateRule, RoutePart,
};

use crate::plan::{BffPlan, EndpointPlan, Plan, StepKind};

pub use json::json;
pub use text::text;

/// The perimeter of one BFF.
#[derive(Clone, Debug)]
pub struct BffSecurity {
    pub name: Arc<str>,
    /// Where browsers reach it, if `frontdesk.yaml` says so and needs no environment for it.
    pub origin: Option<String>,
    /// How callers prove who they are; empty if nobody needs to.
    pub methods: Vec<MethodFacts>,
    /// The header that requests with the session's cookie must carry, if there are sessions.
    pub csrf_header: Option<Arc<str>>,
    pub cors: Option<CorsFacts>,
    /// `Content-Security-Policy` of pages, if it is not ours.
    pub csp: Option<Arc<str>>,
    pub rates: Vec<RateRule>,
    pub routes: Vec<RouteSecurity>,
    pub relaxations: Vec<Relaxation>,
    /// What deserves a second look; sentences.
    pub attention: Vec<String>,
}

/// A way to prove who one is.
#[derive(Clone, Debug)]
pub struct MethodFacts {
    /// The function of `bff.ts`: `session`.
    pub name: &'static str,
    /// What is worth knowing of it, in a few phrases.
    pub details: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct CorsFacts {
    pub origins: Vec<Arc<str>>,
    pub credentials: bool,
}

/// One endpoint, proxy or site, or the contract.
#[derive(Clone, Debug)]
pub struct RouteSecurity {
    pub kind: RouteKind,
    /// `*` for any.
    pub method: Arc<str>,
    pub path: String,
    /// The endpoint's name, or the service behind a proxy.
    pub name: Arc<str>,
    pub access: AccessFacts,
    pub cross_site: CrossSite,
    /// Beside those of the BFF.
    pub rates: Vec<RateRule>,
    pub cost: u32,
    /// Each service it may call, and what the call carries.
    pub services: Vec<Credential>,
    /// Why the strict cross-site rule does not hold.
    pub because: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteKind {
    View,
    Action,
    Proxy,
    Site,
    /// `openapi: true`: the contract, for anybody.
    Contract,
}

impl RouteKind {
    /// It is in the server's hands already: nothing needs to be limited.
    pub fn is_at_hand(self) -> bool {
        matches!(self, Self::Site | Self::Contract)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Action => "action",
            Self::Proxy => "proxy",
            Self::Site => "site",
            Self::Contract => "contract",
        }
    }
}

#[derive(Clone, Debug)]
pub enum AccessFacts {
    Public,
    Needs {
        /// Any of these methods.
        methods: Vec<&'static str>,
        scopes: Vec<Arc<str>>,
        acr: Vec<Arc<str>>,
        max_age: Option<Duration>,
        approval: bool,
    },
}

/// What keeps pages of other sites from asking in the user's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossSite {
    /// The custom header, on top of what browsers say of where a request comes from.
    Header,
    /// What browsers say of where a request comes from, since the header cannot be sent.
    OwnPages,
    /// Writes of pages from elsewhere are refused; there is no cookie they could use.
    Origin,
    /// Nothing: reading it says nothing about anybody.
    Nothing,
}

impl CrossSite {
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::OwnPages => "own-pages",
            Self::Origin => "origin",
            Self::Nothing => "nothing",
        }
    }
}

/// What calls to a service carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Credential {
    pub service: Arc<str>,
    /// In a few words: `the caller's token`.
    pub carries: String,
    /// The word of `auth` in `frontdesk.yaml`.
    pub auth: &'static str,
}

/// A rule that is less strict than it could be, and the author's reason.
#[derive(Clone, Debug)]
pub struct Relaxation {
    pub what: String,
    pub because: Arc<str>,
}

/// The facts of every BFF.
pub fn security(plan: &Plan) -> Vec<BffSecurity> {
    plan.bffs.iter().map(|bff| bff_security(bff, &plan.catalog)).collect()
}

fn bff_security(bff: &BffPlan, catalog: &Catalog) -> BffSecurity {
    let perimeter = &bff.config.perimeter;
    let listener = catalog.platform.bffs.iter().find(|listener| listener.name == bff.name);
    let origin = listener.and_then(|listener| listener.origin.as_ref()?.literal().map(str::to_owned));
    let endpoints = bff.endpoints.iter().map(|endpoint| endpoint_route(endpoint, perimeter, catalog));
    let proxies = bff.config.proxies.iter().map(|proxy| proxy_route(proxy, perimeter, catalog));
    let site = perimeter.site.iter().map(|site| for_anybody(RouteKind::Site, "/*", site.folder.clone()));
    let contract =
        bff.config.openapi.then(|| for_anybody(RouteKind::Contract, "/openapi.json", "openapi".into()));
    let mut facts = BffSecurity {
        name: bff.name.clone(),
        origin,
        methods: perimeter.auth.iter().map(|method| methods::facts(method, catalog)).collect(),
        csrf_header: has_session(perimeter).then(|| perimeter.csrf.header.clone()),
        cors: perimeter
            .cors
            .as_ref()
            .map(|cors| CorsFacts { origins: cors.origins.clone(), credentials: cors.credentials }),
        csp: perimeter.headers.csp.clone(),
        rates: perimeter.rates.clone(),
        routes: endpoints.chain(proxies).chain(site).chain(contract).collect(),
        relaxations: Vec::new(),
        attention: Vec::new(),
    };
    facts.relaxations = relaxations(perimeter, &facts.routes);
    facts.attention = attention::of(&facts, bff, catalog);
    facts
}

/// What the server has in its hands and shows to whoever asks.
fn for_anybody(kind: RouteKind, path: &str, name: Arc<str>) -> RouteSecurity {
    RouteSecurity {
        kind,
        method: "GET".into(),
        path: path.to_owned(),
        name,
        access: AccessFacts::Public,
        cross_site: CrossSite::Nothing,
        rates: Vec::new(),
        cost: 1,
        services: Vec::new(),
        because: None,
    }
}

fn has_session(perimeter: &Perimeter) -> bool {
    perimeter.auth.iter().any(|method| matches!(method, AuthMethod::Session(_)))
}

fn endpoint_route(plan: &EndpointPlan, perimeter: &Perimeter, catalog: &Catalog) -> RouteSecurity {
    let path = plan
        .route
        .iter()
        .map(|part| match part {
            RoutePart::Literal(text) => text.to_string(),
            RoutePart::Param(name) => format!("{{{name}}}"),
        })
        .collect();
    // What it answered on earlier dates may be read from other services.
    let older = plan.dated.iter().filter_map(|(_, older)| older.as_deref());
    let mut called: Vec<ServiceId> = std::iter::once(plan)
        .chain(older)
        .flat_map(|plan| &plan.steps)
        .filter_map(|step| match &step.kind {
            StepKind::Call(call) => Some(call.service),
            StepKind::Each(each) => Some(each.call.service),
            StepKind::Compute(_) | StepKind::Check { .. } => None,
        })
        .collect();
    called.sort_unstable();
    called.dedup();
    let reads = plan.kind == EndpointKind::View;
    RouteSecurity {
        kind: if reads { RouteKind::View } else { RouteKind::Action },
        method: plan.method.clone(),
        path,
        name: plan.name.clone(),
        access: access(&plan.access, perimeter),
        cross_site: cross_site(&plan.access, perimeter, reads),
        rates: plan.access.rates.clone(),
        cost: plan.access.cost,
        services: called.into_iter().filter_map(|id| credentials::of(id, catalog)).collect(),
        because: plan.access.headerless.as_ref().map(|because| because.0.clone()),
    }
}

fn proxy_route(proxy: &ProxyRoute, perimeter: &Perimeter, catalog: &Catalog) -> RouteSecurity {
    let service = catalog.services.get(proxy.service.0 as usize);
    RouteSecurity {
        kind: RouteKind::Proxy,
        method: "*".into(),
        path: format!("{}*", proxy.prefix),
        name: service.map_or_else(|| "?".into(), |service| service.name.clone()),
        access: access(&proxy.access, perimeter),
        cross_site: cross_site(&proxy.access, perimeter, false),
        rates: proxy.access.rates.clone(),
        cost: proxy.access.cost,
        services: credentials::of(proxy.service, catalog).into_iter().collect(),
        because: proxy.access.headerless.as_ref().map(|because| because.0.clone()),
    }
}

fn access(access: &Access, perimeter: &Perimeter) -> AccessFacts {
    if access.public {
        return AccessFacts::Public;
    }
    let requires = &access.requires;
    let meets = |method: &&AuthMethod| match method {
        AuthMethod::Device(_) => true,
        _ if requires.approval => false,
        AuthMethod::Session(_) | AuthMethod::Bearer(_) => true,
        AuthMethod::ApiKeys(_) | AuthMethod::Certificate(_) => {
            requires.acr.is_empty() && requires.max_age.is_none()
        }
    };
    AccessFacts::Needs {
        methods: perimeter.auth.iter().filter(meets).map(AuthMethod::name).collect(),
        scopes: requires.scopes.clone(),
        acr: requires.acr.clone(),
        max_age: requires.max_age,
        approval: requires.approval,
    }
}

fn cross_site(access: &Access, perimeter: &Perimeter, reads: bool) -> CrossSite {
    if access.public || !has_session(perimeter) {
        return if reads { CrossSite::Nothing } else { CrossSite::Origin };
    }
    if access.headerless.is_some() { CrossSite::OwnPages } else { CrossSite::Header }
}

fn relaxations(perimeter: &Perimeter, routes: &[RouteSecurity]) -> Vec<Relaxation> {
    let lax = perimeter.auth.iter().filter_map(|method| match method {
        AuthMethod::Session(session) => session.lax.as_ref(),
        _ => None,
    });
    let lax = lax.map(|because| Relaxation {
        what: "the session's cookie is SameSite=Lax".to_owned(),
        because: because.0.clone(),
    });
    let headerless = routes.iter().filter_map(|route| {
        let what = format!("{} {} needs no header", route.method, route.path);
        Some(Relaxation { what, because: route.because.clone()? })
    });
    lax.chain(headerless).collect()
}

/// Whether a rate counts callers of whom nothing is known: users without a name count by their address.
fn counts_anybody(rule: &RateRule) -> bool {
    matches!(rule.per, RatePer::User | RatePer::Ip | RatePer::Endpoint)
}
