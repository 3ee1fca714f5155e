//! The way of one request, from its headers to its answer. Every endpoint goes this way; nothing goes around it.
//!
//! correlation id and trace → path → route → body → input, calls, answer → response headers → compression → access log

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
    ACCEPT_ENCODING, ACCEPT_LANGUAGE, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap,
    HeaderName, HeaderValue, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Request, Response, StatusCode, Version};

use crate::access_log::Line;
use crate::body::Body;
use crate::connection::Running;
use crate::path::{self, Refused};
use crate::request_body;
use crate::snapshot::{Bff, Loaded, Params, Target};
use crate::workers::Worker;
use crate::{compress, proxy, session, trace};

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FRONTDESK_DEGRADED: HeaderName = HeaderName::from_static("frontdesk-degraded");

/// What is known of a request before anything looks at it.
pub(crate) struct Arrival {
    pub trace: TraceContext,
    /// The trace id as text: what the client quotes when it asks us what happened.
    pub request_id: [u8; 32],
    pub peer: SocketAddr,
}

/// A response, with what the access log says of it.
pub(crate) struct Answered {
    pub response: Response<Body>,
    /// The endpoint's or proxy route's name; empty if nothing was matched.
    pub name: Arc<str>,
    pub problem: Option<String>,
    pub calls: Vec<CallRecord>,
    pub plan: Option<Arc<EndpointPlan>>,
}

impl Answered {
    pub fn new(response: Response<Body>) -> Self {
        Self { response, name: "".into(), problem: None, calls: Vec::new(), plan: None }
    }
}

/// Answers one request. A panic in it is answered 500 and takes nothing else down.
pub(crate) async fn serve(
    worker: Rc<Worker>,
    bff: Arc<str>,
    peer: SocketAddr,
    request: Request<Incoming>,
    running: Running,
) -> Result<Response<Body>, Infallible> {
    let start = now();
    let trace = trace::context(header(request.headers(), "traceparent"), header(request.headers(), "x-request-id"));
    let arrival = Arrival { trace, request_id: trace::hex(trace.trace_id), peer };
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let accept_encoding = request.headers().get(ACCEPT_ENCODING).cloned();
    let (old_http, closing) = (request.version() < Version::HTTP_2, worker.shared.draining.load(Ordering::Relaxed));

    let answering = AssertUnwindSafe(answer(&worker, &bff, &arrival, request)).catch_unwind();
    let mut answered = match answering.await {
        Ok(answered) => answered,
        Err(_) => problem(&ProblemDetails::new(500, "internal"), &arrival, &path),
    };
    if let Some(accepted) = accept_encoding {
        compress(&mut answered.response, &accepted);
    }
    finish(&mut answered.response, &arrival, old_http && closing);
    worker.log.write(&Line {
        unix_ms: SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(0)),
        bff: &bff,
        endpoint: &answered.name,
        method: method.as_str(),
        status: answered.response.status().as_u16(),
        micros: u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
        bytes: hyper::body::Body::size_hint(answered.response.body()).exact(),
        request_id: &arrival.request_id,
        problem: answered.problem.as_deref(),
        calls: &answered.calls,
        plan: answered.plan.as_deref(),
    });
    drop(running);
    Ok(answered.response)
}

/// Path, route, then the endpoint or the proxy route that was found.
async fn answer(
    worker: &Rc<Worker>,
    bff_name: &Arc<str>,
    arrival: &Arrival,
    request: Request<Incoming>,
) -> Answered {
    let loaded = worker.loaded();
    let path = request.uri().path().to_owned();
    let refuse = |status: u16, code: &'static str| problem(&ProblemDetails::new(status, code), arrival, &path);
    match path::check(&path) {
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
    match bff.find(request.method().as_str(), &path, &mut params) {
        None => refuse(404, "no_such_endpoint"),
        Some(Target::MethodNotAllowed(allow)) => {
            let mut answered = refuse(405, "method_not_allowed");
            if let Ok(allow) = HeaderValue::from_str(&allow) {
                answered.response.headers_mut().insert(ALLOW, allow);
            }
            answered
        }
        Some(Target::Proxy(route)) => {
            proxy::forward(&loaded, &route, arrival, request, &path, body_limit).await
        }
        Some(Target::Endpoint(endpoint)) => {
            endpoint_answer(&loaded, bff, &endpoint, arrival, request, &params, body_limit).await
        }
    }
}

/// Reads the body, runs the plan, and turns its outcome into a response.
async fn endpoint_answer(
    loaded: &Loaded,
    bff: &Bff,
    endpoint: &Endpoint,
    arrival: &Arrival,
    request: Request<Incoming>,
    values: &Params<'_>,
    body_limit: u64,
) -> Answered {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let body = match request_body::read(body, body_limit, Deadline::after(now(), BODY_TIMEOUT)).await {
        Ok(body) => body,
        Err(why) => {
            let details = match why {
                request_body::Problem::TooLarge => ProblemDetails::new(413, "body_too_large"),
                request_body::Problem::TooSlow => ProblemDetails::new(408, "body_too_slow"),
                request_body::Problem::Broken => ProblemDetails::new(400, "malformed_body"),
            };
            return closing(named(problem(&details, arrival, path), endpoint));
        }
    };
    let plan = endpoint.plan();
    let params: smallvec::SmallVec<[(&str, &str); 4]> = param_names(plan).zip(values.iter().copied()).collect();
    let locale = session::locale(&bff.config, header(&parts.headers, ACCEPT_LANGUAGE.as_str()));
    let request = EndpointRequest {
        params: &params,
        query: parts.uri.query().unwrap_or_default(),
        header: &|name| parts.headers.get(name).map(HeaderValue::as_bytes),
        body: &body,
        session: Session { locale, currency: &bff.config.currency },
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
            Answered { calls: outcome.calls, ..named(Answered::new(response), endpoint) }
        }
        Err(failure) => failed(failure, endpoint, arrival, path),
    }
}

fn param_names(plan: &EndpointPlan) -> impl Iterator<Item = &str> {
    plan.route.iter().filter_map(|part| match part {
        RoutePart::Param(name) => Some(&**name),
        RoutePart::Literal(_) => None,
    })
}

fn failed(failure: Failure, endpoint: &Endpoint, arrival: &Arrival, path: &str) -> Answered {
    let mut answered = named(problem(&failure.problem(), arrival, path), endpoint);
    answered.calls = failure.calls;
    answered
}

fn named(mut answered: Answered, endpoint: &Endpoint) -> Answered {
    answered.name = endpoint.plan().name.clone();
    answered.plan = Some(endpoint.plan().clone());
    answered
}

/// What is left of the request cannot be read, so the connection is of no further use.
fn closing(mut answered: Answered) -> Answered {
    answered.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answered
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
pub(crate) fn problem(details: &ProblemDetails<'_>, arrival: &Arrival, path: &str) -> Answered {
    let mut out = Vec::with_capacity(256);
    let correlation_id = std::str::from_utf8(&arrival.request_id).unwrap_or_default();
    details.write(Occurrence { instance: path, correlation_id }, &mut out);
    let mut response = Response::new(Body::whole(out));
    *response.status_mut() = StatusCode::from_u16(details.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(after) = details.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
    }
    Answered { problem: Some(details.code.to_string()), ..Answered::new(response) }
}

/// The client's best content coding for a whole answer that is worth it.
fn compress(response: &mut Response<Body>, accepted: &HeaderValue) {
    let Body::Whole(Some(body)) = response.body() else { return };
    if body.len() < compress::SMALLEST || response.headers().contains_key(CONTENT_ENCODING) {
        return;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    let Some(coding) = accepted.to_str().ok().and_then(compress::negotiate) else { return };
    let Body::Whole(Some(body)) = response.body() else { return };
    if let Some(encoded) = compress::encode(coding, body) {
        *response.body_mut() = Body::whole(Bytes::from(encoded));
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
}

/// Headers that every response has.
fn finish(response: &mut Response<Body>, arrival: &Arrival, close: bool) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_bytes(&arrival.request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
    // What a view answers may be one user's: no cache may keep it unless a policy says so.
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    if close {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
