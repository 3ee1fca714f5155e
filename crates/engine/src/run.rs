//! Runs an endpoint's plan for one request.
//!
//! [`Endpoint`] is what can be known before any request, shared by all threads. [`run`] answers one request on the
//! thread it is called on: dropping its future cancels every call that is outstanding, but for those whose answers are
//! kept, which others may wait for.
//!
//! - `provision` makes an endpoint ready: encoders, selections, patterns, and who waits for whom;
//! - `steps` starts each step the moment its needs are met, and ends the request;
//! - `calls` keeps calls in flight, each encoded request once;
//! - `kept` keeps answers beyond the request;
//! - `each` makes one step's many calls, or few of a batch twin.

mod arena;
mod calls;
mod each;
mod kept;
mod protocol;
mod provision;
mod steps;
mod tags;

use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{Caller, ClientHeaders, Connector, Deadline, TraceContext, now};
use frontdesk_cache::Cache;
use frontdesk_catalog::ServiceId;
use frontdesk_types::Version;

use crate::outcome::{Failure, Outcome};

pub use provision::{Endpoint, ProvisionError};

/// What the client sent, as far as the endpoint may read it.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The text of each `{param}` of the route, still percent-encoded, by the parameter's name.
    pub params: &'r [(&'r str, &'r str)],
    /// After the `?`, as it was sent; empty for none.
    pub query: &'r str,
    /// The value of a header by its lower-case name.
    pub header: &'r dyn Fn(&str) -> Option<&'r [u8]>,
    pub body: &'r [u8],
    /// What the view sees as `session`.
    pub session: Session<'r>,
    /// Whom calls to services are made for; `None` on public endpoints.
    pub caller: Option<&'r Rc<dyn Caller>>,
    /// Headers of the client by which the traffic of some service is routed, by their lower-case names. `None` if no
    /// service's is, or the client sent none of them.
    pub client_headers: Option<&'r ClientHeaders>,
    pub trace: TraceContext,
    /// Which version of the client asks. `None` if its BFF does not tell them apart: then it is as new as can be.
    pub client_version: Option<Version>,
}

/// Who asks, as far as the view may know.
#[derive(Clone, Copy, Debug)]
pub struct Session<'r> {
    /// BCP 47, one of the BFF's locales.
    pub locale: &'r str,
    /// ISO 4217.
    pub currency: &'r str,
    /// `None` on public endpoints.
    pub identity: Option<Identity<'r>>,
}

/// What the perimeter found out about the caller, each a JSON object as the view's types have it.
#[derive(Clone, Copy)]
pub struct Identity<'r> {
    /// Further members of `session`: `{"subject":"…","tier":"gold"}`. Valid JSON. `locale` and `currency` in it are
    /// ignored: [`Session`] has them.
    pub session: &'r [u8],
    /// `auth`: `{"kind":"session","scopes":["openid"],"acr":"…"}`.
    pub auth: &'r [u8],
}

/// No values: they are somebody's name and address.
impl std::fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

/// The connectors of one thread, by [`ServiceId`], and the cache of the process.
pub struct Connectors {
    connectors: Vec<Rc<dyn Connector>>,
    cache: Arc<Cache>,
}

impl Connectors {
    /// `connectors[i]` speaks to `ServiceId(i)`.
    pub fn new(connectors: Vec<Rc<dyn Connector>>, cache: Arc<Cache>) -> Self {
        Self { connectors, cache }
    }

    pub fn get(&self, service: ServiceId) -> Option<&Rc<dyn Connector>> {
        self.connectors.get(service.0 as usize)
    }

    /// What answers of calls, views and proxy routes are kept in.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }
}

/// Answers one request: appends the response's JSON to `out`, or says why there is none.
///
/// `deadline` is the client's; the endpoint's latency budget is part of it already. When it passes, every call that
/// is outstanding is cancelled and counts as timed out: optional ones are left out of the answer, a required one
/// fails the request. Dropping the future cancels every call that is outstanding. A call whose answer is kept goes on: it
/// wants a `LocalRuntime` of tokio, or a `LocalSet`.
pub async fn run(
    endpoint: &Endpoint,
    request: &Request<'_>,
    connectors: &Connectors,
    deadline: Deadline,
    out: &mut Vec<u8>,
) -> Result<Outcome, Failure> {
    // Declared from what lives longest to what borrows from it; dropped the other way round.
    let arena = arena::Recycled::take();
    let held = calls::Held::new(endpoint.calls());
    let started = now();
    let mut steps = steps::Steps::new(endpoint, connectors, deadline, request.trace, started, &arena, &held);
    let result = match steps.admit(request) {
        Ok(()) => steps.drive(out).await,
        Err(cause) => Err(cause),
    };
    let (degraded, calls, tags, wrote) = steps.report();
    match result {
        Ok(()) => Ok(Outcome { degraded, calls, wrote, tags }),
        Err(cause) => Err(Failure { cause, calls, wrote }),
    }
}
