//! What clients and services say of caching, each line as they please: it is read without a fault, and what is kept holds
//! to what the headers say.
#![no_main]

use std::time::Duration;

use frontdesk_cache::http::directives::{Asked, LONGEST, Said};
use frontdesk_cache::http::judge::{self, Question, Reply};
use frontdesk_cache::http::{invalidate, reuse, validate, vary};
use http::header::{HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY};
use http::{Method, StatusCode};
use libfuzzer_sys::fuzz_target;

const CAME: u64 = 1_800_000_000_000_000;

fuzz_target!(|bytes: &[u8]| {
    let [flags, status, took, rest @ ..] = bytes else { return };
    let mut parts = rest.split(|byte| *byte == 0);
    let (asked, said) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let (request, response) = (headers(asked), headers(said));
    let status = StatusCode::from_u16(100 + u16::from(*status) * 2).expect("below 612");
    let question = Question {
        method: if flags & 1 == 0 { &Method::GET } else { &Method::HEAD },
        headers: &request,
        for_one_user: flags & 2 != 0,
        asked: CAME - u64::from(*took) * 1_000_000,
    };
    let told = Said::read(&response);
    let wants = Asked::read(&request);
    if let Ok(lifetime) = judge::judge(&question, &Reply { status, headers: &response, came: CAME }) {
        assert!(!told.private && (!told.no_store || told.must_understand) && !wants.no_store);
        assert!(!question.for_one_user || told.is_for_everybody());
        assert!(!response.contains_key(SET_COOKIE) || told.public);
        assert!(lifetime.born <= CAME && lifetime.fresh <= LONGEST + Duration::from_secs(300 * 366 * 86_400));
        assert!(!told.forbids_stale() || lifetime.stale_if_error.is_zero());
        for name in vary::names(&response).expect("what varies by too much is not kept") {
            let _ = vary::value(&request, &name);
        }
    }
    let kept = validate::keepable(&response);
    assert!(!kept.contains_key(SET_COOKIE));
    let merged = validate::merged(&kept, &response);
    assert!(!merged.contains_key(SET_COOKIE) && merged.get_all(VARY).iter().count() <= response.len());
    let _ = validate::has_it(&request, &kept, CAME);
    let _ = validate::is_about(&kept, &request);
    let of_304 = validate::of_304(&kept);
    assert!(of_304.keys().all(|name| kept.contains_key(name)));
    let age = judge::age(&response);
    let known = reuse::Kept { headers: &kept, fresh: Duration::from_secs(60), age };
    let _ = (reuse::reuse(&wants, &known), reuse::stands_in(&wants, &known));
    for target in invalidate::named(&response, "/a/b?c", &["example.com"]) {
        assert!(target.starts_with('/'), "{target:?}");
    }
});

/// Lines of a name, a colon and a value; the commonest names stand for themselves by a digit.
fn headers(bytes: &[u8]) -> HeaderMap {
    const NAMES: [&str; 10] = [
        "cache-control", "pragma", "vary", "expires", "date", "age", "etag", "last-modified", "if-none-match",
        "location",
    ];
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = match &line[..colon] {
            [digit @ b'0'..=b'9'] => HeaderName::from_bytes(NAMES[usize::from(digit - b'0')].as_bytes()),
            name => HeaderName::from_bytes(name),
        };
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(&line[colon + 1..])) {
            headers.append(name, value);
        }
    }
    headers
}
