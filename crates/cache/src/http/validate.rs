//! Asking whether a kept answer still stands (RFC 9111 §4.3), and answering clients that ask us so (RFC 9110 §13).

use http::header::{
    ACCEPT_RANGES, AGE, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_RANGE, DATE, ETAG, EXPIRES, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE, SET_COOKIE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE, VARY,
};

use super::Moment;
use super::judge::{only_date, time};

/// Whether the request has conditions that only the service can judge, or wants a part: it goes past the cache.
pub fn is_for_the_service(headers: &HeaderMap) -> bool {
    [RANGE, IF_RANGE, IF_MATCH, IF_UNMODIFIED_SINCE].iter().any(|name| headers.contains_key(name))
}

/// Takes a client's own validators out of a request; gives them.
pub fn take_conditions(headers: &mut HeaderMap) -> HeaderMap {
    let mut taken = HeaderMap::new();
    for name in [IF_NONE_MATCH, IF_MODIFIED_SINCE] {
        for value in headers.get_all(&name) {
            taken.append(name.clone(), value.clone());
        }
        headers.remove(&name);
    }
    taken
}

/// The headers of a request that ask whether the answer with `kept` headers still stands (§4.3.1). None if it cannot be
/// asked.
pub fn conditions(kept: &HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let tag = kept.get(ETAG).map(|tag| (IF_NONE_MATCH, tag.clone()));
    let date = kept.get(LAST_MODIFIED).map(|date| (IF_MODIFIED_SINCE, date.clone()));
    tag.into_iter().chain(date)
}

/// Whether the 304 with these headers is about the answer that is kept (§4.3.4).
pub fn is_about(kept: &HeaderMap, not_modified: &HeaderMap) -> bool {
    if let Some(new) = not_modified.get(ETAG) {
        let Some(old) = kept.get(ETAG) else { return false };
        // A strong one means the same bytes, which a weak one that is kept does not promise.
        return if is_weak(new) { opaque(new) == opaque(old) } else { new == old };
    }
    match not_modified.get(LAST_MODIFIED) {
        Some(new) => kept.get(LAST_MODIFIED) == Some(new),
        None => true,
    }
}

/// Whether a `HEAD` answered 200 so speaks of what is kept (§4.3.5): the same validators and length, where it says them.
pub fn still_describes(kept: &HeaderMap, head: &HeaderMap) -> bool {
    [ETAG, LAST_MODIFIED, CONTENT_LENGTH]
        .iter()
        .all(|name| head.get(name).is_none_or(|new| kept.get(name) == Some(new)))
}

/// The kept headers, updated by what a newer answer says (§3.2). What describes the kept bytes stays as it is.
pub fn merged(kept: &HeaderMap, newer: &HeaderMap) -> HeaderMap {
    let newer = keepable(newer);
    let mut out = kept.clone();
    for name in newer.keys().filter(|name| !describes_bytes(name)) {
        out.remove(name);
        for value in newer.get_all(name) {
            out.append(name.clone(), value.clone());
        }
    }
    // The old one's age is no word on the new one's.
    if !newer.contains_key(AGE) {
        out.remove(AGE);
    }
    out
}

fn describes_bytes(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, CONTENT_ENCODING, CONTENT_RANGE, TRANSFER_ENCODING].contains(name)
}

/// The headers of an answer that may be kept (§3.1): not those of the connection or named by it, no cookie.
pub fn keepable(headers: &HeaderMap) -> HeaderMap {
    let mut out = headers.clone();
    let named =
        headers.get_all(CONNECTION).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    for name in named.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()) {
        out.remove(name);
    }
    for name in [CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, SET_COOKIE] {
        out.remove(name);
    }
    for name in [
        "keep-alive",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "set-cookie2",
    ] {
        out.remove(name);
    }
    out
}

/// Whether a client that asks on `conditions` has the answer already (RFC 9110 §13.2.2). `came` is when it was received.
pub fn has_it(conditions: &HeaderMap, kept: &HeaderMap, came: Moment) -> bool {
    if conditions.contains_key(IF_NONE_MATCH) {
        let tag = kept.get(ETAG);
        return conditions.get_all(IF_NONE_MATCH).iter().any(|line| names(line, tag));
    }
    let Some(since) = only_date(conditions, &IF_MODIFIED_SINCE) else { return false };
    // RFC 9111 §4.3.2: of an answer without the date, its own.
    let modified =
        only_date(kept, &LAST_MODIFIED).or_else(|| only_date(kept, &DATE)).unwrap_or_else(|| time(came));
    modified <= since
}

/// The headers of a 304 that stands for an answer with these (RFC 9110 §15.4.5).
pub fn of_304(headers: &HeaderMap) -> HeaderMap {
    let mut out = HeaderMap::new();
    let has_tag = headers.contains_key(ETAG);
    for name in
        [CACHE_CONTROL, CONTENT_LOCATION, DATE, ETAG, EXPIRES, VARY, AGE, LAST_MODIFIED, ACCEPT_RANGES]
    {
        // Who has the tag needs no date.
        if (name == LAST_MODIFIED || name == ACCEPT_RANGES) && has_tag {
            continue;
        }
        for value in headers.get_all(&name) {
            out.append(name.clone(), value.clone());
        }
    }
    out
}

/// Whether a line of `If-None-Match` names the tag, or anything at all (`*`).
fn names(line: &HeaderValue, tag: Option<&HeaderValue>) -> bool {
    let mut rest = line.as_bytes().trim_ascii();
    if rest == b"*" {
        return true;
    }
    let Some(wanted) = tag.map(opaque) else { return false };
    while let Some(start) = rest.iter().position(|byte| !matches!(byte, b',' | b' ' | b'\t')) {
        let Some(one) = rest.get(start..) else { return false };
        let inner = one.strip_prefix(b"W/").unwrap_or(one);
        // A tag may hold commas; one without quotes ends at the next comma.
        let end = match inner.strip_prefix(b"\"").and_then(|text| text.iter().position(|byte| *byte == b'"'))
        {
            Some(at) => at + 2,
            None => inner.iter().position(|byte| *byte == b',').unwrap_or(inner.len()),
        };
        let (found, behind) = inner.split_at(end);
        if found.trim_ascii() == wanted {
            return true;
        }
        rest = behind;
    }
    false
}

fn is_weak(tag: &HeaderValue) -> bool {
    tag.as_bytes().trim_ascii().starts_with(b"W/")
}

/// Without its weakness (RFC 9110 §8.8.3.2).
fn opaque(tag: &HeaderValue) -> &[u8] {
    let text = tag.as_bytes().trim_ascii();
    text.strip_prefix(b"W/").unwrap_or(text)
}
