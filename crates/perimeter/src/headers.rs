//! Which headers pass through proxy routes: a list in each direction, and nothing beside it.
//!
//! A service behind the BFF believes what the BFF tells it about who asks and from where. So nothing a client sends
//! may look like that: services, and the servers before them, read `X_Forwarded_User` and `X-Forwarded-User` alike,
//! which is why names are compared by their letters and digits only, and why no name with other characters than
//! letters, digits and `-` passes at all.

use std::sync::Arc;

pub use frontdesk_lang::header_names::{why_not_answered, why_not_forwarded};
use frontdesk_lang::model::HeaderRules;
use http::header::{CONNECTION, HeaderMap, HeaderName};
use smallvec::SmallVec;

/// The headers that pass through the proxy routes of one BFF.
#[derive(Clone, Debug, Default)]
pub struct Passing {
    forward: Vec<HeaderName>,
    answer: Vec<HeaderName>,
    /// Headers that carry credentials meant for the BFF, whatever the lists say.
    kept_back: Vec<HeaderName>,
}

/// A header that `bff.ts` would let pass, and must not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the header `{name}` cannot pass: {why}")]
pub struct Forbidden {
    pub name: Arc<str>,
    pub why: &'static str,
}

impl Passing {
    /// # Errors
    /// A name that may not pass, whoever asks for it.
    pub fn new(rules: &HeaderRules) -> Result<Self, Forbidden> {
        let forward = names(&rules.forward, why_not_forwarded)?;
        let answer = names(&rules.answer, why_not_answered)?;
        Ok(Self { forward, answer, kept_back: Vec::new() })
    }

    /// These rules, but that none of `names` reaches a service: they carry credentials that are meant for the BFF.
    pub fn keeping_back(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        self.kept_back.extend(names);
        self
    }

    /// These rules with those of one route added.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with(&self, rules: &HeaderRules) -> Result<Self, Forbidden> {
        let mut all = Self::new(rules)?;
        all.forward.extend_from_slice(&self.forward);
        all.answer.extend_from_slice(&self.answer);
        all.kept_back.extend_from_slice(&self.kept_back);
        Ok(all)
    }

    /// Takes out of a client's request what may not reach a service. What the BFF says itself is added after this:
    /// `connection` is gone then, so that a client cannot name our headers in it (RFC 9110 §7.6.1).
    pub fn request(&self, headers: &mut HeaderMap) {
        drop_named_by_connection(headers);
        keep(headers, |name| {
            let is_listed = always_forwarded(name.as_str()) || self.forward.contains(name);
            is_listed && !self.kept_back.contains(name)
        });
    }

    /// Takes out of a service's answer what may not reach the client.
    pub fn answer(&self, headers: &mut HeaderMap) {
        drop_named_by_connection(headers);
        keep(headers, |name| always_answered(name.as_str()) || self.answer.contains(name));
    }
}

fn names(
    written: &[Arc<str>],
    why_not: fn(&str) -> Option<&'static str>,
) -> Result<Vec<HeaderName>, Forbidden> {
    let parse = |name: &Arc<str>| match (why_not(name), name.parse::<HeaderName>()) {
        (None, Ok(parsed)) => Ok(parsed),
        (why, _) => Err(Forbidden { name: name.clone(), why: why.unwrap_or("it is not a header's name") }),
    };
    written.iter().map(parse).collect()
}

fn keep(headers: &mut HeaderMap, stays: impl Fn(&HeaderName) -> bool) {
    // Names of the standard are copied, others are counted: nothing is allocated for an ordinary request.
    let goes: SmallVec<[HeaderName; 24]> = headers.keys().filter(|name| !stays(name)).cloned().collect();
    for name in goes {
        headers.remove(name);
    }
}

/// Removes what `Connection` names, and itself. Ordinary values name nothing.
fn drop_named_by_connection(headers: &mut HeaderMap) {
    let is_plain = |value: &http::HeaderValue| {
        value.as_bytes().eq_ignore_ascii_case(b"keep-alive")
            || value.as_bytes().eq_ignore_ascii_case(b"close")
    };
    if !headers.get_all(CONNECTION).iter().all(is_plain) {
        let listed: Vec<http::HeaderValue> = headers.get_all(CONNECTION).iter().cloned().collect();
        for name in listed.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b',')) {
            if let Ok(name) = HeaderName::from_bytes(name.trim_ascii())
                && !matches!(name.as_str(), "host" | "content-length")
            {
                headers.remove(name);
            }
        }
    }
    headers.remove(CONNECTION);
}

/// Of a request, without being asked for. `host` and `content-length` are written anew on the way.
fn always_forwarded(name: &str) -> bool {
    matches!(
        name,
        "accept"
            | "accept-charset"
            | "accept-encoding"
            | "accept-language"
            | "cache-control"
            | "content-digest"
            | "content-disposition"
            | "content-encoding"
            | "content-language"
            | "content-length"
            | "content-location"
            | "content-range"
            | "content-type"
            | "date"
            | "depth"
            | "host"
            | "idempotency-key"
            | "if-match"
            | "if-modified-since"
            | "if-none-match"
            | "if-range"
            | "if-unmodified-since"
            | "last-event-id"
            | "pragma"
            | "prefer"
            | "range"
            | "repr-digest"
            | "save-data"
            | "traceparent"
            | "tracestate"
            | "user-agent"
            | "want-content-digest"
            | "want-repr-digest"
            | "x-request-id"
            | "x-requested-with"
    )
}

/// Of an answer, without being asked for.
fn always_answered(name: &str) -> bool {
    matches!(
        name,
        "accept-patch"
            | "accept-post"
            | "accept-ranges"
            | "age"
            | "allow"
            | "cache-control"
            | "content-digest"
            | "content-disposition"
            | "content-encoding"
            | "content-language"
            | "content-length"
            | "content-location"
            | "content-range"
            | "content-type"
            | "date"
            | "deprecation"
            | "etag"
            | "expires"
            | "last-modified"
            | "link"
            | "location"
            | "pragma"
            | "preference-applied"
            | "repr-digest"
            | "retry-after"
            | "sunset"
            | "vary"
            | "warning"
    )
}
