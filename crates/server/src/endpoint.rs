//! One endpoint's answer: its body is read, its plan is run, and what came of that becomes a response.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Caller, Clock, Deadline, Fault, Priority, TraceContext, now};
use frontdesk_connectors::{Bound, Place};
use frontdesk_engine::outcome::{Cause, Degraded, Failure, Outcome, degraded_header};
use frontdesk_engine::run::{Endpoint, Identity, Request, Session};
use frontdesk_lang::model::{EndpointKind, Idempotency, RoutePart};
use frontdesk_perimeter::{Admitted, Inbound};
use frontdesk_plan::{EndpointPlan, StepId, StepKind};
use frontdesk_types::Version;
use hyper::Response;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VARY};

use crate::answered::{Answered, bad_body, problem, refused};
use crate::body::Body;
use crate::caching::Finished;
use crate::caching::status::{Whole, frontdesk_cache};
use crate::caching::whole;
use crate::idempotency::{self, Asked, Claimed};
use crate::pipeline::Arrival;
use crate::request_body::{ClientBody, Problem};
use crate::session;
use crate::snapshot::{Bff, Edition, Loaded};

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

const FRONTDESK_DEGRADED: HeaderName = HeaderName::from_static("frontdesk-degraded");

/// A request that was let in, on its way to one endpoint.
pub(crate) struct Let<'r> {
    pub loaded: &'r Rc<Loaded>,
    pub bff: &'r Bff,
    pub edition: &'r Arc<Edition>,
    pub arrival: &'r Arrival,
    pub inbound: Inbound<'r>,
    pub admitted: &'r Admitted,
    /// The raw texts of the path's parameters.
    pub params: &'r [&'r str],
    /// Which version of the client asks.
    pub client_version: Option<Version>,
    pub clock: &'r Arc<dyn Clock>,
}

/// Reads the body, runs the plan, and turns its outcome into a response; or finds the answer among those that are kept.
pub(crate) async fn answer(request: Let<'_>, body: Result<ClientBody, Problem>) -> Answered {
    let Let { loaded, bff, edition, arrival, inbound, admitted, params, client_version, clock } = request;
    let endpoint = &edition.endpoint;
    if let Some(caching) = &edition.caching
        && let Some(store) = &caching.store
    {
        return whole::answer(request, caching, store).await;
    }
    let read = match body {
        // A body that nobody looks at cannot be wrong; but one that was approved must be the one.
        _ if !endpoint.takes_body() && admitted.approved_body.is_none() => Ok(Bytes::new()),
        Ok(body) => body.read(Deadline::after(now(), BODY_TIMEOUT)).await,
        Err(problem) => Err(problem),
    };
    let body = match read {
        Ok(body) => body,
        Err(why) => return planned(bad_body(why, arrival), endpoint),
    };
    let mut claim = None;
    if endpoint.plan().idempotency != Idempotency::Off {
        let asked = Asked { headers: inbound.headers, user: admitted.identity.as_deref(), body: &body };
        let store = loaded.snapshot.idempotency();
        match Box::pin(idempotency::claim(endpoint.plan(), store, clock, &asked, arrival)).await {
            Claimed::Freely => {}
            Claimed::First(first) => claim = Some(first),
            Claimed::Answered(answered) => return planned(*answered, endpoint),
        }
    }
    let reading = Reading {
        loaded,
        bff,
        endpoint,
        params,
        query: inbound.uri.query().unwrap_or_default(),
        headers: inbound.headers,
        body: &body,
        // Only views that read their context need to know who asks.
        known: admitted.identity.as_deref().filter(|_| endpoint.plan().context.is_some()),
        caller: admitted.caller.as_ref(),
        trace: arrival.trace,
        client_version,
    };
    let (answered, wrote) = match reading.run().await {
        Ok(ran) => {
            let caching = edition.caching.as_ref().filter(|_| ran.is_whole());
            let mut answered = match caching {
                Some(caching) => {
                    let finished = Arc::new(Finished::new(caching, ran.body, None));
                    let mut response = finished.answer(inbound.headers, false);
                    Whole::Bypassed.write(Duration::ZERO, response.headers_mut());
                    Answered { is_coded: true, ..Answered::new(response) }
                }
                None => ran_short(bff, endpoint, ran.body, &ran.outcome.degraded),
            };
            let headers = answered.response.headers_mut();
            frontdesk_cache(None, endpoint.plan(), &ran.outcome.calls, headers);
            let wrote = ran.outcome.wrote;
            (Answered { calls: ran.outcome.calls, ..planned(answered, endpoint) }, wrote)
        }
        Err(failure) => {
            let wrote = failure.wrote;
            (failed(failure, bff, endpoint, arrival), wrote)
        }
    };
    if let Some(claim) = claim {
        Box::pin(claim.settle(&answered, wrote)).await;
    }
    answered
}

/// What a plan reads of its request.
pub(crate) struct Reading<'r> {
    pub loaded: &'r Loaded,
    pub bff: &'r Bff,
    pub endpoint: &'r Endpoint,
    /// The raw texts of the path's parameters.
    pub params: &'r [&'r str],
    pub query: &'r str,
    pub headers: &'r HeaderMap,
    pub body: &'r [u8],
    pub known: Option<&'r frontdesk_perimeter::Identity>,
    pub caller: Option<&'r Rc<dyn Caller>>,
    pub trace: TraceContext,
    pub client_version: Option<Version>,
}

/// A plan that has come to an answer.
pub(crate) struct Ran {
    pub body: Bytes,
    pub outcome: Outcome,
}

impl Ran {
    /// Nothing had to be left out.
    pub fn is_whole(&self) -> bool {
        self.outcome.degraded.is_empty()
    }
}

impl Reading<'_> {
    /// The tags of the view's answer; `None` if the request does not fit.
    pub fn tags(&self) -> Option<Vec<Arc<str>>> {
        let params: smallvec::SmallVec<[(&str, &str); 4]> =
            param_names(self.endpoint.plan()).zip(self.params.iter().copied()).collect();
        self.endpoint.tags(&Request {
            params: &params,
            query: self.query,
            header: &|name| self.headers.get(name).map(HeaderValue::as_bytes),
            body: self.body,
            session: Session { locale: "", currency: "", identity: None },
            caller: None,
            client_headers: None,
            trace: self.trace,
            client_version: self.client_version,
        })
    }

    pub async fn run(self) -> Result<Ran, Failure> {
        let plan = self.endpoint.plan();
        let started = now();
        let _place = match self.loaded.bulkhead(plan) {
            Some(bulkhead) => Some(Box::pin(place(&bulkhead, plan)).await?),
            None => None,
        };
        let params: smallvec::SmallVec<[(&str, &str); 4]> =
            param_names(plan).zip(self.params.iter().copied()).collect();
        let used = plan.context_use;
        let texts = self
            .known
            .filter(|_| used.identity || used.auth)
            .map(|known| (known.session_json(), known.auth_json()));
        let accepted = header(self.headers, ACCEPT_LANGUAGE.as_str());
        let client_headers = self.loaded.snapshot.client_headers(self.headers);
        let request = Request {
            params: &params,
            query: self.query,
            header: &|name| self.headers.get(name).map(HeaderValue::as_bytes),
            body: self.body,
            session: Session {
                locale: session::locale(&self.bff.config, self.known, accepted),
                currency: session::currency(&self.bff.config, self.known),
                identity: texts.as_ref().map(|(session, auth)| Identity { session, auth }),
            },
            caller: self.caller,
            client_headers: client_headers.as_ref(),
            trace: self.trace,
            client_version: self.client_version,
        };
        // What it waited for its place is part of its budget.
        let deadline = Deadline::after(started, plan.latency);
        let mut out = Vec::with_capacity(4096);
        let connectors = &self.loaded.connectors;
        let outcome =
            frontdesk_engine::run::run(self.endpoint, &request, connectors, deadline, &mut out).await?;
        Ok(Ran { body: out.into(), outcome })
    }
}

/// A place among the requests of an endpoint that are served at once.
async fn place(bulkhead: &Rc<Bound>, plan: &EndpointPlan) -> Result<Place, Failure> {
    let priority = match plan.kind {
        _ if plan.background => Priority::Background,
        EndpointKind::View => Priority::View,
        EndpointKind::Action => Priority::Action,
    };
    let place = bulkhead.place(priority, Deadline::after(now(), plan.latency)).await;
    place.ok_or_else(|| Failure { cause: Cause::Overloaded, calls: Vec::new(), wrote: false })
}

/// An answer that nobody may keep: the view does not say so, or calls are missing from it.
pub(crate) fn ran_short(bff: &Bff, endpoint: &Endpoint, body: Bytes, missing: &[Degraded]) -> Answered {
    let mut response = Response::new(Body::whole(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if bff.config.locales.len() > 1 {
        headers.insert(VARY, HeaderValue::from_static("accept-language"));
    }
    if let Some(degraded) = degraded(endpoint.plan(), missing) {
        headers.insert(FRONTDESK_DEGRADED, degraded);
    }
    Answered::new(response)
}

fn param_names(plan: &EndpointPlan) -> impl Iterator<Item = &str> {
    plan.route.iter().filter_map(|part| match part {
        RoutePart::Param(name) => Some(&**name),
        RoutePart::Literal(_) => None,
    })
}

pub(crate) fn failed(failure: Failure, bff: &Bff, endpoint: &Endpoint, arrival: &Arrival) -> Answered {
    let answered = match &failure.cause {
        // The session ended while its request was served: the page must learn where to sign in.
        Cause::Call { fault: Fault::LoginRequired, .. } => refused(bff.perimeter.login_required(), arrival),
        _ => problem(&failure.problem(), arrival),
    };
    let mut answered = planned(answered, endpoint);
    answered.calls = failure.calls;
    answered
}

pub(crate) fn planned(mut answered: Answered, endpoint: &Endpoint) -> Answered {
    answered.plan = Some(endpoint.plan().clone());
    answered
}

fn degraded(plan: &EndpointPlan, degraded: &[Degraded]) -> Option<HeaderValue> {
    if degraded.is_empty() {
        return None;
    }
    let text =
        degraded_header(degraded.iter().map(|entry| (label(plan, entry.step), entry.reason, entry.age)))?;
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

pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
