//! A request that does not get in: what the client is told, and nothing else.

use std::time::Duration;

use http::{HeaderName, HeaderValue};

/// Becomes an `application/problem+json` (RFC 9457) with a stable code. Never sets a cookie but to delete ours.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub status: u16,
    /// lower_snake_case; see docs/operations.md for all of them.
    pub code: &'static str,
    /// A sentence for the client's developers; fixed text, nothing of the request.
    pub detail: Option<&'static str>,
    /// Where a page should send its user to sign in.
    pub login_url: Option<String>,
    pub retry_after: Option<Duration>,
    /// The credential that came may have been made up: whoever sends many such is not listened to for a while.
    pub is_guess: bool,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Why, for the operator's log alone: hosts and what a provider answered may stand in it, credentials never.
    pub cause: Option<Box<str>>,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str) -> Self {
        Self {
            status,
            code,
            detail: None,
            login_url: None,
            retry_after: None,
            is_guess: false,
            headers: Vec::new(),
            cause: None,
        }
    }

    pub fn detail(self, detail: &'static str) -> Self {
        Self { detail: Some(detail), ..self }
    }

    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn because(self, cause: impl ToString) -> Self {
        Self { cause: Some(cause.to_string().into()), ..self }
    }

    pub fn guess(self) -> Self {
        Self { is_guess: true, ..self }
    }

    /// Nobody is signed in, or no longer.
    pub fn login_required() -> Self {
        Self::new(401, "login_required")
    }

    /// The credential that came is not good; `why` is fixed text.
    pub fn invalid_token(why: &'static str) -> Self {
        Self::new(401, "invalid_token").detail(why).because(why).guess()
    }

    /// Sessions or providers cannot be asked right now. The cookie is left alone.
    pub fn unavailable() -> Self {
        Self { retry_after: Some(Duration::from_secs(1)), ..Self::new(503, "identity_unavailable") }
    }
}
