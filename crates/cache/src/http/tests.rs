//! The rules one by one; whole conversations are in `crates/server/testdata/http-cache`.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use proptest::prelude::*;

use super::directives::{Asked, LONGEST, Said};
use super::judge::{Left, Lifetime, Question, Reply, judge, time};
use super::reuse::{Kept, Reuse, reuse, stands_in};
use super::told::{Forwarded, Told};
use super::{Moment, invalidate, validate, vary};

const SECOND: Moment = 1_000_000;
/// Sun, 06 Nov 1994 08:49:37 GMT
const THEN: Moment = 784_111_777 * SECOND;

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn judged_at(
    came: Moment,
    request: &[(&str, &str)],
    status: u16,
    reply: &[(&str, &str)],
) -> Result<Lifetime, Left> {
    let (request, reply) = (headers(request), headers(reply));
    let question = Question { method: &Method::GET, headers: &request, for_one_user: false, asked: THEN };
    judge(&question, &Reply { status: StatusCode::from_u16(status).unwrap(), headers: &reply, came })
}

fn judged(request: &[(&str, &str)], status: u16, reply: &[(&str, &str)]) -> Result<Lifetime, Left> {
    judged_at(THEN, request, status, reply)
}

fn fresh(reply: &[(&str, &str)]) -> Option<u64> {
    judged(&[], 200, reply).ok().map(|life| life.fresh.as_secs())
}

fn control(text: &str) -> Said {
    Said::read(&headers(&[("cache-control", text)]))
}

#[test]
fn directives_are_read_in_any_spelling() {
    for text in [
        "max-age=60",
        "MAX-AGE=60",
        "Max-Age=\"60\"",
        " , max-age=60 ,",
        "x=\"a, max-age=1\", max-age=60",
        "max-age=60, max-age=60",
    ] {
        assert_eq!(control(text).max_age, Some(Duration::from_secs(60)), "{text}");
    }
    for text in [
        "max-age",
        "max-age=",
        "max-age=-1",
        "max-age=1.5",
        "max-age=6 0",
        "max-age=60;x",
        "max-age='60'",
        "max-age=60, max-age=61",
    ] {
        assert_eq!(control(text).max_age, Some(Duration::ZERO), "{text}");
    }
    for text in ["max-age=2147483648", "max-age=99999999999999999999999999", "max-age=4294967296"] {
        assert_eq!(control(text).max_age, Some(LONGEST), "{text}");
    }
    for text in ["private", "Private", "private=\"set-cookie, x\"", "x=\"\\\"\", private"] {
        assert!(control(text).private, "{text}");
    }
    for text in ["x=\"private\"", "x=\"a, private\"", "not-private", "x=\"\\\", private"] {
        assert!(!control(text).private, "{text}");
    }
}

#[test]
fn what_a_client_asks_is_read() {
    let asked = |text: &str| Asked::read(&headers(&[("cache-control", text)]));
    assert_eq!(asked("max-stale").max_stale, Some(Duration::MAX));
    assert_eq!(asked("max-stale, max-stale=5").max_stale, Some(Duration::from_secs(5)));
    assert_eq!(asked("max-age=x").max_age, Some(Duration::ZERO));
    assert_eq!(asked("min-fresh=x").min_fresh, Some(LONGEST));
    assert!(asked("only-if-cached, no-store").only_if_cached);
    assert!(Asked::read(&headers(&[("pragma", "x, No-Cache")])).no_cache);
    assert!(!Asked::read(&headers(&[("pragma", "no-cache"), ("cache-control", "max-age=1")])).no_cache);
}

/// RFC 9111 §3 and §4.2.1.
#[test]
fn what_may_be_kept_and_for_how_long() {
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let in_a_minute = "Sun, 06 Nov 1994 08:50:37 GMT";
    for (reply, expected) in [
        (&[("cache-control", "max-age=60")][..], Some(60)),
        (&[("cache-control", "s-maxage=5, max-age=60")], Some(5)),
        (&[("cache-control", "max-age=60"), ("expires", "0")], Some(60)),
        (&[date, ("expires", in_a_minute)], Some(60)),
        (&[("expires", in_a_minute)], Some(60)),
        (&[date, ("expires", "Sunday, 06-Nov-94 08:50:37 GMT")], Some(60)),
        (&[date, ("expires", "Sun Nov  6 08:50:37 1994")], Some(60)),
        (
            &[
                date,
                ("expires", in_a_minute),
                ("expires", "Sun, 06 Nov 1994 08:50:38 GMT"),
                ("etag", "\"1\""),
            ],
            Some(0),
        ),
        (&[date, ("expires", "0"), ("etag", "\"1\"")], Some(0)),
        (&[date, ("expires", "tomorrow"), ("etag", "\"1\"")], Some(0)),
        (&[("cache-control", "max-age=60, proxy-revalidate")], Some(60)),
        (&[("cache-control", "max-age=60, must-revalidate")], Some(60)),
        (&[("cache-control", "max-age=60, no-cache"), ("etag", "\"1\"")], Some(0)),
        (&[("cache-control", "no-cache")], None),
        (&[("cache-control", "public")], None),
        (&[("cache-control", "max-age=60, private")], None),
        (&[("cache-control", "max-age=60, no-store")], None),
        (&[("cache-control", "max-age=60, No-Store")], None),
        (&[("cache-control", "max-age=60, no-store, must-understand")], Some(60)),
        (&[("cache-control", "max-age=60"), ("set-cookie", "a=1")], None),
        (&[("cache-control", "max-age=60, public"), ("set-cookie", "a=1")], Some(60)),
        (&[("cache-control", "max-age=60"), ("vary", "accept, *")], None),
        (&[("cache-control", "max-age=60"), ("vary", "a b")], None),
        (&[("cache-control", "max-age=60"), ("content-range", "bytes 0-1/9")], None),
        // No lifetime is guessed.
        (&[("last-modified", "Sun, 06 Nov 1984 08:49:37 GMT")], Some(0)),
        (&[("cache-control", "immutable"), ("etag", "\"1\"")], Some(0)),
        (&[], None),
    ] {
        assert_eq!(fresh(reply), expected, "{reply:?}");
    }
    for status in [200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 405, 410, 414, 501] {
        assert!(judged(&[], status, &[("cache-control", "max-age=60")]).is_ok(), "{status}");
    }
    for status in [100, 206, 304, 400, 401, 403, 416, 500, 502, 503, 504, 599] {
        assert!(judged(&[], status, &[("cache-control", "max-age=60")]).is_err(), "{status}");
    }
    assert_eq!(judged(&[], 299, &[("cache-control", "max-age=60, must-understand")]), Err(Left::Forbidden));
}

#[test]
fn what_is_for_one_user_is_kept_only_if_it_says_that_it_is_for_all() {
    let authorized = &[("authorization", "Bearer x")][..];
    for (said, by_header, on_behalf) in [
        ("max-age=60", false, false),
        ("max-age=60, must-revalidate", true, false),
        ("max-age=60, public", true, true),
        ("s-maxage=60", true, true),
        ("s-maxage=60, private", false, false),
    ] {
        let reply = headers(&[("cache-control", said)]);
        assert_eq!(judged(authorized, 200, &[("cache-control", said)]).is_ok(), by_header, "{said}");
        let none = HeaderMap::new();
        let question = Question { method: &Method::GET, headers: &none, for_one_user: true, asked: THEN };
        let reply = Reply { status: StatusCode::OK, headers: &reply, came: THEN };
        assert_eq!(judge(&question, &reply).is_ok(), on_behalf, "{said}");
    }
    assert_eq!(
        judged(&[("cache-control", "no-store")], 200, &[("cache-control", "max-age=60")]),
        Err(Left::Request)
    );
    assert_eq!(
        judged(&[("range", "bytes=0-1")], 200, &[("cache-control", "max-age=60")]),
        Err(Left::Request)
    );
}

/// RFC 9111 §4.2.3.
#[test]
fn age_is_corrected() {
    let born = |came: Moment, reply: &[(&str, &str)]| {
        let mut lines = vec![("cache-control", "max-age=600")];
        lines.extend_from_slice(reply);
        i128::from(judged_at(came, &[], 200, &lines).unwrap().born) - i128::from(THEN)
    };
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(born(THEN, &[date]), 0);
    // It took four seconds: an answer without `Date` may be as old.
    assert_eq!(born(THEN + 4 * SECOND, &[]), 0);
    assert_eq!(born(THEN + 4 * SECOND, &[date]), 0);
    assert_eq!(born(THEN + 4 * SECOND, &[("age", "10")]), -10_000_000);
    assert_eq!(born(THEN, &[("date", "Sun, 06 Nov 1994 08:48:37 GMT"), ("age", "10")]), -60_000_000);
    assert_eq!(born(THEN, &[("date", "Sun, 06 Nov 1994 08:50:37 GMT")]), 0);
    for (text, seconds) in [("7, 900", 7), ("-7", 0), ("7.5", 0), ("x", 0), ("", 0)] {
        assert_eq!(born(THEN, &[("age", text)]), -seconds * 1_000_000, "{text:?}");
    }
    assert_eq!(born(THEN, &[("age", "7"), ("age", "900")]), -7_000_000);
    let old =
        judged(&[], 200, &[("cache-control", "max-age=600"), ("age", "99999999999999999999999")]).unwrap();
    assert_eq!(old.born, 0, "before the beginning of time is its beginning");
}

fn given(request: &str, answer: &str, age: u64) -> Reuse {
    let kept = headers(&[("cache-control", answer)]);
    let asked = Asked::read(&headers(&[("cache-control", request)]));
    let said = Said::read(&kept);
    let fresh = said.s_maxage.or(said.max_age).unwrap_or_default();
    reuse(&asked, &Kept { headers: &kept, fresh, age: Duration::from_secs(age) })
}

/// RFC 9111 §4.2.4, §5.2.1; RFC 5861 §3.
#[test]
fn what_is_kept_is_given_to_whom_it_suits() {
    use Reuse::{Fresh, Stale, Validate, WhileRefreshing};
    for (request, answer, age, expected) in [
        ("", "max-age=60", 59, Fresh),
        ("", "max-age=60", 60, Validate),
        ("no-cache", "max-age=60", 0, Validate),
        ("max-age=10", "max-age=60", 10, Fresh),
        ("max-age=10", "max-age=60", 11, Validate),
        ("max-age=0", "max-age=60", 0, Fresh),
        ("min-fresh=10", "max-age=60", 50, Fresh),
        ("min-fresh=10", "max-age=60", 51, Validate),
        ("max-stale", "max-age=60", 9999, Stale),
        ("max-stale=10", "max-age=60", 70, Stale),
        ("max-stale=10", "max-age=60", 71, Validate),
        ("max-stale=10, max-age=65", "max-age=60", 66, Validate),
        ("max-stale", "max-age=60, must-revalidate", 61, Validate),
        ("max-stale", "max-age=60, proxy-revalidate", 61, Validate),
        ("max-stale", "s-maxage=60", 61, Validate),
        ("max-stale", "max-age=60, no-cache", 61, Validate),
        ("", "max-age=60, stale-while-revalidate=30", 90, WhileRefreshing),
        ("", "max-age=60, stale-while-revalidate=30", 91, Validate),
        ("max-age=100", "max-age=60, stale-while-revalidate=30", 61, Validate),
        ("min-fresh=1", "max-age=60, stale-while-revalidate=30", 61, Validate),
        ("", "max-age=60, stale-while-revalidate=30, must-revalidate", 61, Validate),
        ("", "s-maxage=60, stale-while-revalidate=30", 61, Validate),
    ] {
        assert_eq!(given(request, answer, age), expected, "{request} / {answer} / {age}");
    }
}

/// RFC 5861 §4.
#[test]
fn what_is_kept_stands_in_for_a_failure() {
    for (request, answer, age, expected) in [
        ("", "max-age=60, stale-if-error=30", 90, true),
        ("", "max-age=60, stale-if-error=30", 91, false),
        ("stale-if-error=30", "max-age=60", 90, true),
        ("", "max-age=60", 61, false),
        ("no-cache", "max-age=60, stale-if-error=30", 61, false),
        ("", "max-age=60, stale-if-error=30, must-revalidate", 61, false),
        ("stale-if-error=30", "s-maxage=60", 61, false),
    ] {
        let kept = headers(&[("cache-control", answer)]);
        let asked = Asked::read(&headers(&[("cache-control", request)]));
        let kept = Kept { headers: &kept, fresh: Duration::from_secs(60), age: Duration::from_secs(age) };
        assert_eq!(stands_in(&asked, &kept), expected, "{request} / {answer} / {age}");
    }
}

/// RFC 9110 §13.1.2, §13.1.3.
#[test]
fn clients_learn_that_they_have_it_already() {
    let kept = &[("etag", "\"a,b\""), ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")][..];
    for (asked, kept, expected) in [
        (&[("if-none-match", "\"a,b\"")][..], kept, true),
        (&[("if-none-match", "W/\"a,b\"")], kept, true),
        (&[("if-none-match", "\"x\", W/\"y,z\" ,\"a,b\"")], kept, true),
        (&[("if-none-match", "\"x\""), ("if-none-match", "\"a,b\"")], kept, true),
        (&[("if-none-match", "*")], kept, true),
        (&[("if-none-match", "\"a\"")], kept, false),
        (&[("if-none-match", "\"a, \"a,b")], kept, false),
        (&[("if-none-match", "\"A,B\"")], kept, false),
        (&[("if-none-match", "")], kept, false),
        (&[("if-none-match", "x\"a,b\"")], kept, false),
        (&[("if-none-match", "\"x\"")], &[("etag", "W/\"x\"")], true),
        // The date does not count beside a tag.
        (&[("if-none-match", "\"x\""), ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")], kept, false),
        (&[("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")], kept, true),
        (&[("if-modified-since", "Sunday, 06-Nov-94 08:49:38 GMT")], kept, true),
        (&[("if-modified-since", "Sun, 06 Nov 1994 08:49:36 GMT")], kept, false),
        (&[("if-modified-since", "yesterday")], kept, false),
        (
            &[("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT")],
            &[("date", "Sun, 06 Nov 1994 08:49:00 GMT")],
            true,
        ),
        (&[], kept, false),
    ] {
        assert_eq!(
            validate::has_it(&headers(asked), &headers(kept), THEN + SECOND),
            expected,
            "{asked:?} / {kept:?}"
        );
    }
}

/// RFC 9111 §4.3.4 and §3.2.
#[test]
fn a_304_updates_what_it_is_about() {
    for (kept, not_modified, expected) in [
        (&[("etag", "\"1\"")][..], &[("etag", "\"1\"")][..], true),
        (&[("etag", "W/\"1\"")], &[("etag", "W/\"1\"")], true),
        (&[("etag", "\"1\"")], &[("etag", "W/\"1\"")], true),
        (&[("etag", "W/\"1\"")], &[("etag", "\"1\"")], false),
        (&[("etag", "\"1\"")], &[("etag", "\"2\"")], false),
        (&[("last-modified", "x")], &[("etag", "\"2\"")], false),
        (&[("last-modified", "x")], &[("last-modified", "x")], true),
        (&[("last-modified", "x")], &[("last-modified", "y")], false),
        (&[("etag", "\"1\"")], &[], true),
    ] {
        assert_eq!(
            validate::is_about(&headers(kept), &headers(not_modified)),
            expected,
            "{kept:?} / {not_modified:?}"
        );
    }
    let kept = headers(&[
        ("content-type", "a/b"),
        ("content-length", "5"),
        ("content-encoding", "br"),
        ("x", "1"),
        ("x", "2"),
        ("y", "0"),
        ("age", "9"),
    ]);
    let newer = headers(&[
        ("x", "3"),
        ("content-length", "0"),
        ("content-encoding", "gzip"),
        ("cache-control", "max-age=5"),
        ("connection", "y, keep-alive"),
        ("y", "1"),
        ("set-cookie", "a=1"),
    ]);
    let merged = validate::merged(&kept, &newer);
    let expected = headers(&[
        ("content-type", "a/b"),
        ("content-length", "5"),
        ("content-encoding", "br"),
        ("x", "3"),
        ("y", "0"),
        ("cache-control", "max-age=5"),
    ]);
    assert_eq!(merged, expected);
}

/// RFC 9111 §4.1.
#[test]
fn answers_are_selected_by_what_they_vary_by() {
    let names = |text: &str| {
        vary::names(&headers(&[("vary", text)]))
            .map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    };
    assert_eq!(names("Accept, accept-encoding,,ACCEPT").as_deref(), Some("accept accept-encoding"));
    assert_eq!(names(""), Some(String::new()));
    assert_eq!(names("accept, *"), None);
    assert_eq!(names("a b"), None);
    assert_eq!(names(&(0..17).map(|n| format!("x-{n}")).collect::<Vec<_>>().join(",")), None);
    let value = |lines: &[(&str, &str)], name: &'static str| {
        vary::value(&headers(lines), &HeaderName::from_static(name))
            .map(|value| String::from_utf8(value).unwrap())
    };
    assert_eq!(value(&[], "accept"), None);
    assert_eq!(value(&[("accept", "")], "accept").as_deref(), Some(""));
    assert_eq!(value(&[("accept", "a/b ,  C/d"), ("accept", "e")], "accept").as_deref(), Some("a/b,C/d,e"));
    assert_eq!(value(&[("accept-encoding", "GZIP, br")], "accept-encoding").as_deref(), Some("gzip,br"));
}

/// RFC 9111 §4.4.
#[test]
fn unsafe_requests_put_things_out_of_date() {
    let is = |method: &str, status| invalidate::changes(&method.parse().unwrap(), status);
    assert!(is("POST", 200) && is("PUT", 204) && is("DELETE", 303) && is("M-SEARCH", 200));
    assert!(
        !is("POST", 400)
            && !is("DELETE", 500)
            && !is("GET", 200)
            && !is("OPTIONS", 200)
            && !is("PROPFIND", 207)
    );
    let named = |location: &str| {
        invalidate::named(&headers(&[("location", location)]), "/a/b/c?q", &["shop.example"]).pop()
    };
    for (location, expected) in [
        ("/x?y#z", Some("/x?y")),
        ("d", Some("/a/b/d")),
        ("../d/./e/..", Some("/a/d/")),
        ("../../../../d", Some("/d")),
        ("?n", Some("/a/b/c?n")),
        ("https://SHOP.example/x", Some("/x")),
        ("HTTP://shop.example?x", Some("/?x")),
        ("//shop.example/x", Some("/x")),
        ("https://evil.example/x", None),
        ("https://shop.example@evil.example/x", None),
        ("mailto:x@y", None),
        ("", None),
    ] {
        assert_eq!(named(location).as_deref(), expected, "{location}");
    }
}

#[test]
fn an_answer_says_how_it_came() {
    let said = |told: Told| {
        let mut out = HeaderMap::new();
        told.write(&mut out);
        let text = |name: &str| out.get(name).map(|value| value.to_str().unwrap().to_owned());
        (text("cache-status").unwrap(), text("frontdesk-cache"))
    };
    let age = Duration::from_secs(12);
    let pair = |status: &str, own: &str| (status.to_owned(), Some(own.to_owned()));
    assert_eq!(said(Told::Hit { left: 18, age }), pair("frontdesk; hit; ttl=18", "hit;age=12"));
    assert_eq!(said(Told::Hit { left: -3, age }), pair("frontdesk; hit; ttl=-3", "stale;age=12"));
    assert_eq!(
        said(Told::Collapsed { left: 5, age }),
        pair("frontdesk; fwd=miss; collapsed; ttl=5", "shared;age=12")
    );
    let stored = Told::Forwarded {
        why: Forwarded::Stale,
        status: Some(304),
        stored: true,
        left: Some(60),
        is_stale: false,
        age: None,
    };
    assert_eq!(said(stored), pair("frontdesk; fwd=stale; fwd-status=304; stored; ttl=60", "miss"));
    assert_eq!(said(Told::forwarded(Forwarded::Bypass)), pair("frontdesk; fwd=bypass", "miss"));
    assert_eq!(said(Told::Nothing), ("frontdesk; detail=only-if-cached".to_owned(), None));
}

/// §4.2 once more, as the RFC's own formulas stand there, in whole seconds and without any of the code above.
struct Naive {
    max_age: Option<u64>,
    s_maxage: Option<u64>,
    expires: Option<i64>,
    date: Option<i64>,
    age: Option<u64>,
    delay: u64,
}

impl Naive {
    fn lifetime(&self, response_time: i64) -> i64 {
        match (self.s_maxage, self.max_age, self.expires) {
            (Some(seconds), ..) | (None, Some(seconds), _) => i64::try_from(seconds.min(1 << 31)).unwrap(),
            (None, None, Some(expires)) => (expires - self.date.unwrap_or(response_time)).max(0),
            (None, None, None) => 0,
        }
    }

    fn age(&self, response_time: i64, now: i64) -> i64 {
        let apparent_age = (response_time - self.date.unwrap_or(response_time)).max(0);
        let age_value = i64::try_from(self.age.unwrap_or(0).min(1 << 31)).unwrap();
        let corrected_age_value = age_value + i64::try_from(self.delay).unwrap();
        apparent_age.max(corrected_age_value) + (now - response_time)
    }
}

proptest! {
    #[test]
    fn freshness_is_as_the_formulas_have_it(
        max_age in proptest::option::of(prop_oneof![0u64..1000, 0u64..1 << 40]),
        s_maxage in proptest::option::of(0u64..1000),
        expires in proptest::option::of(-1000i64..1000),
        date in proptest::option::of(-500i64..500),
        age in proptest::option::of(prop_oneof![0u64..1000, 0u64..1 << 30]),
        delay in 0u64..30,
        later in 0u64..2000,
    ) {
        let sent = i64::try_from(THEN / SECOND).unwrap();
        let response_time = sent + i64::try_from(delay).unwrap();
        let naive = Naive { max_age, s_maxage, expires: expires.map(|at| sent + at), date: date.map(|at| sent + at), age, delay };
        let mut reply = HeaderMap::new();
        let mut add = |name: &'static str, value: String| { reply.append(name, HeaderValue::try_from(value).unwrap()); };
        add("etag", "\"1\"".to_owned());
        if let Some(seconds) = max_age { add("cache-control", format!("max-age={seconds}")); }
        if let Some(seconds) = s_maxage { add("cache-control", format!("s-maxage={seconds}")); }
        for (name, at) in [("expires", naive.expires), ("date", naive.date)] {
            if let Some(at) = at {
                let moment = u64::try_from(at).unwrap() * SECOND;
                add(name, httpdate::fmt_http_date(time(moment)));
            }
        }
        if let Some(seconds) = age { add("age", seconds.to_string()); }
        let request = HeaderMap::new();
        let came = u64::try_from(response_time).unwrap() * SECOND;
        let question = Question { method: &Method::GET, headers: &request, for_one_user: false, asked: THEN };
        let life = judge(&question, &Reply { status: StatusCode::OK, headers: &reply, came }).unwrap();
        let lifetime = naive.lifetime(response_time);
        prop_assert_eq!(i64::try_from(life.fresh.as_secs()).unwrap(), lifetime);
        let now = response_time + i64::try_from(later).unwrap();
        let naive_age = naive.age(response_time, now);
        // Before 1970 nothing was born: such an age is only known to be great.
        if naive_age < sent {
            let age = (u64::try_from(now).unwrap() * SECOND - life.born) / SECOND;
            prop_assert_eq!(i64::try_from(age).unwrap(), naive_age);
            let kept = Kept { headers: &reply, fresh: life.fresh, age: Duration::from_secs(age) };
            let is_fresh = reuse(&Asked::default(), &kept) == Reuse::Fresh;
            prop_assert_eq!(is_fresh, lifetime > naive_age);
        }
    }

    /// Whatever a service or client writes, nothing here panics, and what is not to be stored never is.
    #[test]
    fn nonsense_is_survived(lines in proptest::collection::vec((0usize..8, "[ -~]{0,40}"), 0..12)) {
        let names = ["cache-control", "expires", "date", "age", "vary", "etag", "if-none-match", "pragma"];
        let mut map = HeaderMap::new();
        for (at, text) in &lines {
            map.append(names[*at], HeaderValue::from_str(text).unwrap());
        }
        let _ = judge(
            &Question { method: &Method::GET, headers: &map, for_one_user: false, asked: THEN },
            &Reply { status: StatusCode::OK, headers: &map, came: THEN },
        );
        let _ = validate::has_it(&map, &map, THEN);
        map.append("cache-control", HeaderValue::from_static("NO-STORE"));
        if Said::read(&map).no_store && !Said::read(&map).must_understand {
            let request = HeaderMap::new();
            let question = Question { method: &Method::GET, headers: &request, for_one_user: false, asked: THEN };
            let judged = judge(&question, &Reply { status: StatusCode::OK, headers: &map, came: THEN });
            prop_assert!(judged.is_err());
        }
    }
}
