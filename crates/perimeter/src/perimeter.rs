//! The perimeter of one BFF, put together from what `bff.ts` says and what the server has.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore, RateStore, SessionStore, StoreFault};
use frontdesk_lang::model::{self, Access, AuthMethod, RateRule, Versions};
use http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Response};

use crate::api_key::ApiKeys;
use crate::bearer::Bearer;
use crate::claims::ClaimRules;
use crate::device::Devices;
use crate::headers::Passing;
use crate::provision::{Making, ProvisionError, Resolve};
use crate::rehearsal::Rehearsed;
use crate::routes::{Routes, login_url};
use crate::session::Sessions;
use crate::session::ring::SharedRing;
use crate::{
    Attempts, Certificates, CorsRules, CrossSite, EndpointLimits, Grant, Inbound, Limits, Office, Origins,
    Refusal, SecurityHeaders, TrustedProxies,
};

/// What the server has, whatever a BFF says: it stays while definitions change.
#[derive(Clone)]
pub struct Premises {
    pub clock: Arc<dyn Clock>,
    pub office: Office,
    pub sessions: Arc<dyn SessionStore>,
    pub entries: Arc<dyn EntryStore>,
    /// The keys that seal sessions; needed as soon as somebody signs in.
    pub ring: Option<Arc<SharedRing>>,
    pub rates: Arc<dyn RateStore>,
    /// Counts while `rates` is away.
    pub local_rates: Arc<dyn RateStore>,
    pub proxies: Arc<TrustedProxies>,
}

/// Who gets in to one BFF. Shared by all threads.
pub struct Perimeter {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) cross_site: CrossSite,
    pub(crate) cors: Option<CorsRules>,
    pub(crate) limits: Limits,
    pub(crate) proxies: Arc<TrustedProxies>,
    pub(crate) attempts: Attempts,
    pub(crate) certificates: Option<Certificates>,
    pub(crate) api_keys: Option<Arc<ApiKeys>>,
    pub(crate) bearers: Vec<Bearer>,
    pub(crate) browsers: Option<Browsers>,
    pub(crate) devices: Option<Devices>,
    /// Where the sessions of browsers and devices are, if there are any.
    session_store: Option<Arc<dyn SessionStore>>,
    rates: Vec<RateRule>,
    security: SecurityHeaders,
    passing: Passing,
    routes_of_bff: Arc<OnceLock<IsEndpoint>>,
    pub(crate) rehearsed: Option<Rehearsed>,
}

/// What a perimeter is put together from beside what is written.
pub(crate) struct Parts<'p> {
    pub bff: &'p Arc<str>,
    pub versions: &'p Versions,
    pub origins: Origins,
    pub clock: Arc<dyn Clock>,
    pub rates: Arc<dyn RateStore>,
    pub local_rates: Arc<dyn RateStore>,
    pub proxies: Arc<TrustedProxies>,
    pub rehearsed: Option<Rehearsed>,
}

pub(crate) type IsEndpoint = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Sessions of browsers, and the paths under which they begin and end.
pub(crate) struct Browsers {
    pub sessions: Sessions,
    pub routes: Routes,
}

/// The way in to one endpoint or proxy route.
pub struct Entrance {
    pub name: Arc<str>,
    pub access: Access,
    pub(crate) limits: EndpointLimits,
}

impl Perimeter {
    /// Checks everything that can be wrong before the first request. Asks nobody yet.
    pub fn provision(
        bff: &Arc<str>,
        written: &model::Perimeter,
        versions: &Versions,
        origins: Origins,
        premises: &Premises,
        resolve: Resolve<'_>,
    ) -> Result<Self, ProvisionError> {
        let routes_of_bff: Arc<OnceLock<IsEndpoint>> = Arc::default();
        let known_routes = routes_of_bff.clone();
        let limits = Limits::new(bff.clone(), premises.rates.clone(), premises.local_rates.clone());
        let making = Making {
            bff,
            origins: &origins,
            premises,
            resolve,
            claims: Arc::new(ClaimRules::new(&written.claims).map_err(ProvisionError::Unresolved)?),
            limits: &limits,
            // Nothing is a page until the routes are known.
            is_endpoint: Arc::new(move |path| known_routes.get().is_none_or(|is_endpoint| is_endpoint(path))),
        };
        let mut callers = Callers::default();
        for method in &written.auth {
            callers.add(method, &making)?;
        }
        let has_sessions = callers.browsers.is_some() || callers.devices.is_some();
        let session_store = has_sessions.then(|| premises.sessions.clone());
        let parts = Parts {
            bff,
            versions,
            origins,
            clock: premises.clock.clone(),
            rates: premises.rates.clone(),
            local_rates: premises.local_rates.clone(),
            proxies: premises.proxies.clone(),
            rehearsed: None,
        };
        Self::put_together(written, parts, callers, session_store, routes_of_bff)
    }

    pub(crate) fn put_together(
        written: &model::Perimeter,
        parts: Parts<'_>,
        callers: Callers,
        session_store: Option<Arc<dyn SessionStore>>,
        routes_of_bff: Arc<OnceLock<IsEndpoint>>,
    ) -> Result<Self, ProvisionError> {
        let key_header = callers.api_keys.as_ref().map(|keys| keys.header().clone());
        let cors = match &written.cors {
            Some(cors) => Some(
                CorsRules::new(cors, &written.csrf, &written.auth, parts.versions)
                    .ok_or(ProvisionError::NotAHeader("cors"))?,
            ),
            None => None,
        };
        Ok(Self {
            cross_site: CrossSite::new(parts.origins, &written.csrf, written.cors.as_ref())
                .ok_or(ProvisionError::NotAHeader("csrf.header"))?,
            cors,
            limits: Limits::new(parts.bff.clone(), parts.rates, parts.local_rates),
            proxies: parts.proxies,
            attempts: Attempts::new(parts.clock.clone()),
            clock: parts.clock,
            certificates: callers.certificates,
            api_keys: callers.api_keys,
            bearers: callers.bearers,
            browsers: callers.browsers,
            devices: callers.devices,
            session_store,
            rates: written.rates.clone(),
            security: SecurityHeaders::new(written.headers.csp.as_ref())
                .ok_or(ProvisionError::NotAHeader("headers.csp"))?,
            passing: Passing::new(&written.headers)?.keeping_back(key_header),
            routes_of_bff,
            rehearsed: parts.rehearsed,
        })
    }

    /// Says which paths endpoints answer: they are no pages to return to after a login. To be called once.
    pub fn set_endpoints(&self, is_endpoint: impl Fn(&str) -> bool + Send + Sync + 'static) {
        let _ = self.routes_of_bff.set(Box::new(is_endpoint));
    }

    /// Whether a path belongs to signing in and out, whatever the BFF's routes say.
    pub fn is_own(&self, path: &str) -> bool {
        (self.browsers.is_some() || self.devices.is_some()) && Routes::is_own(path)
    }

    /// The most bytes of a body that one of its own paths takes.
    pub fn largest_body(&self, path: &str) -> u64 {
        let largest =
            if Devices::is_own(path) { Devices::largest_body(path) } else { Routes::largest_body(path) };
        largest as u64
    }

    /// The methods of one of its own paths, as `Allow` has them.
    pub fn own_methods(&self, path: &str) -> Option<&'static str> {
        self.is_own(path).then(|| Routes::allowed(path))?
    }

    /// The answer of one of its own paths to a body that cannot be read, if it has one.
    pub fn unreadable(&self, path: &str) -> Option<Response<Bytes>> {
        self.is_own(path).then(|| Devices::unread(path).or_else(|| Routes::unreadable(path)))?
    }

    /// Answers a request to one of its own paths, after the same cross-site check that endpoints have.
    pub async fn answer(&self, inbound: &Inbound<'_>, body: Bytes) -> Result<Response<Bytes>, Refusal> {
        if Devices::is_own(inbound.uri.path())
            && let Some(devices) = &self.devices
        {
            if let Some(rule) = Devices::rule(inbound.uri.path()) {
                self.cross_site.check(inbound, rule)?;
            }
            return devices.answer(inbound, body).await;
        }
        let Some(browsers) = &self.browsers else { return Err(Refusal::new(404, "no_such_endpoint")) };
        if let Some(rule) = Routes::rule(inbound.uri.path()) {
            self.cross_site.check(inbound, rule)?;
        }
        browsers.routes.answer(inbound, body).await
    }

    /// Ends every session of one user, on behalf of an administrator; how many there were. `None` if nobody has
    /// sessions here.
    pub async fn end_user(&self, issuer: &str, subject: &str) -> Option<Result<usize, Refusal>> {
        // Browsers and devices of one BFF have their sessions in one place: either finds all of them.
        let ended = match (&self.browsers, &self.devices) {
            (Some(browsers), _) => browsers.routes.end_user(issuer, subject).await,
            (None, Some(devices)) => devices.end_user(issuer, subject).await,
            (None, None) => return None,
        };
        Some(ended.map_err(Refusal::from))
    }

    /// Whether what it cannot do without answers: the store of sessions.
    pub async fn probe(&self) -> Result<(), StoreFault> {
        match &self.session_store {
            Some(store) => store.probe().await,
            None => Ok(()),
        }
    }

    /// Nobody is signed in, or no longer: where a page sends its user, and what programs are asked for.
    pub fn login_required(&self) -> Refusal {
        let mut refusal = Refusal::login_required();
        let rehearsed = self.rehearsed.as_ref().is_some_and(|rehearsed| rehearsed.has_browsers);
        if self.browsers.is_some() || rehearsed {
            refusal.login_url = Some(login_url(&[], None));
        }
        let devices = self.devices.iter().filter(|_| self.bearers.is_empty()).flat_map(Devices::challenges);
        for challenge in self.bearers.iter().flat_map(Bearer::challenges).chain(devices) {
            refusal = refusal.header(WWW_AUTHENTICATE, challenge);
        }
        if self.api_keys.as_ref().is_some_and(|keys| *keys.header() != AUTHORIZATION) {
            refusal = refusal.header(WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
        }
        refusal
    }

    /// The way in to the endpoint or proxy route of that name.
    pub fn entrance(&self, name: Arc<str>, access: &Access) -> Entrance {
        let limits = EndpointLimits::new(&name, &self.rates, access);
        Entrance { name, access: access.clone(), limits }
    }

    /// Where the partners' keys are; they may be replaced while the server runs.
    pub fn api_keys(&self) -> Option<&Arc<ApiKeys>> {
        self.api_keys.as_ref()
    }

    /// The headers that pass through proxy routes.
    pub fn passing(&self) -> &Passing {
        &self.passing
    }

    /// What browsers are told about pages and data.
    pub fn security(&self) -> &SecurityHeaders {
        &self.security
    }

    /// Whom the client's own proxies say it is.
    pub fn client(&self, inbound: &Inbound<'_>) -> crate::Client {
        self.proxies.client(inbound)
    }

    /// What goes on to services as `X-Forwarded-For`.
    pub fn trail(&self, inbound: &Inbound<'_>) -> http::HeaderValue {
        self.proxies.trail(inbound)
    }

    /// What CORS will add to the answer, whatever that is.
    pub fn grant(&self, inbound: &Inbound<'_>) -> Option<Grant<'_>> {
        self.cors.as_ref().map(|cors| cors.grant(inbound.headers))
    }

    /// The answer's headers if this is a CORS preflight of a route with these methods; nothing of the route runs.
    pub fn preflight(&self, inbound: &Inbound<'_>, methods: &str) -> Option<HeaderMap> {
        crate::is_preflight(inbound).then(|| {
            self.cors.as_ref().map(|cors| cors.preflight(inbound.headers, methods)).unwrap_or_default()
        })
    }
}

/// Ways in, while they are put together.
#[derive(Default)]
pub(crate) struct Callers {
    certificates: Option<Certificates>,
    api_keys: Option<Arc<ApiKeys>>,
    bearers: Vec<Bearer>,
    browsers: Option<Browsers>,
    devices: Option<Devices>,
}

impl Callers {
    fn add(&mut self, method: &AuthMethod, making: &Making<'_>) -> Result<(), ProvisionError> {
        let bff = making.bff;
        match method {
            AuthMethod::Session(auth) => {
                let (sessions, routes) = making.session(auth)?;
                self.browsers = Some(Browsers { sessions, routes });
            }
            AuthMethod::Bearer(auth) => self.bearers.push(making.bearer(auth)?),
            AuthMethod::ApiKeys(auth) => {
                let keys = ApiKeys::new(bff.clone(), auth, making.premises.clock.clone())
                    .ok_or(ProvisionError::NotAHeader("apiKeys.header"))?;
                self.api_keys = Some(Arc::new(keys));
            }
            AuthMethod::Certificate(auth) => {
                self.certificates = Some(Certificates::new(bff.clone(), auth));
            }
            AuthMethod::Device(auth) => self.devices = Some(making.device(auth)?),
        }
        Ok(())
    }
}
