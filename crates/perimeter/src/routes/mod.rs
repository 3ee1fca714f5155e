//! Everything below `/auth/` for browsers: signing in and out, and what a page may know of its session.
//!
//! | | | |
//! | --- | --- | --- |
//! | `GET /auth/login` | a navigation that leads to the provider | `login` |
//! | `GET /auth/callback` | where the provider sends the browser back to | `callback` |
//! | `GET /auth/session` | who is signed in | `status` |
//! | `POST /auth/logout` | ends the session, or all of the user's | `logout` |
//! | `GET /auth/sessions`, `DELETE /auth/sessions/<handle>` | the user's sessions | `own_sessions` |
//! | `POST /auth/backchannel` | the provider ends sessions | `backchannel` |
//!
//! The server has decided on the path and has had [`Routes::rule`] checked before it calls [`Routes::answer`].

pub(crate) mod backchannel;
pub(crate) mod callback;
pub(crate) mod label;
pub(crate) mod login;
mod logout;
mod own_sessions;
pub(crate) mod page;
pub(crate) mod request;
mod status;
pub(crate) mod stopped;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore};
use frontdesk_lang::model::SessionAuth;
use http::header::{ALLOW, CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde_json::Value;

pub use page::Told;
pub use request::login_url;

use crate::claims::ClaimRules;
use crate::provider::Provider;
use crate::session::cookie::{Cookie, Found, SameSite};
use crate::session::ring::SharedRing;
use crate::session::{Ending, Open, SessionId, Sessions, Unavailable};
use crate::transaction::Transactions;
use crate::{EndpointLimits, Inbound, Limits, Office, Origins, Refusal, Rule, TrustedProxies};
use page::keep_to_itself;

const LOGIN: &str = "/auth/login";
const CALLBACK: &str = "/auth/callback";
const SESSION: &str = "/auth/session";
const LOGOUT: &str = "/auth/logout";
const BACKCHANNEL: &str = "/auth/backchannel";
const SESSIONS: &str = "/auth/sessions";

/// How long a provider may take while a person waits.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// The longest body of anything but a logout token, in bytes.
const LARGEST_BODY: usize = 4096;
/// Logins that one address may begin: people behind one address do so all at once in the morning, a program for ever.
const LOGINS_A_MINUTE: u32 = 120;
const LOGINS_AT_ONCE: u32 = 60;

/// One provider that people of this BFF may sign in at.
#[derive(Clone, Debug)]
pub struct LoginProvider {
    /// `/auth/login?provider=<name>`
    pub name: Arc<str>,
    pub provider: Arc<Provider>,
}

/// What [`Routes`] are made of.
pub struct RoutesParts<'p> {
    pub bff: Arc<str>,
    pub auth: &'p SessionAuth,
    /// At least one. The first is used when `/auth/login` names none.
    pub providers: Vec<LoginProvider>,
    pub origins: Origins,
    pub proxies: Arc<TrustedProxies>,
    pub limits: Limits,
    pub sessions: Sessions,
    /// For logins under way and identifiers of logout tokens.
    pub entries: Arc<dyn EntryStore>,
    pub ring: Arc<SharedRing>,
    pub office: Office,
    pub clock: Arc<dyn Clock>,
    pub claims: Arc<ClaimRules>,
    /// Whether an endpoint or a proxy route answers under a path: then it is no page to return to.
    pub is_endpoint: Arc<dyn Fn(&str) -> bool + Send + Sync>,
}

/// See the module. Shared by all threads.
pub struct Routes {
    bff: Arc<str>,
    providers: Vec<LoginProvider>,
    origins: Origins,
    proxies: Arc<TrustedProxies>,
    limits: Limits,
    login_rate: EndpointLimits,
    sessions: Sessions,
    cookie: Cookie,
    transactions: Transactions,
    entries: Arc<dyn EntryStore>,
    office: Office,
    clock: Arc<dyn Clock>,
    claims: Arc<ClaimRules>,
    is_endpoint: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    after_logout: Arc<str>,
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routes")
            .field("bff", &self.bff)
            .field("providers", &self.providers)
            .finish_non_exhaustive()
    }
}

impl Routes {
    /// # Errors
    /// The cookie's name cannot be one; it is the error.
    pub fn new(parts: RoutesParts<'_>) -> Result<Self, String> {
        let auth = parts.auth;
        let same_site = if auth.lax.is_some() { SameSite::Lax } else { SameSite::Strict };
        let remembered = auth.remember.then_some(auth.absolute);
        let cookie = Cookie::new(&auth.cookie, same_site, remembered).map_err(str::to_owned)?;
        let transactions = Transactions::new(
            Arc::clone(&parts.bff),
            &auth.cookie,
            Arc::clone(&parts.entries),
            parts.ring,
            Arc::clone(&parts.clock),
        )?;
        let minute = Duration::from_secs(60);
        Ok(Self {
            bff: parts.bff,
            providers: parts.providers,
            origins: parts.origins,
            proxies: parts.proxies,
            limits: parts.limits,
            login_rate: EndpointLimits::per_address(LOGIN, LOGINS_A_MINUTE, minute, LOGINS_AT_ONCE),
            sessions: parts.sessions,
            cookie,
            transactions,
            entries: parts.entries,
            office: parts.office,
            clock: parts.clock,
            claims: parts.claims,
            is_endpoint: parts.is_endpoint,
            after_logout: Arc::clone(&auth.after_logout),
        })
    }

    /// Whether a path belongs here, whatever is answered under it.
    pub fn is_own(path: &str) -> bool {
        path == "/auth" || path.starts_with("/auth/")
    }

    /// What a request to `path` must show before [`answer`](Self::answer). `None`: nothing. Logins and callbacks come
    /// from elsewhere by nature, and logout tokens from no browser; each is looked at here in its own way.
    pub fn rule(path: &str) -> Option<Rule> {
        match Place::of(path) {
            Some(Place::Login | Place::Callback | Place::Backchannel) => None,
            Some(Place::Session | Place::Logout | Place::Sessions | Place::OneSession(_)) | None => {
                Some(Rule::Session)
            }
        }
    }

    /// The longest body that is read for `path`, in bytes. A longer one is answered 413, but under
    /// `/auth/backchannel`, where providers know 400 only.
    pub fn largest_body(path: &str) -> usize {
        match Place::of(path) {
            Some(Place::Backchannel) => backchannel::LARGEST,
            _ => LARGEST_BODY,
        }
    }

    /// `Allow` of a path, for whoever asks by `OPTIONS` (a page of another origin that CORS lets in, before it asks
    /// who is signed in). `None`: there is no such path.
    pub fn allowed(path: &str) -> Option<&'static str> {
        Place::of(path).map(|place| place.methods().1)
    }

    /// The session's cookie.
    pub fn cookie(&self) -> &Cookie {
        &self.cookie
    }

    /// The answer to a request whose body cannot be read: providers that end sessions know 200 and 400 only.
    /// `None`: as for any other path.
    pub fn unreadable(path: &str) -> Option<Response<Bytes>> {
        (Place::of(path) == Some(Place::Backchannel)).then(backchannel::unreadable)
    }

    /// Answers a request to a path of [`is_own`](Self::is_own) that has shown what [`rule`](Self::rule) asks for.
    /// Answers that say no without being a problem carry a [`Told`] in their extensions, for the access log.
    ///
    /// # Errors
    /// What is to be told as a problem. 503: a store is away; the cookie stays as it is.
    pub async fn answer(&self, inbound: &Inbound<'_>, body: Bytes) -> Result<Response<Bytes>, Refusal> {
        self.dispatch(inbound, &body).await.map_err(|mut refusal| {
            let mut headers = HeaderMap::new();
            keep_to_itself(&mut headers);
            refusal.headers.extend(headers.iter().map(|(name, value)| (name.clone(), value.clone())));
            refusal
        })
    }

    async fn dispatch(&self, inbound: &Inbound<'_>, body: &[u8]) -> Result<Response<Bytes>, Refusal> {
        let Some(place) = Place::of(inbound.uri.path()) else { return Err(Refusal::new(404, "not_found")) };
        let (method, allowed) = place.methods();
        if *inbound.method != method {
            let refusal = Refusal::new(405, "method_not_allowed");
            return Err(refusal.header(ALLOW, HeaderValue::from_static(allowed)));
        }
        match place {
            Place::Login => self.login(inbound).await,
            Place::Callback => self.callback(inbound).await,
            Place::Session => self.status(inbound).await,
            Place::Logout => self.logout(inbound, body).await,
            Place::Backchannel => Ok(self.backchannel(inbound, body).await),
            Place::Sessions => self.own_sessions(inbound).await,
            Place::OneSession(handle) => self.end_own(inbound, handle).await,
        }
    }

    /// Ends all sessions of one user, on behalf of an administrator. How many there were.
    pub async fn end_user(&self, issuer: &str, subject: &str) -> Result<usize, Unavailable> {
        self.sessions.end_by_subject(issuer, subject, Ending::Admin).await
    }

    /// The provider of that name; the first if none is named.
    fn login_provider(&self, name: Option<&str>) -> Option<&LoginProvider> {
        match name {
            Some(name) => self.providers.iter().find(|chosen| *chosen.name == *name),
            None => self.providers.first(),
        }
    }

    /// The session of the request's cookie. A cookie that stands there twice is nobody's.
    async fn live(&self, inbound: &Inbound<'_>) -> Result<Option<Arc<Open>>, Unavailable> {
        match self.cookie.find(inbound.headers) {
            Found::One(value) => self.opened(value).await,
            Found::None | Found::Duplicate => Ok(None),
        }
    }

    /// The session of a cookie's value.
    async fn opened(&self, value: &[u8]) -> Result<Option<Arc<Open>>, Unavailable> {
        match SessionId::parse(value) {
            Some(id) => self.sessions.open(&id).await,
            None => Ok(None),
        }
    }

    /// Tells the browser if the id of its session has changed since it got its cookie.
    fn renew_cookie(&self, inbound: &Inbound<'_>, open: &Open, response: &mut Response<Bytes>) {
        let value = open.id().cookie_value();
        if matches!(self.cookie.find(inbound.headers), Found::One(sent) if sent == value.as_bytes()) {
            return;
        }
        if let Some(cookie) = self.cookie.set(&value) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }
}

/// One path below `/auth/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place<'p> {
    Login,
    /// Also with the name of a provider that has an address of its own.
    Callback,
    Session,
    Logout,
    Backchannel,
    Sessions,
    OneSession(&'p str),
}

impl<'p> Place<'p> {
    fn of(path: &'p str) -> Option<Self> {
        let below = |place: &str| path.strip_prefix(place)?.strip_prefix('/').filter(|name| !name.is_empty());
        Some(match path {
            LOGIN => Self::Login,
            CALLBACK => Self::Callback,
            SESSION => Self::Session,
            LOGOUT => Self::Logout,
            BACKCHANNEL => Self::Backchannel,
            SESSIONS => Self::Sessions,
            _ if below(CALLBACK).is_some() => Self::Callback,
            _ => Self::OneSession(below(SESSIONS)?),
        })
    }

    /// The one method that does something here, and `Allow`.
    fn methods(self) -> (Method, &'static str) {
        match self {
            Self::Login | Self::Callback | Self::Session | Self::Sessions => (Method::GET, "GET, OPTIONS"),
            Self::Logout | Self::Backchannel => (Method::POST, "POST, OPTIONS"),
            Self::OneSession(_) => (Method::DELETE, "DELETE, OPTIONS"),
        }
    }
}

/// A 303, which turns whatever was asked into a GET (RFC 9700 §4.12). `None` if `to` cannot stand in a header.
pub(crate) fn see_other(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Option<Response<Bytes>> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(LOCATION, HeaderValue::from_str(to).ok()?);
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    keep_to_itself(headers);
    Some(response)
}

fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    keep_to_itself(response.headers_mut());
    response
}
