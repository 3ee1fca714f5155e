//! What a gRPC status means for a call.
//!
//! <https://github.com/grpc/grpc/blob/master/doc/statuscodes.md>

use ::http::{HeaderMap, HeaderValue, header, response};
use frontdesk_adapter::Fault;
use percent_encoding::percent_decode;

/// How a service says that a call ended. `message` is the service's own text: for the operator, never for clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Status {
    pub(super) code: u16,
    pub(super) message: String,
}

const UNKNOWN: u16 = 2;
pub(super) const UNIMPLEMENTED: u16 = 12;
const UNAVAILABLE: u16 = 14;

impl Status {
    /// The status in `trailers`, or in the headers of an answer that has nothing else.
    pub(super) fn of(trailers: &HeaderMap) -> Option<Self> {
        let code = trailers.get("grpc-status")?;
        let code = code.to_str().ok().and_then(|code| code.parse().ok()).unwrap_or(UNKNOWN);
        let message = trailers.get("grpc-message").map(HeaderValue::as_bytes).unwrap_or_default();
        Some(Self { code, message: percent_decode(message).decode_utf8_lossy().into_owned() })
    }

    pub(super) fn is_ok(&self) -> bool {
        self.code == 0
    }

    /// The failure that an HTTP service would have answered with, so that `errors` in `bff.ts` reads the same for
    /// both.
    pub(super) fn fault(&self) -> Fault {
        match self.code {
            // INVALID_ARGUMENT and OUT_OF_RANGE: wrong whatever state the service is in.
            3 | 11 => Fault::Rejected { status: 400 },
            // DEADLINE_EXCEEDED: the service looked at the same clock.
            4 => Fault::TimedOut,
            // NOT_FOUND
            5 => Fault::Rejected { status: 404 },
            // ALREADY_EXISTS and ABORTED: somebody else was there first.
            6 | 10 => Fault::Rejected { status: 409 },
            // PERMISSION_DENIED
            7 => Fault::Rejected { status: 403 },
            // RESOURCE_EXHAUSTED
            8 => Fault::Rejected { status: 429 },
            // FAILED_PRECONDITION: right, but not in the state the service is in.
            9 => Fault::Rejected { status: 422 },
            UNIMPLEMENTED => Fault::Failed { status: 501 },
            UNAVAILABLE => Fault::Failed { status: 503 },
            // UNAUTHENTICATED
            16 => Fault::Rejected { status: 401 },
            // CANCELLED (not by us), UNKNOWN, INTERNAL, DATA_LOSS, and codes that do not exist.
            _ => Fault::Failed { status: 500 },
        }
    }
}

/// What the head of an answer already says: a status other than OK, `None` if a message is to follow.
///
/// # Errors
/// [`Fault::Broken`] if this is no gRPC answer, or one that ends well without a message.
pub(super) fn early(head: &response::Parts) -> Result<Option<Status>, Fault> {
    if let Some(status) = Status::of(&head.headers) {
        if status.is_ok() {
            return Err(Fault::Broken("the answer holds no message".to_owned()));
        }
        return Ok(Some(status));
    }
    if head.status != 200 {
        let code = of_http(head.status.as_u16());
        return Ok(Some(Status { code, message: format!("HTTP status {}", head.status.as_u16()) }));
    }
    let content_type = head.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if content_type.is_some_and(|value| value.starts_with(b"application/grpc")) {
        Ok(None)
    } else {
        Err(Fault::Broken("the answer does not say `content-type: application/grpc`".to_owned()))
    }
}

/// For answers of something in between, which speaks no gRPC.
/// <https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md>
fn of_http(status: u16) -> u16 {
    match status {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => UNIMPLEMENTED,
        429 | 502 | 503 | 504 => UNAVAILABLE,
        _ => UNKNOWN,
    }
}
