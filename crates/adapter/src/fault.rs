//! A failed call, as the engine sees it.

use std::fmt;

/// Why a call to a service gave no usable answer.
///
/// The texts are for the operator's log. The client learns only the [`Reason`] of an optional call, and a
/// problem code of a required one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// No connection could be made: refused, unreachable, name not found, TLS handshake failed.
    #[error("no connection: {0}")]
    Connect(String),
    /// The connection broke, or what came is not the protocol.
    #[error("broken answer: {0}")]
    Broken(String),
    /// No answer before the call's deadline.
    #[error("no answer in time")]
    TimedOut,
    /// The service refused this request: HTTP 4xx or the gRPC status that means the same.
    #[error("refused with status {status}")]
    Rejected { status: u16 },
    /// The service failed: HTTP 5xx or the gRPC status that means the same.
    #[error("failed with status {status}")]
    Failed { status: u16 },
    /// The answer does not fit the schema where the view reads it; a JSON pointer, no values.
    #[error("malformed answer{}: {why}", place(pointer))]
    Malformed { pointer: String, why: &'static str },
    /// The answer is larger than the service's body limit.
    #[error("answer larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// The bulkhead is full: the call was not made.
    #[error("too many calls in flight")]
    Shed,
    /// The breaker is open: the call was not made.
    #[error("breaker open")]
    BreakerOpen,
    /// An argument cannot be put into the request (a path segment that is empty, a header with a line break).
    #[error("argument `{argument}` cannot be sent: {why}")]
    Unsendable { argument: String, why: &'static str },
    /// The caller's session ended while the request was served: it must sign in again.
    #[error("the caller must sign in again")]
    LoginRequired,
    /// No credential for the service can be had at the moment: the provider or a store is away, or refuses.
    #[error("no credential for the service: {0}")]
    Credential(String),
}

/// Where in an answer, for messages; nothing if all of it is meant.
fn place(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" at `{pointer}`") }
}

/// What `Frontdesk-Degraded` says of a failed optional call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    Timeout,
    Error,
    Malformed,
    Open,
    Shed,
}

impl Reason {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Error => "error",
            Self::Malformed => "malformed",
            Self::Open => "open",
            Self::Shed => "shed",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Fault {
    pub fn reason(&self) -> Reason {
        match self {
            Self::TimedOut => Reason::Timeout,
            Self::Malformed { .. } => Reason::Malformed,
            Self::BreakerOpen => Reason::Open,
            Self::Shed => Reason::Shed,
            Self::Connect(_)
            | Self::Broken(_)
            | Self::Rejected { .. }
            | Self::Failed { .. }
            | Self::TooLarge { .. }
            | Self::Unsendable { .. }
            | Self::LoginRequired
            | Self::Credential(_) => Reason::Error,
        }
    }

    /// Whether trying once more can help a call that is safe to repeat.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Connect(_) | Self::Broken(_) => true,
            Self::Failed { status } => matches!(status, 502..=504),
            _ => false,
        }
    }
}
