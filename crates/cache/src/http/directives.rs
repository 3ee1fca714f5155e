//! `Cache-Control` (RFC 9111 §5.2) of requests and answers.
//!
//! Where a text is no good, it means what is safer: a lifetime that cannot be read is none, one that is said twice and
//! differently is none, and what is fine-grained (`private="x"`, `no-cache="x"`) is taken for the whole, as §5.2.2 allows.

use std::time::Duration;

use http::header::{CACHE_CONTROL, HeaderMap, PRAGMA};

/// The greatest delta-seconds; whatever is greater means this (RFC 9111 §1.2.2).
pub const LONGEST: Duration = Duration::from_secs(1 << 31);

/// What a client wants of caches on the way (RFC 9111 §5.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub no_store: bool,
    /// Also `Pragma: no-cache` where there is no `Cache-Control` (§5.4).
    pub no_cache: bool,
    pub only_if_cached: bool,
    pub max_age: Option<Duration>,
    pub min_fresh: Option<Duration>,
    /// [`Duration::MAX`] for any staleness.
    pub max_stale: Option<Duration>,
    /// RFC 5861 §4 allows it of requests too.
    pub stale_if_error: Option<Duration>,
}

/// What a service says to caches on the way (RFC 9111 §5.2.2, RFC 5861).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Said {
    pub no_store: bool,
    pub no_cache: bool,
    pub private: bool,
    pub public: bool,
    pub must_revalidate: bool,
    pub proxy_revalidate: bool,
    pub must_understand: bool,
    pub max_age: Option<Duration>,
    pub s_maxage: Option<Duration>,
    pub stale_while_revalidate: Option<Duration>,
    pub stale_if_error: Option<Duration>,
}

impl Asked {
    pub fn read(headers: &HeaderMap) -> Self {
        let mut asked = Self::default();
        let mut max_stale = None;
        each(headers, |name, value| {
            if name.eq_ignore_ascii_case("no-store") {
                asked.no_store = true;
            } else if name.eq_ignore_ascii_case("no-cache") {
                asked.no_cache = true;
            } else if name.eq_ignore_ascii_case("only-if-cached") {
                asked.only_if_cached = true;
            } else if name.eq_ignore_ascii_case("max-age") {
                narrow(&mut asked.max_age, seconds(value).unwrap_or_default());
            } else if name.eq_ignore_ascii_case("min-fresh") {
                let wanted = seconds(value).unwrap_or(LONGEST);
                asked.min_fresh = Some(asked.min_fresh.map_or(wanted, |other| other.max(wanted)));
            } else if name.eq_ignore_ascii_case("max-stale") {
                match value {
                    None => narrow(&mut max_stale, Duration::MAX),
                    Some(_) => narrow(&mut max_stale, seconds(value).unwrap_or_default()),
                }
            } else if name.eq_ignore_ascii_case("stale-if-error") {
                narrow(&mut asked.stale_if_error, seconds(value).unwrap_or_default());
            }
        });
        asked.max_stale = max_stale;
        if !headers.contains_key(CACHE_CONTROL) {
            asked.no_cache = headers.get_all(PRAGMA).iter().any(|line| {
                line.as_bytes()
                    .split(|byte| *byte == b',')
                    .any(|one| one.trim_ascii().eq_ignore_ascii_case(b"no-cache"))
            });
        }
        asked
    }
}

impl Said {
    pub fn read(headers: &HeaderMap) -> Self {
        let mut said = Self::default();
        each(headers, |name, value| {
            if name.eq_ignore_ascii_case("no-store") {
                said.no_store = true;
            } else if name.eq_ignore_ascii_case("no-cache") {
                said.no_cache = true;
            } else if name.eq_ignore_ascii_case("private") {
                said.private = true;
            } else if name.eq_ignore_ascii_case("public") {
                said.public = true;
            } else if name.eq_ignore_ascii_case("must-revalidate") {
                said.must_revalidate = true;
            } else if name.eq_ignore_ascii_case("proxy-revalidate") {
                said.proxy_revalidate = true;
            } else if name.eq_ignore_ascii_case("must-understand") {
                said.must_understand = true;
            } else if name.eq_ignore_ascii_case("max-age") {
                agree(&mut said.max_age, value);
            } else if name.eq_ignore_ascii_case("s-maxage") {
                agree(&mut said.s_maxage, value);
            } else if name.eq_ignore_ascii_case("stale-while-revalidate") {
                narrow(&mut said.stale_while_revalidate, seconds(value).unwrap_or_default());
            } else if name.eq_ignore_ascii_case("stale-if-error") {
                narrow(&mut said.stale_if_error, seconds(value).unwrap_or_default());
            }
        });
        said
    }

    /// A stale answer is for nobody, whoever would take it (§4.2.4): `s-maxage` says what `proxy-revalidate` says
    /// (§5.2.2.10).
    pub fn forbids_stale(&self) -> bool {
        self.must_revalidate || self.proxy_revalidate || self.no_cache || self.s_maxage.is_some()
    }

    /// It says in so many words that it is for everybody, whoever asked (§3.5, without `must-revalidate`: that may be
    /// said out of care, and here no cookie of a browser is on the request that would keep it back).
    pub fn is_for_everybody(&self) -> bool {
        self.public || self.s_maxage.is_some()
    }
}

fn narrow(known: &mut Option<Duration>, said: Duration) {
    *known = Some(known.map_or(said, |other| other.min(said)));
}

/// A lifetime of which two are said is stale from the beginning, unless they are the same (§4.2.1).
fn agree(known: &mut Option<Duration>, value: Option<&[u8]>) {
    let said = seconds(value).unwrap_or_default();
    *known = Some(match *known {
        Some(other) if other != said => Duration::ZERO,
        _ => said,
    });
}

/// `delta-seconds`: digits and nothing else.
pub(super) fn seconds(value: Option<&[u8]>) -> Option<Duration> {
    let digits = value?;
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let most = LONGEST.as_secs();
    let number = digits.iter().fold(0u64, |sum, digit| (sum * 10 + u64::from(digit - b'0')).min(most));
    Some(Duration::from_secs(number))
}

/// Every directive of `Cache-Control` with its argument, a quoted one without its quotes.
fn each(headers: &HeaderMap, mut see: impl FnMut(&str, Option<&[u8]>)) {
    for line in headers.get_all(CACHE_CONTROL) {
        let mut rest = line.as_bytes();
        while let Some((name, value)) = next(&mut rest) {
            if let Ok(name) = std::str::from_utf8(name) {
                see(name, value);
            }
        }
    }
}

type Directive<'l> = (&'l [u8], Option<&'l [u8]>);

/// Takes the next directive off a line. What stands behind an argument up to the next comma makes the argument unreadable.
fn next<'l>(rest: &mut &'l [u8]) -> Option<Directive<'l>> {
    let line = *rest;
    let start = line.iter().position(|byte| !matches!(byte, b',' | b' ' | b'\t'))?;
    let line = line.get(start..)?;
    let end = end_of_directive(line);
    let (one, behind) = line.split_at(end);
    *rest = behind;
    let Some(at) = one.iter().position(|byte| *byte == b'=') else {
        return Some((one.trim_ascii(), None));
    };
    let (name, value) = (one.get(..at)?.trim_ascii(), one.get(at + 1..)?.trim_ascii());
    let inner = value.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
    Some((name, Some(inner.unwrap_or(value))))
}

/// Where the next comma outside of a quoted string stands.
fn end_of_directive(line: &[u8]) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return at,
            _ => {}
        }
    }
    line.len()
}
