//! Answers that we make ourselves, with what the access log says of them.

use std::sync::Arc;

use frontdesk_cache::State;
use frontdesk_engine::outcome::{CallRecord, Occurrence, ProblemDetails};
use frontdesk_perimeter::Refusal;
use frontdesk_plan::EndpointPlan;
use hyper::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER, VARY};
use hyper::{Response, StatusCode};

use crate::body::Body;
use crate::compress::{self, Effort};
use crate::pipeline::Arrival;
use crate::request_body::Problem;
use crate::usage::Note;

/// A response, with what the access log says of it.
pub(crate) struct Answered {
    pub response: Response<Body>,
    pub problem: Option<String>,
    pub calls: Vec<CallRecord>,
    pub plan: Option<Arc<EndpointPlan>>,
    /// Something deprecated is in it, or was asked for.
    pub deprecated: Option<Box<Note>>,
    /// How a whole answer was come by that may be kept here.
    pub cache: Option<State>,
    /// A service's own answer or a page, which we do not touch but for the correlation id.
    pub is_final: bool,
    /// The coding of its body is chosen already.
    pub is_coded: bool,
}

impl Answered {
    pub fn new(response: Response<Body>) -> Self {
        Self {
            response,
            problem: None,
            calls: Vec::new(),
            plan: None,
            deprecated: None,
            cache: None,
            is_final: false,
            is_coded: false,
        }
    }
    /// Puts a whole body that is worth it into the coding that the client likes best.
    pub fn code(&mut self, accepted: &HeaderValue) {
        let response = &mut self.response;
        let Some(body) = response.body().content() else { return };
        if body.len() < compress::SMALLEST || response.headers().contains_key(CONTENT_ENCODING) {
            return;
        }
        response.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
        let Some(coding) = accepted.to_str().ok().and_then(|text| compress::accepted(text).best()) else {
            return;
        };
        let Some(body) = response.body().content() else { return };
        if let Some(encoded) = compress::encode(coding, Effort::Quick, body) {
            *response.body_mut() = Body::whole(encoded);
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
        }
    }
}

/// What is left of such a request cannot be read, so its connection is of no further use.
pub(crate) fn bad_body(why: Problem, arrival: &Arrival) -> Answered {
    let details = match why {
        Problem::TooLarge => ProblemDetails::new(413, "body_too_large"),
        Problem::TooSlow => ProblemDetails::new(408, "body_too_slow"),
        Problem::Broken => ProblemDetails::new(400, "malformed_body"),
        Problem::NotApproved => ProblemDetails::new(403, "approval_required"),
    };
    let mut answered = problem(&details, arrival);
    answered.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answered
}

pub(crate) fn no_content() -> Answered {
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Answered::new(response)
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

/// What the perimeter says to a request that does not get in.
pub(crate) fn refused(refusal: Refusal, arrival: &Arrival) -> Answered {
    let details = ProblemDetails {
        detail: refusal.detail.map(Into::into),
        login_url: refusal.login_url.map(Into::into),
        retry_after: refusal.retry_after,
        ..ProblemDetails::new(refusal.status, refusal.code)
    };
    let mut answered = problem(&details, arrival);
    answered.response.headers_mut().extend(refusal.headers);
    if let Some(cause) = refusal.cause {
        answered.problem = Some(format!("{}: {cause}", refusal.code));
    }
    answered
}
