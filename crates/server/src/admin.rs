//! The admin listener, on a thread of its own so that load cannot silence it.
//!
//! | | |
//! | --- | --- |
//! | `GET /-/health` | the process is up |
//! | `GET /-/ready` | it takes requests, and the stores that it cannot do without answer |
//! | `GET /-/deprecated` | what is deprecated, and which clients still use it |
//! | `GET /-/mirrors` | what came of mirrored calls |
//! | `GET`, `POST`, `DELETE /-/faults` | faults that are made on purpose, if the configuration allows it |
//! | `POST /-/sessions/end` | an administrator ends every session of one user |
//! | `POST /-/cache/purge` | an administrator says what is out of date |

mod faults;
mod purge;

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::body::Body;
use crate::usage;
use crate::workers::Shared;

/// The longest that stores are waited for before they count as away.
const PROBE: Duration = Duration::from_millis(500);
/// As many tags as one purge names fit in.
const MOST_BODY: usize = 128 * 1024;

/// Serves until the runtime it is on ends.
pub async fn serve(listener: tokio::net::TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let shared = shared.clone();
        tokio::task::spawn_local(async move {
            let service = service_fn(move |request| {
                let shared = shared.clone();
                async move { Ok::<_, Infallible>(answer(request, &shared).await) }
            });
            let _ = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(5))
                .max_buf_size(16 * 1024)
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(request: Request<Incoming>, shared: &Shared) -> Response<Body> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/-/health") => says(StatusCode::OK, "up"),
        (&Method::GET | &Method::HEAD, "/-/ready") => readiness(shared).await,
        (&Method::GET | &Method::HEAD, "/-/deprecated") => deprecated(shared),
        (&Method::POST, "/-/sessions/end") => end_sessions(request, shared).await,
        (&Method::GET, "/-/mirrors") => match refusal(&request, shared) {
            Some(refusal) => refusal,
            None => pretty(StatusCode::OK, &faults::mirrors(&shared.snapshot.load())),
        },
        (_, path) if path == FAULTS || path.starts_with("/-/faults/") => faults(request, shared).await,
        (&Method::POST, "/-/cache/purge") => purge_cache(request, shared).await,
        _ => says(StatusCode::NOT_FOUND, "not_found"),
    };
    let mut response = Response::new(Body::whole(text));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn says(status: StatusCode, word: &str) -> (StatusCode, Bytes) {
    (status, format!(r#"{{"status":"{word}"}}"#).into())
}

fn deprecated(shared: &Shared) -> (StatusCode, Bytes) {
    let report = usage::report(&shared.snapshot.load(), &shared.usage, shared.started);
    (StatusCode::OK, format!("{report:#}\n").into())
}

async fn readiness(shared: &Shared) -> (StatusCode, Bytes) {
    if !shared.ready.load(Ordering::Acquire) {
        return says(StatusCode::SERVICE_UNAVAILABLE, "draining");
    }
    let snapshot = shared.snapshot.load_full();
    for bff in snapshot.bffs.values() {
        if !matches!(tokio::time::timeout(PROBE, bff.perimeter.probe()).await, Ok(Ok(()))) {
            return says(StatusCode::SERVICE_UNAVAILABLE, "session_store_away");
        }
    }
    says(StatusCode::OK, "ready")
}

const FAULTS: &str = "/-/faults";

fn pretty(status: StatusCode, report: &serde_json::Value) -> (StatusCode, Bytes) {
    (status, format!("{report:#}\n").into())
}

/// What somebody gets who does not show the administrator's token; nothing is there if there is no token.
fn refusal(request: &Request<Incoming>, shared: &Shared) -> Option<(StatusCode, Bytes)> {
    let Some(token) = &shared.admin_token else { return Some(says(StatusCode::NOT_FOUND, "not_found")) };
    let shown =
        request.headers().get(AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    let is_same = |shown: &[u8]| Sha256::digest(shown).ct_eq(&Sha256::digest(token.as_bytes())).into();
    (!shown.is_some_and(is_same)).then(|| says(StatusCode::UNAUTHORIZED, "unauthorized"))
}

/// Faults that are made on purpose. Where the configuration does not allow them, there is no such path.
async fn faults(request: Request<Incoming>, shared: &Shared) -> (StatusCode, Bytes) {
    let Some(rules) = &shared.faults else { return says(StatusCode::NOT_FOUND, "not_found") };
    if let Some(refusal) = refusal(&request, shared) {
        return refusal;
    }
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    match (method, path.strip_prefix(FAULTS).and_then(|rest| rest.strip_prefix('/'))) {
        (Method::GET, None) => pretty(StatusCode::OK, &faults::list(rules)),
        (Method::DELETE, None) => {
            rules.clear();
            pretty(StatusCode::OK, &faults::list(rules))
        }
        (Method::DELETE, Some(id)) if id.parse().is_ok_and(|id| rules.remove(id)) => {
            pretty(StatusCode::OK, &faults::list(rules))
        }
        (Method::POST, None) => {
            let Ok(body) = Limited::new(request.into_body(), MOST_BODY).collect().await else {
                return says(StatusCode::BAD_REQUEST, "malformed_body");
            };
            match faults::order(&body.to_bytes(), &shared.snapshot.load(), rules) {
                Ok(_) => pretty(StatusCode::CREATED, &faults::list(rules)),
                Err(wrong) => pretty(StatusCode::BAD_REQUEST, &faults::refusal(&wrong)),
            }
        }
        (_, Some(_)) => says(StatusCode::NOT_FOUND, "no_such_fault"),
        _ => says(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
    }
}

async fn purge_cache(request: Request<Incoming>, shared: &Shared) -> (StatusCode, Bytes) {
    if let Some(refusal) = refusal(&request, shared) {
        return refusal;
    }
    match Limited::new(request.into_body(), MOST_BODY).collect().await {
        Ok(body) => purge::purge(&body.to_bytes(), shared.snapshot.load_full().cache()).await,
        Err(_) => says(StatusCode::BAD_REQUEST, "malformed_body"),
    }
}

/// Whose sessions end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    bff: String,
    issuer: String,
    subject: String,
}

async fn end_sessions(request: Request<Incoming>, shared: &Shared) -> (StatusCode, Bytes) {
    if let Some(refusal) = refusal(&request, shared) {
        return refusal;
    }
    let body = match Limited::new(request.into_body(), MOST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return says(StatusCode::BAD_REQUEST, "malformed_body"),
    };
    let Ok(ending) = serde_json::from_slice::<Ending>(&body) else {
        return says(StatusCode::BAD_REQUEST, "malformed_body");
    };
    let snapshot = shared.snapshot.load_full();
    let Some(bff) = snapshot.bffs.get(ending.bff.as_str()) else {
        return says(StatusCode::NOT_FOUND, "no_such_bff");
    };
    match bff.perimeter.end_user(&ending.issuer, &ending.subject).await {
        Some(Ok(ended)) => (StatusCode::OK, format!(r#"{{"ended":{ended}}}"#).into()),
        Some(Err(_)) => says(StatusCode::SERVICE_UNAVAILABLE, "session_store_away"),
        None => says(StatusCode::NOT_FOUND, "no_sessions_here"),
    }
}
