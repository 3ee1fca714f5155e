//! How a request ended, and what the client is told of it.
//!
//! This is the one place where a failure becomes bytes: RFC 9457 problem details with a stable `code`. What a
//! service said, where it is and why it failed never gets into them; that is for the operator's log, which reads
//! [`Failure`] and [`CallRecord`] themselves.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::{Fault, Reason};
use frontdesk_cache::Use;
use frontdesk_lang::model::Problem;
use frontdesk_plan::{EndpointPlan, StepId, degraded_token};

/// A request that got its answer, whole or partial.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The optional calls the answer had to do without, in the order they failed; each label and reason once.
    pub degraded: Vec<Degraded>,
    /// Every call that was made, in the order they ended.
    pub calls: Vec<CallRecord>,
    /// Something may have been changed at a service.
    pub wrote: bool,
    /// Those of every call whose answer is kept, each once: whoever purges one of them means this answer too.
    pub tags: Vec<Arc<str>>,
}

/// An optional call that gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Degraded {
    pub step: StepId,
    pub reason: Reason,
    /// The last good answer stood in, which was this old; of several the oldest.
    pub age: Option<Duration>,
}

/// One call that was made to a service, for access logs and metrics.
#[derive(Clone, Debug)]
pub struct CallRecord {
    /// The step that made it (the first, if several shared it).
    pub step: StepId,
    /// From the start of the request to the start of the call.
    pub start: Duration,
    pub duration: Duration,
    /// The size of the answer's body.
    pub bytes: u32,
    /// Why the call failed. An answer that does not fit the view is a fault of the call as well.
    pub fault: Option<Fault>,
    /// What became of asking the cache, if the call's answers are kept.
    pub cache: Option<Use>,
}

/// A request that got no answer.
#[derive(Debug)]
pub struct Failure {
    pub cause: Cause,
    pub calls: Vec<CallRecord>,
    /// Something may have been changed at a service, also by calls that were given up.
    pub wrote: bool,
}

#[derive(Clone, Debug)]
pub enum Cause {
    /// What the client sent does not fit the endpoint's inputs: every problem, not only the first.
    Input(Vec<InputProblem>),
    /// The request has a body that does not say it is JSON.
    MediaType,
    /// The view threw `problem(…)`.
    Thrown { problem: Problem, detail: Option<String> },
    /// A required call failed. `problem` is what `errors` in `bff.ts` makes of it.
    Call { step: StepId, fault: Fault, problem: Option<Problem> },
    /// Too many requests of this endpoint were being served: nothing was done for this one.
    Overloaded,
    /// A bug of ours, or a plan that does not fit its catalogue. The text is for the log.
    Internal(String),
}

/// One thing that is wrong with what the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputProblem {
    /// A JSON pointer (RFC 6901) into the endpoint's input object: `/lines/0/quantity`.
    pub pointer: String,
    /// `required`, `type`, `too_long`, `too_short`, `pattern`, `range`, `enum`, `unknown_field` or `malformed`.
    pub code: &'static str,
    /// A sentence for the client's developers.
    pub detail: String,
}

/// How long a client should wait before it tries again after a call was shed or its breaker was open.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl Failure {
    /// What the client is told.
    pub fn problem(&self) -> ProblemDetails<'_> {
        match &self.cause {
            Cause::Input(errors) => ProblemDetails {
                errors,
                title: "The request does not fit".into(),
                ..ProblemDetails::new(400, "invalid_input")
            },
            Cause::MediaType => ProblemDetails {
                detail: Some("the body must be `application/json`".into()),
                ..ProblemDetails::new(415, "unsupported_media_type")
            },
            Cause::Thrown { problem, detail } => {
                ProblemDetails { detail: detail.as_deref().map(Cow::Borrowed), ..ProblemDetails::of(problem) }
            }
            Cause::Call { problem: Some(problem), fault, .. } => {
                ProblemDetails { retry_after: retry_after(fault), ..ProblemDetails::of(problem) }
            }
            Cause::Call { fault, .. } => of_fault(fault),
            Cause::Overloaded => {
                ProblemDetails { retry_after: Some(RETRY_AFTER), ..ProblemDetails::new(503, "overloaded") }
            }
            Cause::Internal(_) => ProblemDetails::new(500, "internal"),
        }
    }
}

/// What a required call's failure is when `errors` in `bff.ts` says nothing about it.
pub fn of_fault(fault: &Fault) -> ProblemDetails<'static> {
    match fault {
        Fault::Rejected { status: 404 } => ProblemDetails::new(404, "not_found"),
        Fault::Rejected { status: 409 } => ProblemDetails::new(409, "conflict"),
        Fault::Rejected { status: 422 } => ProblemDetails::new(422, "unprocessable"),
        Fault::TimedOut | Fault::Failed { status: 504 } => ProblemDetails::new(504, "deadline_exceeded"),
        Fault::Connect(_)
        | Fault::Shed
        | Fault::BreakerOpen
        | Fault::Rejected { status: 429 }
        | Fault::Failed { status: 503 } => ProblemDetails {
            retry_after: retry_after(fault),
            ..ProblemDetails::new(503, "service_unavailable")
        },
        Fault::LoginRequired => ProblemDetails::new(401, "login_required"),
        Fault::Credential(_) => ProblemDetails {
            retry_after: retry_after(fault),
            ..ProblemDetails::new(503, "identity_unavailable")
        },
        // Nearly always an id the client made up, such as `..`: no service has a resource of that name.
        Fault::Unsendable { .. } => ProblemDetails::new(400, "unsendable_argument"),
        Fault::Rejected { .. }
        | Fault::Failed { .. }
        | Fault::Broken(_)
        | Fault::Malformed { .. }
        | Fault::TooLarge { .. } => ProblemDetails::new(502, "service_failed"),
    }
}

fn retry_after(fault: &Fault) -> Option<Duration> {
    matches!(fault, Fault::Shed | Fault::BreakerOpen | Fault::Credential(_)).then_some(RETRY_AFTER)
}

/// The row of the endpoint's `errors` for a failed call; rows are most specific first.
pub(crate) fn mapped(plan: &EndpointPlan, step: StepId, fault: &Fault) -> Option<Problem> {
    use frontdesk_plan::StepKind;
    // Says nothing of the service, and the client must learn it.
    if matches!(fault, Fault::LoginRequired) {
        return None;
    }
    let call = match &plan.steps.get(step.0 as usize)?.kind {
        StepKind::Call(call) => call,
        StepKind::Each(each) => &each.call,
        StepKind::Compute(_) | StepKind::Check { .. } => return None,
    };
    let status = match fault {
        Fault::Rejected { status } | Fault::Failed { status } => Some(*status),
        _ => None,
    };
    plan.faults
        .iter()
        .find(|row| {
            row.service == call.service
                && row.operation.is_none_or(|operation| operation == call.operation)
                && row.status.is_none_or(|wanted| Some(wanted) == status)
        })
        .map(|row| row.problem.clone())
}

/// An RFC 9457 problem, ready to be written. The server uses it for its own refusals too (404, 413, 503 …).
#[derive(Clone, Debug)]
pub struct ProblemDetails<'a> {
    pub status: u16,
    /// Stable, lower_snake_case: what clients branch on.
    pub code: Cow<'a, str>,
    pub title: Cow<'a, str>,
    pub detail: Option<Cow<'a, str>>,
    pub errors: &'a [InputProblem],
    /// `login_url`: where a page sends its user to sign in.
    pub login_url: Option<Cow<'a, str>>,
    /// `upgrade_url`: where a newer version of the client is to be had.
    pub upgrade_url: Option<Cow<'a, str>>,
    /// `successor`: the route that takes the place of one that is gone.
    pub successor: Option<Cow<'a, str>>,
    /// For a `Retry-After` header, in whole seconds.
    pub retry_after: Option<Duration>,
}

/// What ties a problem to one request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Occurrence<'a> {
    /// The path of the request, as it was sent.
    pub instance: &'a str,
    pub correlation_id: &'a str,
}

impl<'a> ProblemDetails<'a> {
    pub fn new(status: u16, code: impl Into<Cow<'a, str>>) -> Self {
        Self {
            status,
            code: code.into(),
            title: Cow::Borrowed(phrase(status)),
            detail: None,
            errors: &[],
            login_url: None,
            upgrade_url: None,
            successor: None,
            retry_after: None,
        }
    }

    fn of(problem: &'a Problem) -> Self {
        let mut details = Self::new(problem.status, &*problem.code);
        if let Some(title) = &problem.title {
            details.title = Cow::Borrowed(title);
        }
        details
    }

    /// Appends the problem as JSON, to be sent as `application/problem+json`.
    pub fn write(&self, occurrence: Occurrence<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"title\":");
        write_string(&self.title, out);
        out.extend_from_slice(format!(",\"status\":{},\"code\":", self.status).as_bytes());
        write_string(&self.code, out);
        let members = [
            ("detail", self.detail.as_deref().unwrap_or_default()),
            ("login_url", self.login_url.as_deref().unwrap_or_default()),
            ("upgrade_url", self.upgrade_url.as_deref().unwrap_or_default()),
            ("successor", self.successor.as_deref().unwrap_or_default()),
            ("instance", occurrence.instance),
            ("correlationId", occurrence.correlation_id),
        ];
        for (name, text) in members {
            if !text.is_empty() {
                out.extend_from_slice(format!(",\"{name}\":").as_bytes());
                write_string(text, out);
            }
        }
        if !self.errors.is_empty() {
            out.extend_from_slice(b",\"errors\":[");
            for (i, error) in self.errors.iter().enumerate() {
                out.extend_from_slice(if i == 0 { b"{\"pointer\":" } else { b",{\"pointer\":" });
                write_string(&error.pointer, out);
                out.extend_from_slice(b",\"code\":");
                write_string(error.code, out);
                out.extend_from_slice(b",\"detail\":");
                write_string(&error.detail, out);
                out.push(b'}');
            }
            out.push(b']');
        }
        out.push(b'}');
    }
}

/// A JSON string, RFC 8259 §7.
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// `Frontdesk-Degraded`: an RFC 9651 list of tokens, `similar;reason=timeout, delivery;reason=error;age=120`, the age in
/// whole seconds of a last good answer.
pub fn degraded_header<'a>(
    entries: impl IntoIterator<Item = (&'a str, Reason, Option<Duration>)>,
) -> Option<String> {
    let mut out = String::new();
    for (label, reason, age) in entries {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(&degraded_token(label));
        out.push_str(";reason=");
        out.push_str(reason.as_str());
        if let Some(age) = age {
            out.push_str(";age=");
            out.push_str(itoa::Buffer::new().format(age.as_secs()));
        }
    }
    (!out.is_empty()).then_some(out)
}

/// The phrase of an HTTP status, RFC 9110 §15.
fn phrase(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        417 => "Expectation Failed",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        status if status < 500 => "Client Error",
        _ => "Server Error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(cause: Cause) -> Failure {
        Failure { cause, calls: Vec::new(), wrote: false }
    }

    fn call(fault: Fault) -> Failure {
        failure(Cause::Call { step: StepId(0), fault, problem: None })
    }

    #[test]
    fn each_fault_has_its_status_and_code_and_says_nothing_of_the_service() {
        let rows: &[(Fault, u16, &str, bool)] = &[
            (Fault::Rejected { status: 404 }, 404, "not_found", false),
            (Fault::Rejected { status: 409 }, 409, "conflict", false),
            (Fault::Rejected { status: 422 }, 422, "unprocessable", false),
            (Fault::Rejected { status: 403 }, 502, "service_failed", false),
            (Fault::Rejected { status: 429 }, 503, "service_unavailable", false),
            (Fault::Failed { status: 500 }, 502, "service_failed", false),
            (Fault::Failed { status: 503 }, 503, "service_unavailable", false),
            (Fault::Failed { status: 504 }, 504, "deadline_exceeded", false),
            (Fault::Connect("secret.internal:9102".into()), 503, "service_unavailable", false),
            (Fault::Broken("secret".into()), 502, "service_failed", false),
            (Fault::Malformed { pointer: "/secret".into(), why: "secret" }, 502, "service_failed", false),
            (Fault::TooLarge { limit: 4 }, 502, "service_failed", false),
            (Fault::TimedOut, 504, "deadline_exceeded", false),
            (Fault::Shed, 503, "service_unavailable", true),
            (Fault::LoginRequired, 401, "login_required", false),
            (Fault::Credential("secret".into()), 503, "identity_unavailable", true),
            (Fault::BreakerOpen, 503, "service_unavailable", true),
            (
                Fault::Unsendable { argument: "secret".into(), why: "secret" },
                400,
                "unsendable_argument",
                false,
            ),
        ];
        for (fault, status, code, retry) in rows {
            let failure = call(fault.clone());
            let problem = failure.problem();
            assert_eq!((problem.status, &*problem.code), (*status, *code), "{fault:?}");
            assert_eq!(problem.retry_after.is_some(), *retry, "{fault:?}");
            let mut out = Vec::new();
            problem.write(Occurrence { instance: "/v2/x", correlation_id: "c-1" }, &mut out);
            let text = String::from_utf8(out).unwrap();
            assert!(!text.contains("secret"), "{text}");
            assert!(text.contains("\"correlationId\":\"c-1\""), "{text}");
        }
    }

    #[test]
    fn problems_are_json_whatever_the_texts_are() {
        let errors = vec![InputProblem { pointer: "/a\"b".into(), code: "type", detail: "\u{1}\\".into() }];
        let failure = failure(Cause::Input(errors));
        let mut out = Vec::new();
        failure.problem().write(Occurrence { instance: "/\"\n", correlation_id: "" }, &mut out);
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["status"], 400);
        assert_eq!(value["instance"], "/\"\n");
        assert_eq!(value["errors"][0]["pointer"], "/a\"b");
        assert_eq!(value["errors"][0]["detail"], "\u{1}\\");
        assert!(value.get("correlationId").is_none());
    }

    #[test]
    fn thrown_problems_keep_their_own_words() {
        let problem =
            Problem { code: "cart_empty".into(), status: 409, title: Some("The cart is empty".into()) };
        let failure = failure(Cause::Thrown { problem, detail: Some("add something".into()) });
        let mut out = Vec::new();
        failure.problem().write(Occurrence::default(), &mut out);
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"title":"The cart is empty","status":409,"code":"cart_empty","detail":"add something"}"#
        );
    }

    #[test]
    fn degraded_calls_make_a_structured_list() {
        let entries = [
            ("similar", Reason::Timeout, Some(Duration::from_millis(120_999))),
            ("catalog.getProduct", Reason::Error, None),
            ("_größe", Reason::Shed, None),
        ];
        assert_eq!(
            degraded_header(entries).as_deref(),
            Some("similar;reason=timeout;age=120, catalog.getProduct;reason=error, *_gr__e;reason=shed")
        );
        assert_eq!(degraded_header([]), None);
    }
}
