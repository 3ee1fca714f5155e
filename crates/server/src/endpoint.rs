//! One endpoint's answer: its body is read, its plan is run, and what came of that becomes a response.

use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Deadline, Fault, now};
use frontdesk_engine::outcome::{Cause, Degraded, Failure, degraded_header};
use frontdesk_engine::run::{Endpoint, Identity, Request, Session};
use frontdesk_lang::model::RoutePart;
use frontdesk_perimeter::{Admitted, Inbound};
use frontdesk_plan::{EndpointPlan, StepId, StepKind};
use frontdesk_types::Version;
use hyper::Response;
use hyper::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, VARY};

use crate::answered::{Answered, bad_body, problem, refused};
use crate::body::Body;
use crate::pipeline::Arrival;
use crate::request_body::{ClientBody, Problem};
use crate::session;
use crate::snapshot::{Bff, Loaded};

/// How long a client may take to send its body.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

const FRONTDESK_DEGRADED: HeaderName = HeaderName::from_static("frontdesk-degraded");

/// A request that was let in, on its way to one endpoint.
pub(crate) struct Let<'r> {
    pub loaded: &'r Loaded,
    pub bff: &'r Bff,
    pub endpoint: &'r Endpoint,
    pub arrival: &'r Arrival,
    pub inbound: Inbound<'r>,
    pub admitted: &'r Admitted,
    /// The raw texts of the path's parameters.
    pub params: &'r [&'r str],
    /// Which version of the client asks.
    pub client_version: Option<Version>,
}

/// Reads the body, runs the plan, and turns its outcome into a response.
pub(crate) async fn answer(request: Let<'_>, body: Result<ClientBody, Problem>) -> Answered {
    let Let { loaded, bff, endpoint, arrival, inbound, admitted, params, client_version } = request;
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
    let plan = endpoint.plan();
    let params: smallvec::SmallVec<[(&str, &str); 4]> =
        param_names(plan).zip(params.iter().copied()).collect();
    // Only views that read their context need to know who asks.
    let known = admitted.identity.as_ref().filter(|_| plan.context.is_some());
    let used = plan.context_use;
    let texts =
        known.filter(|_| used.identity || used.auth).map(|known| (known.session_json(), known.auth_json()));
    let accepted = header(inbound.headers, ACCEPT_LANGUAGE.as_str());
    let client_headers = loaded.snapshot.client_headers(inbound.headers);
    let request = Request {
        params: &params,
        query: inbound.uri.query().unwrap_or_default(),
        header: &|name| inbound.headers.get(name).map(HeaderValue::as_bytes),
        body: &body,
        session: Session {
            locale: session::locale(&bff.config, known.map(|known| &**known), accepted),
            currency: session::currency(&bff.config, known.map(|known| &**known)),
            identity: texts.as_ref().map(|(session, auth)| Identity { session, auth }),
        },
        caller: admitted.caller.as_ref(),
        client_headers: client_headers.as_ref(),
        trace: arrival.trace,
        client_version,
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
        Err(failure) => failed(failure, bff, endpoint, arrival),
    }
}

fn param_names(plan: &EndpointPlan) -> impl Iterator<Item = &str> {
    plan.route.iter().filter_map(|part| match part {
        RoutePart::Param(name) => Some(&**name),
        RoutePart::Literal(_) => None,
    })
}

fn failed(failure: Failure, bff: &Bff, endpoint: &Endpoint, arrival: &Arrival) -> Answered {
    let answered = match &failure.cause {
        // The session ended while its request was served: the page must learn where to sign in.
        Cause::Call { fault: Fault::LoginRequired, .. } => refused(bff.perimeter.login_required(), arrival),
        _ => problem(&failure.problem(), arrival),
    };
    let mut answered = planned(answered, endpoint);
    answered.calls = failure.calls;
    answered
}

fn planned(mut answered: Answered, endpoint: &Endpoint) -> Answered {
    answered.plan = Some(endpoint.plan().clone());
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

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
