//! Whether a shared cache may keep an answer (RFC 9111 §3), and how long it is fresh (§4.2).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{
    AGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_RANGE, DATE, ETAG, EXPIRES, HeaderMap, HeaderName,
    HeaderValue, LAST_MODIFIED, RANGE, SET_COOKIE,
};
use http::{Method, StatusCode};
use http_cache_semantics::{CacheOptions, CachePolicy};

use super::directives::{Asked, LONGEST, Said, seconds};
use super::{Moment, vary};

/// The request that was sent to the service.
#[derive(Clone, Copy, Debug)]
pub struct Question<'r> {
    pub method: &'r Method,
    pub headers: &'r HeaderMap,
    /// It was made on somebody's behalf, whether or not its headers show it.
    pub for_one_user: bool,
    /// When it was sent.
    pub asked: Moment,
}

/// The head that came back.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'r> {
    pub status: StatusCode,
    pub headers: &'r HeaderMap,
    pub came: Moment,
}

/// The times of an answer that may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// When it was made, as far as can be known: `came` without the corrected initial age (§4.2.3).
    pub born: Moment,
    /// How old it may get before it is stale. Zero: it must be validated each time.
    pub fresh: Duration,
    /// For how long after that it may be given while it is being refreshed (RFC 5861 §3).
    pub stale_while_revalidate: Duration,
    /// For how long after that it may stand in for a failure (RFC 5861 §4).
    pub stale_if_error: Duration,
}

/// Why an answer is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// The request, its method or what it says.
    Request,
    /// Its directives, or its status without any.
    Forbidden,
    /// It was made for one user, and does not say that it is for all.
    OneUser,
    /// It sets a cookie.
    Cookie,
    /// `Vary: *`, or more than anybody can tell apart.
    Vary,
    /// It is a part of something.
    Partial,
    /// Never fresh, and nothing to validate it by.
    Useless,
}

/// Whether this may be kept by a shared cache, and for how long.
///
/// # Errors
/// Why not.
pub fn judge(question: &Question<'_>, reply: &Reply<'_>) -> Result<Lifetime, Left> {
    let asked = Asked::read(question.headers);
    if *question.method != Method::GET || asked.no_store || question.headers.contains_key(RANGE) {
        return Err(Left::Request);
    }
    if reply.status == StatusCode::PARTIAL_CONTENT || reply.headers.contains_key(CONTENT_RANGE) {
        return Err(Left::Partial);
    }
    let said = Said::read(reply.headers);
    let policy = policy(question, reply, &said);
    if !policy.is_storable() {
        return Err(Left::Forbidden);
    }
    if question.for_one_user && !said.is_for_everybody() {
        return Err(Left::OneUser);
    }
    if reply.headers.contains_key(SET_COOKIE) && !said.public {
        return Err(Left::Cookie);
    }
    if vary::names(reply.headers).is_none() {
        return Err(Left::Vary);
    }
    // Without `Age`, what is left to live as it comes is all of its life.
    let fresh = policy.time_to_live(time(reply.came));
    let stale = |given: Option<Duration>| given.filter(|_| !said.forbids_stale()).unwrap_or_default();
    let has_validator = reply.headers.contains_key(ETAG) || reply.headers.contains_key(LAST_MODIFIED);
    if fresh.is_zero() && !has_validator {
        return Err(Left::Useless);
    }
    Ok(Lifetime {
        born: born(question.asked, reply),
        fresh,
        stale_while_revalidate: stale(said.stale_while_revalidate),
        stale_if_error: stale(said.stale_if_error),
    })
}

/// What the semantics crate gets to see: method, status, and the headers that decide, each in one spelling.
///
/// `proxy-revalidate` is not among them, which it takes for "never fresh" while §5.2.2.8 means "not once stale". `Age` is
/// not, as it adds a delay to the apparent age where §4.2.3 takes the greater.
fn policy(question: &Question<'_>, reply: &Reply<'_>, said: &Said) -> CachePolicy {
    let mut request = http::Request::new(());
    question.method.clone_into(request.method_mut());
    if let Some(value) = question.headers.get(AUTHORIZATION) {
        request.headers_mut().insert(AUTHORIZATION, value.clone());
    }
    let mut response = http::Response::new(());
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    if let Ok(text) = HeaderValue::try_from(spelled(said, reply.status)) {
        headers.insert(CACHE_CONTROL, text);
    }
    if reply.headers.contains_key(EXPIRES) {
        // A date that cannot be read, or two of them, is in the past (§5.3).
        let expires = only_date(reply.headers, &EXPIRES).unwrap_or(UNIX_EPOCH);
        insert_date(headers, EXPIRES, expires);
    }
    let date = only_date(reply.headers, &DATE).unwrap_or_else(|| time(reply.came));
    insert_date(headers, DATE, date);
    let options = CacheOptions {
        shared: true,
        cache_heuristic: 0.0,
        immutable_min_time_to_live: Duration::ZERO,
        ignore_cargo_cult: false,
    };
    CachePolicy::new_options(&request, &response, time(reply.came), options)
}

/// The directives as the crate reads them.
fn spelled(said: &Said, status: StatusCode) -> String {
    let mut out = String::new();
    let mut add = |text: &str| {
        if !out.is_empty() {
            out.push(',');
        }
        out.push_str(text);
    };
    // §5.2.2.3: who knows `must-understand` and the status goes by the rest; who does not know the status keeps nothing.
    let keeps_off = if said.must_understand { !is_understood(status) } else { said.no_store };
    for (is_said, name) in [
        (keeps_off, "no-store"),
        (said.no_cache, "no-cache"),
        (said.private, "private"),
        (said.public, "public"),
        (said.must_revalidate, "must-revalidate"),
    ] {
        if is_said {
            add(name);
        }
    }
    for (time, name) in [(said.max_age, "max-age"), (said.s_maxage, "s-maxage")] {
        if let Some(time) = time {
            add(&format!("{name}={}", time.as_secs()));
        }
    }
    out
}

/// Final statuses whose meaning for caches is known here (RFC 9110 §15).
fn is_understood(status: StatusCode) -> bool {
    matches!(
        status.as_u16(),
        200 | 203 | 204 | 300 | 301 | 302 | 303 | 307 | 308 | 404 | 405 | 410 | 414 | 501
    )
}

/// §4.2.3, backwards from the moment at which the answer came.
fn born(asked: Moment, reply: &Reply<'_>) -> Moment {
    let apparent = only_date(reply.headers, &DATE).map_or(0, |date| reply.came.saturating_sub(micros(date)));
    let delay = reply.came.saturating_sub(asked);
    let stated = u64::try_from(age(reply.headers).as_micros()).unwrap_or(u64::MAX);
    reply.came.saturating_sub(apparent.max(stated.saturating_add(delay)))
}

/// `Age`: the first of several; zero if it is no number (RFC 9111 §5.1).
pub fn age(headers: &HeaderMap) -> Duration {
    let first = headers.get(AGE).and_then(|line| line.as_bytes().split(|byte| *byte == b',').next());
    seconds(first.map(<[u8]>::trim_ascii)).unwrap_or_default().min(LONGEST)
}

/// The date under this name, if there is one that can be read and no other beside it.
pub fn only_date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next()?;
    if lines.any(|line| line != first) {
        return None;
    }
    httpdate::parse_http_date(first.to_str().ok()?.trim()).ok()
}

/// `Date` as it is written; all of HTTP's dates are of whole seconds.
pub fn insert_date(headers: &mut HeaderMap, name: HeaderName, date: SystemTime) {
    if let Ok(value) = HeaderValue::try_from(httpdate::fmt_http_date(date)) {
        headers.insert(name, value);
    }
}

pub fn time(moment: Moment) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_micros(moment)).unwrap_or(UNIX_EPOCH)
}

fn micros(time: SystemTime) -> Moment {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
