//! Other origins that may use the BFF from a browser (Fetch, CORS protocol): compared exactly, never by pattern.

use std::sync::Arc;

use frontdesk_lang::model::{AuthMethod, Cors, Csrf, Versions};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderName, Method};

use crate::Inbound;

/// Request headers that scripts of listed origins may always send.
const ALWAYS_ALLOWED: [&str; 8] = [
    "accept",
    "accept-language",
    "content-type",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "traceparent",
    "x-request-id",
];

/// Answer headers that scripts of listed origins may always read.
const ALWAYS_EXPOSED: [&str; 15] = [
    "age",
    "cache-status",
    "deprecation",
    // What the next proof needs (RFC 9449 §8).
    "dpop-nonce",
    "etag",
    "frontdesk-cache",
    "frontdesk-degraded",
    "link",
    "link-template",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "sunset",
    "www-authenticate",
    "x-request-id",
];

/// The origins of `cors`.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    origins: Vec<Arc<str>>,
    pub credentials: bool,
}

impl Listed {
    pub fn new(cors: &Cors) -> Self {
        Self { origins: cors.origins.clone(), credentials: cors.credentials }
    }

    /// Byte for byte: browsers write origins in one way. `null` is nobody's.
    pub fn contains(&self, origin: &[u8]) -> bool {
        origin != b"null" && self.origins.iter().any(|listed| listed.as_bytes() == origin)
    }
}

/// `cors` of a BFF, with its answers made.
#[derive(Clone, Debug)]
pub struct CorsRules {
    listed: Listed,
    allow_headers: HeaderValue,
    expose: HeaderValue,
    max_age: HeaderValue,
}

impl CorsRules {
    /// `None` if a header's name in it cannot be one.
    pub fn new(cors: &Cors, csrf: &Csrf, auth: &[AuthMethod], versions: &Versions) -> Option<Self> {
        let own = auth.iter().flat_map(|method| match method {
            AuthMethod::Session(_) => vec![&*csrf.header],
            AuthMethod::Bearer(_) => vec!["authorization", "dpop"],
            AuthMethod::Device(_) => vec!["authorization", "dpop"],
            AuthMethod::ApiKeys(keys) => vec![&*keys.header],
            AuthMethod::Certificate(_) => vec![&*csrf.header],
        });
        let (asks, answers) = match versions {
            Versions::None => (None, None),
            Versions::Client(versions) => (Some(&*versions.header), None),
            Versions::Dated(versions) => (Some(&*versions.header), Some(&*versions.header)),
        };
        let written = cors.headers.iter().map(|name| &**name);
        let allow_headers = list(ALWAYS_ALLOWED.into_iter().chain(own).chain(asks).chain(written))?;
        let written = cors.expose.iter().map(|name| &**name);
        let expose = list(ALWAYS_EXPOSED.into_iter().chain(answers).chain(written))?;
        let max_age = HeaderValue::from(cors.max_age.as_secs());
        Some(Self { listed: Listed::new(cors), allow_headers, expose, max_age })
    }

    /// What the browser needs to let the page see the answer to this request.
    pub fn grant(&self, request: &HeaderMap) -> Grant<'_> {
        Grant { rules: self, origin: self.allowed(request).cloned() }
    }

    /// The headers of the 204 that answers a preflight to a route with these methods (`GET, HEAD, OPTIONS`). An
    /// origin that is not listed is told nothing.
    pub fn preflight(&self, request: &HeaderMap, methods: &str) -> HeaderMap {
        let mut answer = HeaderMap::with_capacity(8);
        vary(&mut answer, "origin, access-control-request-method, access-control-request-headers");
        let Some(origin) = self.allowed(request) else { return answer };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.listed.credentials {
            answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        if let Ok(methods) = HeaderValue::from_str(methods) {
            answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        if request.contains_key(ACCESS_CONTROL_REQUEST_HEADERS) {
            answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.allow_headers.clone());
        }
        answer.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        answer
    }

    /// The request's origin, if it has one, and only one, that is listed.
    fn allowed<'r>(&self, request: &'r HeaderMap) -> Option<&'r HeaderValue> {
        let mut origins = request.get_all(ORIGIN).iter();
        let (origin, second) = (origins.next()?, origins.next());
        (second.is_none() && self.listed.contains(origin.as_bytes())).then_some(origin)
    }
}

/// What the answer to one request tells the browser: to be written to every answer, refusals too.
#[derive(Clone, Debug)]
pub struct Grant<'c> {
    rules: &'c CorsRules,
    origin: Option<HeaderValue>,
}

impl Grant<'_> {
    /// What a service said of CORS must have been taken out before.
    pub fn write(&self, answer: &mut HeaderMap) {
        vary(answer, "origin");
        let Some(origin) = &self.origin else { return };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.rules.listed.credentials {
            answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, self.rules.expose.clone());
    }
}

/// Whether a browser asks what it may send (Fetch, CORS-preflight request). It is answered without running anything,
/// whether or not `cors` is set.
pub fn is_preflight(request: &Inbound<'_>) -> bool {
    *request.method == Method::OPTIONS
        && request.headers.contains_key(ORIGIN)
        && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds to `Vary` what is not there yet.
fn vary(answer: &mut HeaderMap, names: &'static str) {
    let says = answer.get_all(VARY).iter().any(|value| {
        let mut named = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        named.any(|name| name.eq_ignore_ascii_case(names.as_bytes()) || name == b"*")
    });
    if !says {
        answer.append(VARY, HeaderValue::from_static(names));
    }
}

/// Lower-case names, each once.
fn list<'n>(names: impl Iterator<Item = &'n str>) -> Option<HeaderValue> {
    let mut all: Vec<HeaderName> = Vec::new();
    for name in names {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        if !all.contains(&name) {
            all.push(name);
        }
    }
    let all: Vec<&str> = all.iter().map(HeaderName::as_str).collect();
    HeaderValue::try_from(all.join(", ")).ok()
}
