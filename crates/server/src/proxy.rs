//! `proxy("/legacy/*", { to: service })`: one service passed through under a prefix, streamed both ways.
//!
//! The request keeps its method, query and body, and the headers that the BFF lets pass; `x-forwarded-*` we write
//! ourselves: what a client claims about who it is and where it comes from is not passed on.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, now};
use frontdesk_connectors::http::ForwardBody;
use frontdesk_engine::outcome::ProblemDetails;
use frontdesk_lang::model::{HeaderRules, ProxyRoute};
use frontdesk_perimeter::credentials::Credentials;
use frontdesk_perimeter::headers::Passing;
use frontdesk_perimeter::{Admitted, Client, Entrance, Perimeter};
use http_body_util::{BodyExt, Empty};
use hyper::header::{CACHE_CONTROL, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, StatusCode, Uri};

use crate::answered::{Answered, bad_body, problem, refused};
use crate::body::Body;
use crate::pipeline::Arrival;
use crate::request_body::{ClientBody, Problem};
use crate::snapshot::{Bff, Loaded};
use crate::traffic::Harmful;

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
}

impl Route {
    /// The route, or the name of the header that cannot be one. `timeout` is the service's.
    pub fn new(written: ProxyRoute, timeout: Duration, perimeter: &Perimeter) -> Result<Self, Arc<str>> {
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
        Ok(Self { entrance, timeout: written.timeout.unwrap_or(timeout), written, remove, add, passing })
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
    route: &Route,
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
    let Some((way, _)) = way else {
        // Only in rehearsals: what a service would answer to a request that nobody described cannot be made up.
        return problem(&ProblemDetails::new(501, "not_rehearsed"), arrival);
    };
    let client = perimeter.client(&arrival.inbound(&parts));
    rewrite(&mut parts, route, perimeter, arrival, client);
    if let Some(uri) = target(&parts.uri, route) {
        parts.uri = uri;
    }
    let verdict = body.verdict();
    let deadline = Deadline::after(now(), route.timeout);
    match way.harm(&arrival.trace, deadline).await {
        Ok(()) => {}
        Err(Harmful::Status(status)) => return harmed(status),
        Err(Harmful::Fault(fault)) => return problem(&details(&fault), arrival),
    }
    let (forwarder, credentials) = (&way.http, way.credentials.as_ref());
    let proof = credentials.map(|credentials| Proof { credentials, admitted, deadline });
    if let Some(proof) = &proof
        && let Err(fault) = proof.write(&mut parts).await
    {
        return unproven(&fault, perimeter, arrival);
    }
    // Kept for another attempt, if there is a proof that the service may refuse for want of its nonce.
    let again =
        (proof.is_some() && parts.headers.contains_key(DPOP) && hyper::body::Body::is_end_stream(&body))
            .then(|| parts.clone());
    let passed =
        Passed { route, perimeter, secure: client.secure, for_one_user: admitted.identity.is_some() };
    let answered = forwarder.forward(Request::from_parts(parts, body), arrival.trace, deadline).await;
    match (answered, proof, again) {
        (Ok(response), Some(proof), Some(mut parts)) if wants_nonce(&response) => {
            // Nothing was done, and there is no body that would have to be sent twice.
            proof.credentials.learn(response.headers());
            drop(response);
            if let Err(fault) = proof.write(&mut parts).await {
                return unproven(&fault, perimeter, arrival);
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
    admitted: &'p Admitted,
    deadline: Deadline,
}

impl Proof<'_> {
    /// In place of whatever stands under the same names.
    async fn write(&self, parts: &mut Parts) -> Result<(), Fault> {
        let target = parts.uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let (caller, method) = (self.admitted.caller.as_ref(), parts.method.as_str());
        let proving = self.credentials.headers_for(caller, method, target.as_bytes(), self.deadline).await?;
        parts.headers.extend(proving.into_iter().map(|(name, value)| (Some(name), value)));
        Ok(())
    }
}

fn unproven(fault: &Fault, perimeter: &Perimeter, arrival: &Arrival) -> Answered {
    match fault {
        Fault::LoginRequired => refused(perimeter.login_required(), arrival),
        fault => problem(&details(fault), arrival),
    }
}

/// What a service answers that was ordered to fail.
fn harmed(status: u16) -> Answered {
    let mut response = Response::new(Body::whole(Bytes::new()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Answered { is_final: true, ..Answered::new(response) }
}

/// RFC 9449 §9: refused, and here is what was missing.
fn wants_nonce<B>(response: &Response<B>) -> bool {
    response.status() == StatusCode::UNAUTHORIZED && response.headers().contains_key(DPOP_NONCE)
}

/// What an answer passes on its way to the client.
struct Passed<'p> {
    route: &'p Route,
    perimeter: &'p Perimeter,
    secure: bool,
    /// Somebody in particular asked.
    for_one_user: bool,
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
        let (mut parts, mut body) = response.into_parts();
        if let Some(credentials) = credentials {
            credentials.learn(&parts.headers);
        }
        self.route.passing.answer(&mut parts.headers);
        if self.for_one_user {
            keep_to_one_user(&mut parts.headers);
        }
        self.perimeter.security().proxied(&mut parts.headers, self.secure);
        let body = match body.take_whole() {
            Some(whole) => Body::whole(whole),
            None => Body::stream(body.map_err(Into::into)),
        };
        Answered { is_final: true, ..Answered::new(Response::from_parts(parts, body)) }
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
    let is_kept_private = said
        .iter()
        .map(|one| one.trim())
        .any(|one| one.eq_ignore_ascii_case("private") || one.eq_ignore_ascii_case("no-store"));
    if is_kept_private {
        return;
    }
    let mut text = String::from("private");
    for one in said.iter().map(|one| one.trim()).filter(|one| !one.is_empty() && !is_for_shared_caches(one)) {
        text.push_str(", ");
        text.push_str(one);
    }
    if said.is_empty() {
        text.push_str(", no-store");
    }
    let value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("private, no-store"));
    headers.insert(CACHE_CONTROL, value);
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
