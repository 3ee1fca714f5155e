//! The way of one request, from its headers to its answer. Every endpoint goes this way; nothing goes around it.
//!
//! correlation id and trace → host and path → version → route → the gate (CORS, cross-site check, authentication, rates) →
//! sunset → body → input, calls, answer → compression → response headers → access log

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use frontdesk_adapter::{Deadline, Priority, TraceContext, now};
use frontdesk_cache::State;
use frontdesk_engine::outcome::{CallRecord, ProblemDetails};
use frontdesk_lang::model::EndpointKind;
use frontdesk_perimeter::routes::Told;
use frontdesk_perimeter::{Admitted, ClientCertificate, Inbound, is_preflight};
use frontdesk_plan::EndpointPlan;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue, UPGRADE,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, Uri, Version};
use tokio::time::Instant;

use crate::access_log::Line;
use crate::answered::{Answered, bad_body, no_content, problem, refused};
use crate::body::Body;
use crate::caching::whole;
use crate::connection::Running;
use crate::endpoint::{self, Let};
use crate::overload::Turn;
use crate::path::{self, Refused};
use crate::request_body::{self, ClientBody};
use crate::snapshot::{Bff, Guarded, Loaded, Params, Target};
use crate::usage::Note;
use crate::versions::{Asked, Unserved};
use crate::workers::Worker;
use crate::{proxy, trace};

/// How long a client may take to send the body of a request to the perimeter itself.
const OWN_BODY_TIMEOUT: Duration = Duration::from_secs(5);

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

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
    /// What the client proved to hold when the connection was made.
    pub certificate: Option<Arc<ClientCertificate>>,
    pub uri: Uri,
    start: Instant,
}

impl Arrival {
    /// The path, as it was sent.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Path and query, as they were sent.
    pub fn target(&self) -> &str {
        self.uri.path_and_query().map_or("/", |target| target.as_str())
    }

    /// The request as the perimeter sees it.
    pub fn inbound<'r>(&'r self, parts: &'r Parts) -> Inbound<'r> {
        Inbound {
            method: &parts.method,
            uri: &self.uri,
            headers: &parts.headers,
            peer: self.peer.ip(),
            secure: self.secure,
            certificate: self.certificate.as_deref(),
        }
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
    deprecated: Option<Box<Note>>,
    cache: Option<State>,
}

impl Entry<'_> {
    /// Notes how the request was answered, and gives the response.
    fn answered(mut self, answered: Answered) -> Response<Body> {
        self.status = answered.response.status().as_u16();
        self.bytes = hyper::body::Body::size_hint(answered.response.body()).exact();
        self.problem = answered.problem;
        self.calls = answered.calls;
        self.plan = answered.plan;
        self.deprecated = answered.deprecated;
        self.cache = answered.cache;
        answered.response
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let harmed = self.worker.harmed(self.arrival.trace.span_id);
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
            deprecated: self.deprecated.as_deref(),
            cache: self.cache,
            faults: &harmed,
        });
    }
}

/// Answers one request. A panic in it is answered 500 and takes nothing else down.
pub(crate) async fn serve(
    worker: Rc<Worker>,
    bff: Arc<str>,
    peer: SocketAddr,
    secure: bool,
    certificate: Option<Arc<ClientCertificate>>,
    request: Request<Incoming>,
    running: Running,
) -> Result<Response<Body>, Infallible> {
    let start = now();
    let trace =
        trace::context(header(request.headers(), &TRACEPARENT), header(request.headers(), &X_REQUEST_ID));
    let uri = request.uri().clone();
    let arrival =
        Arrival { trace, request_id: trace::hex(trace.trace_id), peer, secure, certificate, uri, start };
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
        deprecated: None,
        cache: None,
    };
    // Boxed: this future is copied on its way into its connection, and carries no room for what answers.
    let answering = Box::pin(answer(&worker, &bff, &entry.name, &arrival, parts, body));
    let mut answered = match AssertUnwindSafe(answering).catch_unwind().await {
        Ok(answered) => answered,
        Err(_) => problem(&ProblemDetails::new(500, "internal"), &arrival),
    };
    if !answered.is_final {
        if let Some(accepted) = accept_encoding.filter(|_| !answered.is_coded) {
            answered.code(&accepted);
        }
        keep_private(answered.response.headers_mut());
    }
    let closing = old_http && worker.shared.draining.load(Ordering::Relaxed);
    finish(answered.response.headers_mut(), &arrival, closing);
    let mut response = entry.answered(answered);
    response.body_mut().keep_running(running);
    Ok(response)
}

/// Method, host, path, route, the gate, then the endpoint, proxy route or page that was found.
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
    let is_trace = parts.method == Method::TRACE;
    if !is_trace && !is_spoken(&parts.method) {
        return refuse(501, "method_not_implemented");
    }
    if !names_one_host(&parts) {
        return refuse(400, "malformed_host");
    }
    match path::check(arrival.path()) {
        Ok(()) => {}
        Err(Refused::Malformed) => return refuse(400, "malformed_path"),
        Err(Refused::Unknown) => return no_such_endpoint(arrival),
    }
    let Some(bff) = loaded.snapshot.bffs.get(bff_name) else {
        return no_such_endpoint(arrival);
    };
    let inbound = arrival.inbound(&parts);
    if is_trace {
        return unechoed(bff, arrival, &inbound).unwrap_or_else(|| refuse(501, "method_not_implemented"));
    }
    let grant = bff.perimeter.grant(&inbound);
    let secure = bff.perimeter.client(&inbound).secure;
    let mut answered = routed(worker, &loaded, bff, name, arrival, parts, body).await;
    if !answered.is_final {
        bff.perimeter.security().data(answered.response.headers_mut(), secure);
    }
    if let Some(grant) = grant {
        grant.write(answered.response.headers_mut());
    }
    answered
}

/// One decision about the path serves both what protects it and what answers it.
///
/// What answers is boxed, each on its own: a request's future is copied more than once on its way into its connection, so
/// it carries no room for the largest of them.
async fn routed(
    worker: &Worker,
    loaded: &Rc<Loaded>,
    bff: &Bff,
    name: &RefCell<Option<Arc<str>>>,
    arrival: &Arrival,
    parts: Parts,
    body: ClientBody,
) -> Answered {
    let inbound = arrival.inbound(&parts);
    if bff.perimeter.is_own(arrival.path()) {
        name.replace(Some(own_name(arrival.path()).into()));
        let Some(_turn) = turn(worker, arrival, Priority::Action) else { return overloaded(arrival) };
        return Box::pin(own_answer(bff, arrival, inbound, body)).await;
    }
    let most = worker.shared.limits.body_bytes;
    let body_limit = bff.config.body_limit.map_or(most, |own| own.min(most));
    let asked = bff.versions.asked(inbound.headers);
    // What it asks for that there is not is said once it is known to be ours to say.
    let date = asked.as_ref().ok().and_then(|asked| asked.date).unwrap_or_default();
    let mut params = Params::new();
    let target = bff.find(parts.method.as_str(), arrival.path(), date, &mut params);
    let Some(_turn) = turn(worker, arrival, priority(target.as_ref(), &parts)) else {
        return overloaded(arrival);
    };
    match target {
        None => page(bff, arrival, &inbound).unwrap_or_else(|| no_such_endpoint(arrival)),
        Some(Target::NotYet) => bff.versions.of_date(date, no_such_endpoint(arrival)),
        Some(Target::Ambiguous) => problem(&ProblemDetails::new(400, "malformed_path"), arrival),
        Some(Target::Methods { allow, asked }) => {
            bff.versions.of_date(date, methods(bff, arrival, &inbound, &allow, asked))
        }
        Some(Target::Proxy(_)) if is_preflight(&inbound) => {
            methods(bff, arrival, &inbound, proxy::METHODS, true)
        }
        Some(Target::Document) => {
            name.replace(Some("openapi".into()));
            document(bff, arrival, &inbound, asked)
        }
        Some(Target::Proxy(route)) => {
            name.replace(Some(route.entrance.name.clone()));
            if let Err(why) = &asked
                && bff.versions.concern_proxies()
            {
                return bff.versions.refuse(why, arrival);
            }
            let deadline = Deadline::after(now(), route.timeout());
            let admission = bff.perimeter.admit(&inbound, &route.entrance, deadline).await;
            match admission {
                Ok(admitted) => {
                    let body =
                        body.limited(body_limit).and_then(|body| body.approved(admitted.approved_body));
                    let mut answered =
                        Box::pin(proxy::forward(loaded, bff, &route, arrival, parts, &admitted, body)).await;
                    admitted.write(answered.response.headers_mut());
                    answered
                }
                Err(refusal) => refused(refusal, arrival),
            }
        }
        Some(Target::Endpoint(guarded)) => {
            // It answers in the protocol that it was asked in (RFC 9110 §7.8). Where anybody may ask, there is no handshake to
            // look at; where a cookie speaks for somebody, a foreign page's is refused all the same.
            let mut parts = parts;
            if guarded.entrance.access.public {
                parts.headers.remove(UPGRADE);
            }
            let inbound = arrival.inbound(&parts);
            name.replace(Some(guarded.entrance.name.clone()));
            let asked = match asked {
                Ok(asked) => asked,
                Err(why) => return bff.versions.refuse(&why, arrival),
            };
            let plan = guarded.newest().endpoint.plan();
            let deadline = Deadline::after(now(), plan.latency);
            let admission = bff.perimeter.admit(&inbound, &guarded.entrance, deadline).await;
            match admission {
                Ok(admitted) => {
                    let body =
                        body.limited(body_limit).and_then(|body| body.approved(admitted.approved_body));
                    let asking = Asking {
                        worker,
                        loaded,
                        bff,
                        arrival,
                        inbound,
                        asked,
                        admitted: &admitted,
                        params: &params,
                    };
                    let mut answered = edition(asking, &guarded, body).await;
                    admitted.write(answered.response.headers_mut());
                    answered
                }
                Err(refusal) => {
                    let mut answered = refused(refusal, arrival);
                    guarded.newest().write(&params, answered.response.headers_mut());
                    answered
                }
            }
        }
    }
}

/// A request that was let in to an endpoint.
struct Asking<'r> {
    worker: &'r Worker,
    loaded: &'r Rc<Loaded>,
    bff: &'r Bff,
    arrival: &'r Arrival,
    inbound: Inbound<'r>,
    asked: Asked,
    admitted: &'r Admitted,
    params: &'r [&'r str],
}

/// The endpoint as of the date that the request is for, unless its time is over.
async fn edition(
    asking: Asking<'_>,
    guarded: &Guarded,
    body: Result<ClientBody, request_body::Problem>,
) -> Answered {
    let Asking { worker, loaded, bff, arrival, inbound, asked, admitted, params } = asking;
    let date = match bff.versions.date(asked, admitted.identity.as_deref()) {
        Ok(date) => date,
        Err(why) => return bff.versions.refuse(&why, arrival),
    };
    let Some(edition) = guarded.on(date) else {
        // Only now it is known which date the caller's key is held to.
        let answered = match bff.find(inbound.method.as_str(), arrival.path(), date, &mut Params::new()) {
            Some(Target::Methods { allow, asked }) => methods(bff, arrival, &inbound, &allow, asked),
            _ => no_such_endpoint(arrival),
        };
        return bff.versions.of_date(date, answered);
    };
    let now = || worker.shared.clock.unix();
    let over = edition.retirement.as_ref().filter(|retirement| retirement.is_over(now));
    let mut answered = match over {
        Some(retirement) => retirement.gone(arrival),
        None => {
            let client_version = asked.client;
            let clock = &worker.shared.clock;
            let request =
                Let { loaded, bff, edition, arrival, inbound, admitted, params, client_version, clock };
            match whole::hit(&request) {
                Some(answered) => answered,
                None => Box::pin(endpoint::answer(request, body)).await,
            }
        }
    };
    if edition.is_counted {
        let named = admitted.identity.as_ref().and_then(|identity| identity.client.clone());
        let client = named.unwrap_or_else(|| bff.config.client.clone());
        let has_fields = answered.response.status().is_success();
        let said = bff.versions.said(asked, date);
        let note = worker.usage.count(edition.endpoint.plan(), client, said, has_fields, now());
        if note.is_endpoint() || has_fields {
            answered.deprecated = Some(Box::new(note));
        }
    }
    let headers = answered.response.headers_mut();
    edition.write(params, headers);
    bff.versions.write(date, headers);
    answered
}

/// The contract, of the date that is asked for.
fn document(bff: &Bff, arrival: &Arrival, inbound: &Inbound<'_>, asked: Result<Asked, Unserved>) -> Answered {
    let date = match asked {
        Ok(asked) => asked.date.unwrap_or_default(),
        // It is read by people and tools, whatever client's version they say.
        Err(_) if bff.versions.concern_proxies() => 0,
        Err(why) => return bff.versions.refuse(&why, arrival),
    };
    let documents = bff.documents.as_ref();
    documents
        .and_then(|documents| documents.answer(date, &bff.versions, &bff.perimeter, inbound))
        .unwrap_or_else(|| no_such_endpoint(arrival))
}

/// Paths that the perimeter answers itself.
async fn own_answer(bff: &Bff, arrival: &Arrival, inbound: Inbound<'_>, body: ClientBody) -> Answered {
    if *inbound.method == Method::OPTIONS
        && let Some(allow) = bff.perimeter.own_methods(arrival.path())
    {
        return methods(bff, arrival, &inbound, allow, true);
    }
    let body = match body.limited(bff.perimeter.largest_body(arrival.path())) {
        Ok(body) => body.read(Deadline::after(now(), OWN_BODY_TIMEOUT)).await,
        Err(problem) => Err(problem),
    };
    let body = match body {
        Ok(body) => body,
        Err(why) => {
            let mut answered = bad_body(why, arrival);
            if let Some(own) = bff.perimeter.unreadable(arrival.path()) {
                answered.response = own.map(Body::whole);
                answered.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            return answered;
        }
    };
    match bff.perimeter.answer(&inbound, body).await {
        Ok(response) => {
            let problem = response.extensions().get::<Told>().map(|told| match &told.cause {
                Some(cause) => format!("{}: {cause}", told.code),
                None => told.code.to_owned(),
            });
            Answered { problem, ..Answered::new(response.map(Body::whole)) }
        }
        Err(refusal) => refused(refusal, arrival),
    }
}

/// What the log calls a path below `/auth/`: one of a few names, whatever was asked for.
fn own_name(path: &str) -> &'static str {
    match path.strip_prefix("/auth/").and_then(|rest| rest.split('/').next()) {
        Some("login") => "auth/login",
        Some("callback") => "auth/callback",
        Some("session") => "auth/session",
        Some("sessions") => "auth/sessions",
        Some("logout") => "auth/logout",
        Some("backchannel") => "auth/backchannel",
        Some("device") => "auth/device",
        _ => "auth",
    }
}

/// A page of the BFF's own, if it has one under this path.
fn page(bff: &Bff, arrival: &Arrival, inbound: &Inbound<'_>) -> Option<Answered> {
    let site = bff.site.as_ref()?;
    let (method, path, headers) = (inbound.method, inbound.uri.path(), inbound.headers);
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let mut response = match site.find(path) {
        Some(_) if !reads => {
            return Some(methods(bff, arrival, inbound, "GET, HEAD, OPTIONS", *method == Method::OPTIONS));
        }
        Some(found) => found.answer(path, inbound.uri.query(), headers),
        None if reads => site.fallback(path, headers)?.answer(headers),
        None => return None,
    };
    bff.perimeter.security().page(response.headers_mut(), bff.perimeter.client(inbound).secure);
    Some(Answered { is_final: true, ..Answered::new(response) })
}

fn no_such_endpoint(arrival: &Arrival) -> Answered {
    problem(&ProblemDetails::new(404, "no_such_endpoint"), arrival)
}

/// Who asks nobody's services can wait; who changes something must not lose it.
fn priority(target: Option<&Target>, parts: &Parts) -> Priority {
    let is_prefetch = || {
        let purpose = parts.headers.get("sec-purpose").or_else(|| parts.headers.get("purpose"));
        purpose.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"))
    };
    match target {
        Some(Target::Endpoint(guarded)) => {
            let plan = guarded.newest().endpoint.plan();
            match plan.kind {
                _ if plan.background => Priority::Background,
                EndpointKind::Action => Priority::Action,
                EndpointKind::View if is_prefetch() => Priority::Background,
                EndpointKind::View => Priority::View,
            }
        }
        Some(Target::Proxy(_)) if !parts.method.is_safe() => Priority::Action,
        _ if is_prefetch() => Priority::Background,
        _ => Priority::View,
    }
}

/// A place among the requests that are served; `None` if this one is to be shed.
fn turn(worker: &Worker, arrival: &Arrival, priority: Priority) -> Option<Turn> {
    // The span is ours and new with each request: no client draws its own lot.
    let [.., draw] = arrival.trace.span_id;
    worker.overload.admit(priority, draw)
}

/// Nothing was done for it. Clients come back at different moments, or they would all come at once.
fn overloaded(arrival: &Arrival) -> Answered {
    let [.., draw] = arrival.trace.span_id;
    let retry_after = Some(Duration::from_secs(1 + u64::from(draw % 4)));
    problem(&ProblemDetails { retry_after, ..ProblemDetails::new(503, "overloaded") }, arrival)
}

/// The path is known, but not with this method.
fn methods(bff: &Bff, arrival: &Arrival, inbound: &Inbound<'_>, allow: &str, asked: bool) -> Answered {
    if asked && let Some(headers) = bff.perimeter.preflight(inbound, allow) {
        let mut answered = no_content();
        answered.response.headers_mut().extend(headers);
        return answered;
    }
    let mut answered =
        if asked { no_content() } else { problem(&ProblemDetails::new(405, "method_not_allowed"), arrival) };
    if let Ok(allow) = HeaderValue::from_str(allow) {
        answered.response.headers_mut().insert(ALLOW, allow);
    }
    answered
}

/// What is said to `TRACE`, which no endpoint answers and no service gets to see: what else an endpoint's path takes.
fn unechoed(bff: &Bff, arrival: &Arrival, inbound: &Inbound<'_>) -> Option<Answered> {
    let date = bff.versions.asked(inbound.headers).ok().and_then(|asked| asked.date).unwrap_or_default();
    match bff.find(inbound.method.as_str(), arrival.path(), date, &mut Params::new())? {
        Target::Methods { allow, .. } => {
            Some(bff.versions.of_date(date, methods(bff, arrival, inbound, &allow, false)))
        }
        _ => None,
    }
}

/// Whether we serve this method at all. `TRACE` echoes what proxies added, `CONNECT` would make a tunnel of us, `PRI`
/// is how HTTP/2 begins (RFC 9113 §11.6), and a method in another case than the standard's (`get`) may be taken for the
/// standard one by a service.
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
        _ => method.as_str() != "PRI" && method.as_str().bytes().all(|byte| !byte.is_ascii_lowercase()),
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

/// What a view answers may be one user's: no cache may keep it unless a policy says so, and no page of another origin
/// may embed it.
pub(crate) fn keep_private(headers: &mut HeaderMap) {
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(CROSS_ORIGIN_RESOURCE_POLICY).or_insert(HeaderValue::from_static("same-origin"));
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

fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
