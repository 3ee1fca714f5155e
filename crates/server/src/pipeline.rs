//! The way of one request, from its headers to its answer. Every endpoint goes this way; nothing goes around it.
//!
//! correlation id and trace → host and path → route → body → input, calls, answer → compression → response headers →
//! access log

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use frontdesk_adapter::{Deadline, TraceContext, now};
use frontdesk_engine::outcome::{CallRecord, Degraded, Failure, Occurrence, ProblemDetails, degraded_header};
use frontdesk_engine::run::{Endpoint, Request as EndpointRequest, Session};
use frontdesk_lang::model::RoutePart;
use frontdesk_plan::{EndpointPlan, StepId, StepKind};
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HOST,
    HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Uri, Version};
use tokio::time::Instant;

use crate::access_log::Line;
use crate::body::Body;
use crate::connection::Running;
use crate::path::{self, Refused};
use crate::request_body::{ClientBody, Problem};
use crate::snapshot::{Bff, Loaded, Params, Target};
use crate::workers::Worker;
use crate::{compress, proxy, session, trace};

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FRONTDESK_DEGRADED: HeaderName = HeaderName::from_static("frontdesk-degraded");

/// A client that went away before its answer was made; in the access log only.
const CLIENT_GONE: u16 = 499;

/// What is known of a request before anything looks at it.
pub(crate) struct Arrival {
    pub trace: TraceContext,
    /// The trace id as text: what the client quotes when it asks us what happened.
    pub request_id: [u8; 32],
    pub peer: SocketAddr,
    /// It came over TLS.
    pub secure: bool,
    pub uri: Uri,
    start: Instant,
}

impl Arrival {
    /// The path, as it was sent.
    pub fn path(&self) -> &str {
        self.uri.path()
    }
}

/// A response, with what the access log says of it.
pub(crate) struct Answered {
    pub response: Response<Body>,
    pub problem: Option<String>,
    pub calls: Vec<CallRecord>,
    pub plan: Option<Arc<EndpointPlan>>,
    /// A service's own answer, which we do not touch but for the correlation id.
    pub passed_through: bool,
}

impl Answered {
    pub fn new(response: Response<Body>) -> Self {
        Self { response, problem: None, calls: Vec::new(), plan: None, passed_through: false }
    }
}

/// Writes one line to the access log when dropped, whether or not there is an answer by then.
struct Entry<'e> {
    worker: &'e Worker,
    bff: &'e str,
    arrival: &'e Arrival,
    method: &'e Method,
    /// The endpoint's or proxy route's name, if one was matched.
    name: RefCell<Option<Arc<str>>>,
    status: u16,
    bytes: Option<u64>,
    problem: Option<String>,
    calls: Vec<CallRecord>,
    plan: Option<Arc<EndpointPlan>>,
}

impl Entry<'_> {
    /// Notes how the request was answered, and gives the response.
    fn answered(mut self, answered: Answered) -> Response<Body> {
        self.status = answered.response.status().as_u16();
        self.bytes = hyper::body::Body::size_hint(answered.response.body()).exact();
        self.problem = answered.problem;
        self.calls = answered.calls;
        self.plan = answered.plan;
        answered.response
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.worker.log.write(&Line {
            unix_ms: SystemTime::now()
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0)),
            bff: self.bff,
            endpoint: self.name.borrow().as_deref().unwrap_or_default(),
            method: self.method.as_str(),
            status: self.status,
            micros: u64::try_from(self.arrival.start.elapsed().as_micros()).unwrap_or(u64::MAX),
            bytes: self.bytes,
            request_id: &self.arrival.request_id,
            problem: self.problem.as_deref(),
            calls: &self.calls,
            plan: self.plan.as_deref(),
        });
    }
}

/// Answers one request. A panic in it is answered 500 and takes nothing else down.
pub(crate) async fn serve(
    worker: Rc<Worker>,
    bff: Arc<str>,
    peer: SocketAddr,
    secure: bool,
    request: Request<Incoming>,
    running: Running,
) -> Result<Response<Body>, Infallible> {
    let start = now();
    let trace =
        trace::context(header(request.headers(), "traceparent"), header(request.headers(), "x-request-id"));
    let uri = request.uri().clone();
    let arrival = Arrival { trace, request_id: trace::hex(trace.trace_id), peer, secure, uri, start };
    let accept_encoding = request.headers().get(ACCEPT_ENCODING).cloned();
    let old_http = request.version() < Version::HTTP_2;
    let method = request.method().clone();
    let (parts, body) = request.into_parts();
    let body = ClientBody::new(body, running.watch().clone());

    let entry = Entry {
        worker: &worker,
        bff: &bff,
        arrival: &arrival,
        method: &method,
        name: RefCell::default(),
        status: CLIENT_GONE,
        bytes: None,
        problem: None,
        calls: Vec::new(),
        plan: None,
    };
    let answering =
        AssertUnwindSafe(answer(&worker, &bff, &entry.name, &arrival, parts, body)).catch_unwind();
    let mut answered = match answering.await {
        Ok(answered) => answered,
        Err(_) => problem(&ProblemDetails::new(500, "internal"), &arrival),
    };
    if !answered.passed_through {
        if let Some(accepted) = accept_encoding {
            compress(&mut answered.response, &accepted);
        }
        keep_private(answered.response.headers_mut());
    }
    let closing = old_http && worker.shared.draining.load(Ordering::Relaxed);
    finish(answered.response.headers_mut(), &arrival, closing);
    let mut response = entry.answered(answered);
    response.body_mut().keep_running(running);
    Ok(response)
}

/// Method, host, path, route, then the endpoint or the proxy route that was found.
async fn answer(
    worker: &Rc<Worker>,
    bff_name: &Arc<str>,
    name: &RefCell<Option<Arc<str>>>,
    arrival: &Arrival,
    parts: Parts,
    body: ClientBody,
) -> Answered {
    let loaded = worker.loaded();
    let refuse = |status: u16, code: &'static str| problem(&ProblemDetails::new(status, code), arrival);
    if !is_spoken(&parts.method) {
        return refuse(501, "method_not_implemented");
    }
    if !names_one_host(&parts) {
        return refuse(400, "malformed_host");
    }
    match path::check(arrival.path()) {
        Ok(()) => {}
        Err(Refused::Malformed) => return refuse(400, "malformed_path"),
        Err(Refused::Unknown) => return refuse(404, "no_such_endpoint"),
    }
    let Some(bff) = loaded.snapshot.bffs.get(bff_name) else {
        return refuse(404, "no_such_endpoint");
    };
    let most = worker.shared.limits.body_bytes;
    let body_limit = bff.config.body_limit.map_or(most, |own| own.min(most));
    let mut params = Params::new();
    match bff.find(parts.method.as_str(), arrival.path(), &mut params) {
        None => refuse(404, "no_such_endpoint"),
        Some(Target::Methods { allow, asked }) => {
            let mut answered = if asked { no_content() } else { refuse(405, "method_not_allowed") };
            if let Ok(allow) = HeaderValue::from_str(&allow) {
                answered.response.headers_mut().insert(ALLOW, allow);
            }
            answered
        }
        Some(Target::Proxy(route)) => {
            name.replace(Some(route.name.clone()));
            proxy::forward(&loaded, &route, arrival, parts, body.limited(body_limit)).await
        }
        Some(Target::Endpoint(endpoint)) => {
            name.replace(Some(endpoint.plan().name.clone()));
            endpoint_answer(&loaded, bff, &endpoint, arrival, &parts, body.limited(body_limit), &params).await
        }
    }
}

/// Whether we serve this method at all. `TRACE` echoes what proxies added, `CONNECT` would make a tunnel of us, and
/// a method in another case than the standard's (`get`) may be taken for the standard one by a service.
fn is_spoken(method: &Method) -> bool {
    match *method {
        Method::TRACE | Method::CONNECT => false,
        Method::GET
        | Method::POST
        | Method::PUT
        | Method::DELETE
        | Method::HEAD
        | Method::OPTIONS
        | Method::PATCH => true,
        _ => method.as_str().bytes().all(|byte| !byte.is_ascii_lowercase()),
    }
}

/// Whether there is one answer to which host is meant (RFC 9112 §3.2, RFC 9113 §8.3.1).
fn names_one_host(parts: &Parts) -> bool {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let (host, second) = (hosts.next(), hosts.next());
    let authority = parts.uri.authority().map(hyper::http::uri::Authority::as_str);
    match (host, authority) {
        _ if second.is_some() => false,
        (Some(host), Some(authority)) => host.as_bytes().eq_ignore_ascii_case(authority.as_bytes()),
        (None, Some(authority)) => parts.version >= Version::HTTP_2 && !authority.contains('@'),
        (Some(_), None) => true,
        (None, None) => parts.version < Version::HTTP_11,
    }
}

/// Reads the body, runs the plan, and turns its outcome into a response.
async fn endpoint_answer(
    loaded: &Loaded,
    bff: &Bff,
    endpoint: &Endpoint,
    arrival: &Arrival,
    parts: &Parts,
    body: Result<ClientBody, Problem>,
    values: &Params<'_>,
) -> Answered {
    let read = match body {
        Ok(body) => body.read(Deadline::after(now(), BODY_TIMEOUT)).await,
        Err(problem) => Err(problem),
    };
    let body = match read {
        Ok(body) => body,
        Err(why) => return planned(bad_body(why, arrival), endpoint),
    };
    let plan = endpoint.plan();
    let params: smallvec::SmallVec<[(&str, &str); 4]> =
        param_names(plan).zip(values.iter().copied()).collect();
    let locale = session::locale(&bff.config, header(&parts.headers, ACCEPT_LANGUAGE.as_str()));
    let request = EndpointRequest {
        params: &params,
        query: parts.uri.query().unwrap_or_default(),
        header: &|name| parts.headers.get(name).map(HeaderValue::as_bytes),
        body: &body,
        session: Session { locale, currency: &bff.config.currency, identity: None },
        caller: None,
        trace: arrival.trace,
    };
    let deadline = Deadline::after(now(), plan.latency);
    let mut out = Vec::with_capacity(4096);
    match frontdesk_engine::run::run(endpoint, &request, &loaded.connectors, deadline, &mut out).await {
        Ok(outcome) => {
            let mut response = Response::new(Body::whole(out));
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if bff.config.locales.len() > 1 {
                headers.insert(VARY, HeaderValue::from_static("accept-language"));
            }
            if let Some(degraded) = degraded(plan, &outcome.degraded) {
                headers.insert(FRONTDESK_DEGRADED, degraded);
            }
            Answered { calls: outcome.calls, ..planned(Answered::new(response), endpoint) }
        }
        Err(failure) => failed(failure, endpoint, arrival),
    }
}

fn param_names(plan: &EndpointPlan) -> impl Iterator<Item = &str> {
    plan.route.iter().filter_map(|part| match part {
        RoutePart::Param(name) => Some(&**name),
        RoutePart::Literal(_) => None,
    })
}

fn failed(failure: Failure, endpoint: &Endpoint, arrival: &Arrival) -> Answered {
    let mut answered = planned(problem(&failure.problem(), arrival), endpoint);
    answered.calls = failure.calls;
    answered
}

fn planned(mut answered: Answered, endpoint: &Endpoint) -> Answered {
    answered.plan = Some(endpoint.plan().clone());
    answered
}

/// What is left of such a request cannot be read, so its connection is of no further use.
pub(crate) fn bad_body(why: Problem, arrival: &Arrival) -> Answered {
    let details = match why {
        Problem::TooLarge => ProblemDetails::new(413, "body_too_large"),
        Problem::TooSlow => ProblemDetails::new(408, "body_too_slow"),
        Problem::Broken => ProblemDetails::new(400, "malformed_body"),
    };
    let mut answered = problem(&details, arrival);
    answered.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answered
}

fn no_content() -> Answered {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Answered::new(response)
}

fn degraded(plan: &EndpointPlan, degraded: &[Degraded]) -> Option<HeaderValue> {
    if degraded.is_empty() {
        return None;
    }
    let text = degraded_header(degraded.iter().map(|entry| (label(plan, entry.step), entry.reason)))?;
    HeaderValue::try_from(text).ok()
}

/// The name of a call in headers and logs.
pub(crate) fn label(plan: &EndpointPlan, step: StepId) -> &str {
    match plan.steps.get(step.0 as usize).map(|step| &step.kind) {
        Some(StepKind::Call(call)) => &call.label,
        Some(StepKind::Each(each)) => &each.call.label,
        _ => "",
    }
}

/// A refusal as `application/problem+json` (RFC 9457).
pub(crate) fn problem(details: &ProblemDetails<'_>, arrival: &Arrival) -> Answered {
    let mut out = Vec::with_capacity(256);
    let correlation_id = std::str::from_utf8(&arrival.request_id).unwrap_or_default();
    details.write(Occurrence { instance: arrival.path(), correlation_id }, &mut out);
    let mut response = Response::new(Body::whole(out));
    *response.status_mut() =
        StatusCode::from_u16(details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(after) = details.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    Answered { problem: Some(details.code.to_string()), ..Answered::new(response) }
}

/// The client's best content coding for a whole answer that is worth it.
fn compress(response: &mut Response<Body>, accepted: &HeaderValue) {
    let Some(body) = response.body().content() else { return };
    if body.len() < compress::SMALLEST || response.headers().contains_key(CONTENT_ENCODING) {
        return;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    let Some(coding) = accepted.to_str().ok().and_then(compress::negotiate) else { return };
    let Some(body) = response.body().content() else { return };
    if let Some(encoded) = compress::encode(coding, body) {
        *response.body_mut() = Body::whole(Bytes::from(encoded));
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
}

/// What a view answers may be one user's: no cache may keep it unless a policy says so.
fn keep_private(headers: &mut HeaderMap) {
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
}

/// Headers that every response has.
fn finish(headers: &mut HeaderMap, arrival: &Arrival, close: bool) {
    if let Ok(id) = HeaderValue::from_bytes(&arrival.request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
    if close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
