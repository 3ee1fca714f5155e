//! `proxy("/legacy/*", { to: service })`: one service passed through under a prefix, streamed both ways.
//!
//! The request keeps its method, query and body, and the headers that the BFF lets pass; `x-forwarded-*` we write
//! ourselves: what a client claims about who it is and where it comes from is not passed on. With `cache: "http"` there is
//! a shared cache in between: `cached`.

mod cached;
mod place;
mod pour;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Caller, Deadline, Fault, TraceContext, now};
use frontdesk_cache::http::told::Told;
use frontdesk_connectors::http::ForwardBody;
use frontdesk_engine::outcome::ProblemDetails;
use frontdesk_lang::model::{HeaderRules, ProxyRoute};
use frontdesk_perimeter::credentials::Credentials;
use frontdesk_perimeter::headers::Passing;
use frontdesk_perimeter::{Admitted, Client, Entrance, Perimeter};
use http_body_util::Empty;
use hyper::header::{CACHE_CONTROL, HOST, HeaderMap, HeaderName, HeaderValue, VARY};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, StatusCode, Uri};

use crate::answered::{Answered, bad_body, problem, refused};
use crate::body::Body;
use crate::pipeline::Arrival;
use crate::request_body::{ClientBody, Problem};
use crate::snapshot::{Bff, Loaded};
use crate::traffic;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// What browsers of other origins may ask through a proxy route, as preflights are told.
pub(crate) const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// A proxy route with its headers parsed.
pub(crate) struct Route {
    pub entrance: Entrance,
    written: ProxyRoute,
    timeout: Duration,
    remove: Vec<HeaderName>,
    add: Vec<(HeaderName, HeaderValue)>,
    passing: Passing,
    bff: Arc<str>,
    /// Its name.
    service: Arc<str>,
    /// What is kept of the service may be put out of date through this route.
    invalidates: bool,
    unkept: cached::Unkept,
}

/// What a route stands among.
pub(crate) struct Standing<'a> {
    pub bff: &'a Arc<str>,
    pub service: Arc<str>,
    /// The service's.
    pub timeout: Duration,
    /// Some route to the same service keeps what it answers.
    pub service_is_cached: bool,
}

impl Route {
    /// The route, or the name of the header that cannot be one.
    pub fn new(written: ProxyRoute, standing: Standing<'_>, perimeter: &Perimeter) -> Result<Self, Arc<str>> {
        let Standing { bff, service, timeout, service_is_cached } = standing;
        let remove = written
            .remove_headers
            .iter()
            .map(|name| name.parse::<HeaderName>().map_err(|_| name.clone()))
            .collect::<Result<_, _>>()?;
        let add = written
            .add_headers
            .iter()
            .map(|(name, value)| {
                let parsed = (name.parse::<HeaderName>(), HeaderValue::from_str(value));
                let (Ok(parsed_name), Ok(parsed_value)) = parsed else { return Err(name.clone()) };
                Ok((parsed_name, parsed_value))
            })
            .collect::<Result<_, _>>()?;
        let name: Arc<str> = format!("{}*", written.prefix).into();
        let own = HeaderRules {
            forward: written.forward_headers.clone(),
            answer: written.answer_headers.clone(),
            csp: None,
        };
        let passing = perimeter.passing().with(&own).map_err(|forbidden| forbidden.name)?;
        let entrance = perimeter.entrance(name, &written.access);
        Ok(Self {
            entrance,
            timeout: written.timeout.unwrap_or(timeout),
            written,
            remove,
            add,
            passing,
            bff: bff.clone(),
            service,
            invalidates: service_is_cached,
            unkept: cached::Unkept::new(),
        })
    }

    /// `/legacy/`
    pub fn prefix(&self) -> &str {
        &self.written.prefix
    }

    /// The longest until the head of the service's answer.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// Sends the request on. Its path was checked and lies under the route's prefix.
pub(crate) async fn forward(
    loaded: &Loaded,
    bff: &Bff,
    route: &Arc<Route>,
    arrival: &Arrival,
    mut parts: Parts,
    admitted: &Admitted,
    body: Result<ClientBody, Problem>,
) -> Answered {
    let mut body = match body {
        Ok(body) => body,
        Err(why) => return bad_body(why, arrival),
    };
    let perimeter = &bff.perimeter;
    let headers = loaded.snapshot.client_headers(&parts.headers);
    let way = loaded
        .ways(route.written.service)
        .and_then(|ways| ways.way(&arrival.trace, admitted.caller.as_deref(), headers.as_ref()));
    let Some((way, variant)) = way else {
        // Only in rehearsals: what a service would answer to a request that nobody described cannot be made up.
        return problem(&ProblemDetails::new(501, "not_rehearsed"), arrival);
    };
    let client = perimeter.client(&arrival.inbound(&parts));
    rewrite(&mut parts, route, perimeter, arrival, client);
    if let Some(uri) = target(&parts.uri, route) {
        parts.uri = uri;
    }
    let deadline = Deadline::after(now(), route.timeout);
    let told = cached::past(route, &parts, hyper::body::Body::is_end_stream(&body));
    let passed = Passed {
        route,
        perimeter,
        arrival,
        secure: client.secure,
        for_one_user: admitted.identity.is_some(),
        told,
    };
    if route.written.cache && told.is_none() {
        let (trace, caller) = (arrival.trace, admitted.caller.clone());
        let way = Way { to: way.clone(), caller, trace, deadline };
        let cache = loaded.snapshot.cache();
        let errand = cached::Errand::new(cache, route, way, variant, parts, passed.for_one_user);
        return Box::pin(cached::answer(errand, &passed)).await;
    }
    let (forwarder, credentials) = (&way.http, way.credentials.as_ref());
    let changing = cached::Changing::new(route, &parts);
    let verdict = body.verdict();
    let proof =
        credentials.map(|credentials| Proof { credentials, caller: admitted.caller.as_ref(), deadline });
    if let Some(proof) = &proof
        && let Err(fault) = proof.write(&mut parts).await
    {
        return passed.failed(&fault);
    }
    // Kept for another attempt, if there is a proof that the service may refuse for want of its nonce.
    let again =
        (proof.is_some() && parts.headers.contains_key(DPOP) && hyper::body::Body::is_end_stream(&body))
            .then(|| parts.clone());
    let answered = forwarder.forward(Request::from_parts(parts, body), arrival.trace, deadline).await;
    if let (Ok(response), Some(changing)) = (&answered, changing) {
        changing.answered(loaded.snapshot.cache(), route, response.status(), response.headers());
    }
    match (answered, proof, again) {
        (Ok(response), Some(proof), Some(mut parts)) if wants_nonce(&response) => {
            // Nothing was done, and there is no body that would have to be sent twice.
            proof.credentials.learn(response.headers());
            drop(response);
            if let Err(fault) = proof.write(&mut parts).await {
                return passed.failed(&fault);
            }
            let request = Request::from_parts(parts, Empty::<Bytes>::new());
            match forwarder.forward(request, arrival.trace, deadline).await {
                Ok(response) => passed.answer(response, Some(proof.credentials)),
                Err(fault) => problem(&details(&fault), arrival),
            }
        }
        (Ok(response), ..) => passed.answer(response, credentials),
        (Err(fault), ..) => match verdict.get() {
            Some(why) => bad_body(why, arrival),
            None => problem(&details(&fault), arrival),
        },
    }
}

/// What the request must carry to prove on whose behalf it is made.
struct Proof<'p> {
    credentials: &'p Arc<Credentials>,
    caller: Option<&'p Rc<dyn Caller>>,
    deadline: Deadline,
}

impl Proof<'_> {
    /// In place of whatever stands under the same names.
    async fn write(&self, parts: &mut Parts) -> Result<(), Fault> {
        let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let (caller, method) = (self.caller, parts.method.as_str());
        let proving = self.credentials.headers_for(caller, method, target.as_bytes(), self.deadline).await?;
        parts.headers.extend(proving.into_iter().map(|(name, value)| (Some(name), value)));
        Ok(())
    }
}

/// The way of one client's request to its service, for requests without a body.
#[derive(Clone)]
struct Way {
    to: traffic::Way,
    caller: Option<Rc<dyn Caller>>,
    trace: TraceContext,
    deadline: Deadline,
}

impl Way {
    /// The service's answer to these, with what proves on whose behalf they are sent.
    async fn ask(&self, mut parts: Parts) -> Result<Response<ForwardBody<Empty<Bytes>>>, Fault> {
        let send =
            |parts| self.to.http.forward(Request::from_parts(parts, Empty::new()), self.trace, self.deadline);
        let (caller, deadline) = (self.caller.as_ref(), self.deadline);
        let Some(credentials) = &self.to.credentials else { return send(parts).await };
        let proof = Proof { credentials, caller, deadline };
        proof.write(&mut parts).await?;
        let again = parts.headers.contains_key(DPOP).then(|| parts.clone());
        let mut response = send(parts).await?;
        if let Some(mut parts) = again.filter(|_| wants_nonce(&response)) {
            credentials.learn(response.headers());
            drop(response);
            proof.write(&mut parts).await?;
            response = send(parts).await?;
        }
        credentials.learn(response.headers());
        Ok(response)
    }
}

/// RFC 9449 §9: refused, and here is what was missing.
fn wants_nonce<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::UNAUTHORIZED && response.headers().contains_key(DPOP_NONCE)
}

/// What an answer passes on its way to the client.
struct Passed<'p> {
    route: &'p Route,
    perimeter: &'p Perimeter,
    arrival: &'p Arrival,
    secure: bool,
    /// Somebody in particular asked.
    for_one_user: bool,
    /// What is said of a cache that had no part in it.
    told: Option<Told>,
}

impl Passed<'_> {
    fn answer<B>(
        &self,
        response: Response<ForwardBody<B>>,
        credentials: Option<&Arc<Credentials>>,
    ) -> Answered
    where
        B: hyper::body::Body<Data = Bytes> + Unpin + 'static,
    {
        if let Some(credentials) = credentials {
            credentials.learn(response.headers());
        }
        self.given(response.map(cached::whole_or_streamed), self.told.as_ref())
    }

    fn given(&self, mut response: Response<Body>, told: Option<&Told>) -> Answered {
        let headers = response.headers_mut();
        self.route.passing.answer(headers);
        if self.for_one_user {
            keep_to_one_user(headers);
        }
        self.perimeter.security().proxied(headers, self.secure);
        if let Some(told) = told {
            told.write(headers);
        }
        Answered { is_final: true, ..Answered::new(response) }
    }

    fn failed(&self, fault: &Fault) -> Answered {
        match fault {
            Fault::LoginRequired => refused(self.perimeter.login_required(), self.arrival),
            fault => problem(&details(fault), self.arrival),
        }
    }

    /// RFC 9111 §5.2.1.7
    fn not_cached(&self) -> Answered {
        let mut answered = problem(&ProblemDetails::new(504, "not_cached"), self.arrival);
        Told::Nothing.write(answered.response.headers_mut());
        answered
    }
}

/// The path below the service's base URL, with the query as it came.
fn target(uri: &Uri, route: &Route) -> Option<Uri> {
    if !route.written.strip {
        return None;
    }
    let prefix = route.prefix();
    let below = match uri.path().strip_prefix(prefix) {
        Some(below) => below,
        None if uri.path() == prefix.trim_end_matches('/') => "",
        None => return None,
    };
    let target = match uri.query() {
        Some(query) => format!("/{below}?{query}"),
        None => format!("/{below}"),
    };
    PathAndQuery::try_from(target).ok().map(Uri::from)
}

/// The service gets what the lists let through, and our own word on where the request came from.
fn rewrite(parts: &mut Parts, route: &Route, perimeter: &Perimeter, arrival: &Arrival, client: Client) {
    let trail = perimeter.trail(&arrival.inbound(parts));
    // HTTP/2 names the host in `:authority`.
    let authority = parts.uri.authority().and_then(|name| HeaderValue::from_str(name.as_str()).ok());
    let host = authority.or_else(|| parts.headers.get(HOST).cloned());
    let headers = &mut parts.headers;
    route.passing.request(headers);
    for name in &route.remove {
        headers.remove(name);
    }
    headers.insert(X_FORWARDED_FOR, trail);
    if let Some(host) = host {
        headers.insert(X_FORWARDED_HOST, host);
    }
    let scheme = if client.secure { "https" } else { "http" };
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
    for (name, value) in &route.add {
        headers.insert(name, value.clone());
    }
}

/// The service knows its user by a token, which keeps shared caches from storing what it answers (RFC 9111 §3.5). The
/// browser sent a cookie, which does not: so it must be said.
fn keep_to_one_user(headers: &mut HeaderMap) {
    let said: Vec<&str> = headers
        .get_all(CACHE_CONTROL)
        .iter()
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .collect();
    let says = |name: &str| said.iter().any(|one| one.trim().eq_ignore_ascii_case(name));
    if says("no-store") {
        return;
    }
    let may_be_kept = !said.is_empty();
    let text = (!says("private")).then(|| {
        let mut text = String::from("private");
        for one in said.iter().map(|one| one.trim()) {
            if !one.is_empty() && !is_for_shared_caches(one) {
                text.push_str(", ");
                text.push_str(one);
            }
        }
        if !may_be_kept {
            text.push_str(", no-store");
        }
        HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("private, no-store"))
    });
    if let Some(text) = text {
        headers.insert(CACHE_CONTROL, text);
    }
    if may_be_kept {
        // Nor may the browser give it to the next who signs in there.
        headers.append(VARY, HeaderValue::from_static("authorization, cookie"));
    }
}

fn is_for_shared_caches(directive: &str) -> bool {
    let name = directive.split('=').next().unwrap_or_default().trim();
    ["public", "s-maxage", "private", "proxy-revalidate"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The same answers as a required call of a view would get, but that the service's own refusals pass through.
fn details(fault: &Fault) -> ProblemDetails<'static> {
    match fault {
        Fault::Unsendable { .. } => ProblemDetails::new(400, "malformed_request"),
        other => frontdesk_engine::outcome::of_fault(other),
    }
}
