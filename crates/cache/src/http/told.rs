//! What an answer says of the cache that it came through: `Cache-Status` (RFC 9211) and `Frontdesk-Cache`.

use std::fmt::Write as _;
use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};

pub const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");
pub const FRONTDESK_CACHE: HeaderName = HeaderName::from_static("frontdesk-cache");

/// Why a request went on to the service (RFC 9211 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// The request is of a kind that the cache has no part in.
    Bypass,
    Method,
    /// Nothing is kept under this target.
    UriMiss,
    /// Something is, for other request headers.
    VaryMiss,
    /// What the request says.
    Request,
    /// It is kept, and stale.
    Stale,
}

/// How a request was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// From what is kept. Seconds of freshness left; negative once stale.
    Hit { left: i64, age: Duration },
    /// From what somebody else was fetching.
    Collapsed { left: i64, age: Duration },
    /// By the service, or after it was asked.
    Forwarded {
        why: Forwarded,
        status: Option<u16>,
        stored: bool,
        left: Option<i64>,
        is_stale: bool,
        age: Option<Duration>,
    },
    /// There is nothing, and the service was not to be asked.
    Nothing,
}

impl Told {
    pub fn forwarded(why: Forwarded) -> Self {
        Self::Forwarded { why, status: None, stored: false, left: None, is_stale: false, age: None }
    }

    /// Adds both headers to the answer.
    pub fn write(&self, headers: &mut HeaderMap) {
        let (status, own) = self.texts();
        if let Ok(status) = HeaderValue::try_from(status) {
            headers.append(CACHE_STATUS, status);
        }
        if let Some(Ok(own)) = own.map(HeaderValue::try_from) {
            headers.append(FRONTDESK_CACHE, own);
        }
    }

    fn texts(&self) -> (String, Option<String>) {
        let mut status = String::from("frontdesk");
        let own = |word: &str, age: Duration| Some(format!("{word};age={}", age.as_secs()));
        match *self {
            Self::Hit { left, age } => {
                let _ = write!(status, "; hit; ttl={left}");
                (status, own(if left > 0 { "hit" } else { "stale" }, age))
            }
            Self::Collapsed { left, age } => {
                let _ = write!(status, "; fwd=miss; collapsed; ttl={left}");
                (status, own("shared", age))
            }
            Self::Forwarded { why, status: code, stored, left, is_stale, age } => {
                let why = match why {
                    Forwarded::Bypass => "bypass",
                    Forwarded::Method => "method",
                    Forwarded::UriMiss => "uri-miss",
                    Forwarded::VaryMiss => "vary-miss",
                    Forwarded::Request => "request",
                    Forwarded::Stale => "stale",
                };
                let _ = write!(status, "; fwd={why}");
                if let Some(code) = code {
                    let _ = write!(status, "; fwd-status={code}");
                }
                if stored {
                    status.push_str("; stored");
                }
                if let Some(left) = left {
                    let _ = write!(status, "; ttl={left}");
                }
                let own = match (is_stale, age) {
                    (true, Some(age)) => own("stale", age),
                    _ => Some("miss".to_owned()),
                };
                (status, own)
            }
            Self::Nothing => {
                status.push_str("; detail=only-if-cached");
                (status, None)
            }
        }
    }
}
