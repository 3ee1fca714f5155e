//! `proxy("/legacy/*", { to: service })`: one service passed through under a prefix, streamed both ways.
//!
//! The request keeps its method, query, body and headers, but for what the connector takes off every request
//! (hop-by-hop headers), what the route says, and `x-forwarded-*`, which we write ourselves: what a client claims
//! about where it comes from is not passed on.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Deadline, Fault, now};
use frontdesk_engine::outcome::ProblemDetails;
use frontdesk_lang::model::ProxyRoute;
use http_body_util::BodyExt;
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, Uri};

use crate::body::Body;
use crate::pipeline::{Answered, Arrival, bad_body, problem};
use crate::request_body::{ClientBody, Problem};
use crate::snapshot::Loaded;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A proxy route with its headers parsed.
pub(crate) struct Route {
    pub name: Arc<str>,
    written: ProxyRoute,
    timeout: Duration,
    remove: Vec<HeaderName>,
    add: Vec<(HeaderName, HeaderValue)>,
}

impl Route {
    /// The route, or the name of the header that cannot be one. `timeout` is the service's.
    pub fn new(written: ProxyRoute, timeout: Duration) -> Result<Self, Arc<str>> {
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
        let name = format!("{}*", written.prefix).into();
        Ok(Self { name, timeout: written.timeout.unwrap_or(timeout), written, remove, add })
    }
}

/// Sends the request on. Its path was checked and lies under the route's prefix.
pub(crate) async fn forward(
    loaded: &Loaded,
    route: &Route,
    arrival: &Arrival,
    mut parts: Parts,
    body: Result<ClientBody, Problem>,
) -> Answered {
    let mut body = match body {
        Ok(body) => body,
        Err(why) => return bad_body(why, arrival),
    };
    let Some(forwarder) = loaded.forwarder(route.written.service) else {
        return problem(&ProblemDetails::new(502, "service_failed"), arrival);
    };
    rewrite(&mut parts, route, arrival);
    if let Some(uri) = target(&parts.uri, route) {
        parts.uri = uri;
    }
    let verdict = body.verdict();
    let deadline = Deadline::after(now(), route.timeout);
    match forwarder.forward(Request::from_parts(parts, body), arrival.trace, deadline).await {
        Ok(response) => {
            let (mut parts, mut body) = response.into_parts();
            // Ours is added to every response.
            parts.headers.remove(X_REQUEST_ID);
            let body = match body.take_whole() {
                Some(whole) => Body::whole(whole),
                None => Body::stream(body.map_err(Into::into)),
            };
            Answered { passed_through: true, ..Answered::new(Response::from_parts(parts, body)) }
        }
        Err(fault) => match verdict.get() {
            Some(why) => bad_body(why, arrival),
            None => problem(&details(&fault), arrival),
        },
    }
}

/// The path below the service's base URL, with the query as it came.
fn target(uri: &Uri, route: &Route) -> Option<Uri> {
    if !route.written.strip {
        return None;
    }
    let below = uri.path().strip_prefix(&*route.written.prefix)?;
    let target = match uri.query() {
        Some(query) => format!("/{below}?{query}"),
        None => format!("/{below}"),
    };
    PathAndQuery::try_from(target).ok().map(Uri::from)
}

fn rewrite(parts: &mut Parts, route: &Route, arrival: &Arrival) {
    let headers = &mut parts.headers;
    for name in &route.remove {
        headers.remove(name);
    }
    let claimed: Vec<HeaderName> =
        headers.keys().filter(|name| is_forwarding_claim(name.as_str())).cloned().collect();
    for name in claimed {
        headers.remove(name);
    }
    if let Ok(peer) = HeaderValue::try_from(arrival.peer.ip().to_string()) {
        headers.insert(X_FORWARDED_FOR, peer);
    }
    // HTTP/2 names the host in `:authority`.
    let authority = parts.uri.authority().and_then(|name| HeaderValue::from_str(name.as_str()).ok());
    if let Some(host) = authority.or_else(|| headers.get(HOST).cloned()) {
        headers.insert(X_FORWARDED_HOST, host);
    }
    let scheme = if arrival.secure { "https" } else { "http" };
    headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
    for (name, value) in &route.add {
        headers.insert(name, value.clone());
    }
}

/// `Forwarded` and every spelling of `X-Forwarded-…` (services may read `_` and `-` alike).
fn is_forwarding_claim(name: &str) -> bool {
    let mut letters = name.bytes().filter(u8::is_ascii_alphanumeric);
    let starts = |prefix: &[u8], letters: &mut dyn Iterator<Item = u8>| {
        prefix.iter().all(|wanted| letters.next().is_some_and(|got| got == *wanted))
    };
    match name.as_bytes().first() {
        Some(b'x') => starts(b"xforwarded", &mut letters),
        Some(b'f') => name == "forwarded",
        _ => false,
    }
}

/// The same answers as a required call of a view would get, but that the service's own refusals pass through.
fn details(fault: &Fault) -> ProblemDetails<'static> {
    match fault {
        Fault::Unsendable { .. } => ProblemDetails::new(400, "malformed_request"),
        other => frontdesk_engine::outcome::of_fault(other),
    }
}

#[cfg(test)]
mod tests {
    use super::is_forwarding_claim;

    #[test]
    fn claims_are_known_in_every_spelling() {
        for name in
            ["forwarded", "x-forwarded-for", "x_forwarded_user", "x-forwarded_host", "x.forwarded.user"]
        {
            assert!(is_forwarding_claim(name), "{name}");
        }
        for name in ["x-forward", "forwarded-by-me", "x-request-id", "from"] {
            assert!(!is_forwarding_claim(name), "{name}");
        }
    }
}
