//! Requests made up of tricks: whatever comes out of them, nobody without a credential gets what is private, and
//! nobody with one gets past the path that they asked for.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};

use super::house::{COOKIE, House};

/// A request, as pieces that mean something to somebody on its way.
#[derive(Clone, Debug)]
struct Trick {
    method: &'static str,
    path: String,
    lines: Vec<String>,
}

const PIECES: &[&str] = &[
    "/me",
    "/account/1",
    "/private/x",
    "/statement",
    "/mine",
    "/public/1",
    "/open/x",
    "/auth/session",
    "/auth/login",
    "/",
    "//",
    "/.",
    "/..",
    "/../",
    "/./",
    "%2e",
    "%2e%2e",
    "%2E%2E/",
    "..%2f",
    "%2f",
    "%5c",
    "\\",
    "..\\",
    ";",
    ";x=1",
    "..;/",
    "?",
    "?/public/1",
    "#",
    "%23",
    "%3f",
    "%00",
    "%0a",
    "%0d%0a",
    "%20",
    "%25",
    "%252e",
    "%252f",
    "%c0%ae",
    "%ef%bc%8f",
    "%zz",
    "%",
    ".css",
    ".json",
    "/status",
    "private",
    "PRIVATE",
    "%70rivate",
    "me",
    "x",
    "@",
    ":80",
    "*",
    "http://",
    "localhost",
];

const LINES: &[&str] = &[
    "x-forwarded-user: ada",
    "x_forwarded_user: ada",
    "x-original-url: /public/1",
    "x-rewrite-url: /public/1",
    "x-forwarded-for: 127.0.0.1",
    "x-forwarded-proto: https",
    "forwarded: for=127.0.0.1",
    "x-http-method-override: GET",
    "authorization: Basic YWRhOmFkYQ==",
    "authorization: Bearer x",
    "authorization: Bearer eyJhbGciOiJub25lIn0.e30.",
    "x-api-key: fdk_web_aaaaaaaa_b",
    "dpop: a.b.c",
    "cookie: __Host-Http-fd-web=x.y",
    "cookie: __host-http-fd-web={ada}",
    "cookie: =__Host-Http-fd-web={ada}",
    "cookie: __Host-Http-fd-web={ada}; __Host-Http-fd-web=x",
    "cookie: a=__Host-Http-fd-web={ada}",
    "cookie: \"__Host-Http-fd-web\"={ada}",
    "cookie: fd-web={ada}",
    "cookie: __Host-Http-fd-web={gone}",
    "cookie2: __Host-Http-fd-web={ada}",
    "cookie: __Host-Http-fd-web={half}",
    "x-frontdesk: 1",
    "sec-fetch-site: same-origin",
    "sec-fetch-site: none",
    "sec-fetch-mode: navigate",
    "sec-fetch-dest: document",
    "origin: {origin}",
    "user-agent: kube-probe/1",
    "upgrade: websocket",
    "accept: text/html",
    "content-type: application/json",
    "connection: Cookie",
    "transfer-encoding: identity",
    "host: evil.example",
    "expect: 100-continue",
    "max-forwards: 0",
    "x-middleware-subrequest: middleware",
];

fn path() -> impl Strategy<Value = String> {
    let start =
        select(vec!["/me", "/account/1", "/private/x", "/private/", "/public/", "/open/", "/", "/auth/", ""]);
    (start, prop::collection::vec(select(PIECES), 0..5))
        .prop_map(|(start, pieces)| format!("{start}{}", pieces.concat()))
}

fn trick() -> impl Strategy<Value = Trick> {
    let methods = vec!["GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "FOO"];
    let lines = prop::collection::vec(select(LINES), 0..7);
    (select(methods), path(), lines).prop_map(|(method, path, lines)| Trick {
        method,
        path,
        lines: lines.into_iter().map(str::to_owned).collect(),
    })
}

fn bytes(house: &House, trick: &Trick, more: &str) -> Vec<u8> {
    let host = house.origin.strip_prefix("http://").unwrap();
    let Trick { method, path, lines } = trick;
    let ada = &house.cookies["ada"];
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{more}");
    for line in lines {
        let line = line
            .replace("{ada}", ada)
            .replace("{gone}", &house.cookies["signed-out"])
            .replace("{half}", ada.split('.').next().unwrap())
            .replace("{origin}", &house.origin);
        request += &format!("{line}\r\n");
    }
    if !["GET", "HEAD", "OPTIONS"].contains(method) {
        request += "content-length: 0\r\n";
    }
    (request + "\r\n").into_bytes()
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

/// No request without a good credential reaches a private service or view.
pub fn nothing_private_without_a_credential(house: &House) {
    let tried = runner(1500).run(&trick(), |trick| {
        let request = bytes(house, &trick, "");
        let marks = house.marks();
        let answer = house.ask("web", &request);
        let calls = house.since(&marks);
        prop_assert!(!calls.contains_key("account") && !calls.contains_key("legacy"), "{calls:?}");
        prop_assert!(!answer.body.contains("\"subject\""), "{answer:?}");
        prop_assert!(!answer.body.contains("whoever asks") && !answer.body.contains("legacy"), "{answer:?}");
        let cookie = answer.all("set-cookie").any(|set| !set.starts_with(&format!("{COOKIE}-login=")));
        prop_assert!(!cookie, "{answer:?}");
        for call in calls.values().flatten() {
            prop_assert!(
                call.header("cookie").is_none() && call.header("x-forwarded-user").is_none(),
                "{call:?}"
            );
        }
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
}

/// Somebody's good credential, sent by a page of somebody else's.
pub fn nothing_private_for_other_pages(house: &House) {
    let from = select(vec![
        "sec-fetch-site: same-site\r\nsec-fetch-mode: navigate\r\nsec-fetch-dest: document\r\n",
        "sec-fetch-site: cross-site\r\norigin: https://evil.example\r\n",
        "origin: https://evil.example\r\n",
        "origin: null\r\n",
        "sec-fetch-site: same-site\r\norigin: http://localhost:1\r\ncontent-type: text/plain\r\n",
    ]);
    let tried = runner(700).run(&(trick(), from), |(trick, from)| {
        let more = format!("cookie: {COOKIE}={}\r\n{from}", house.cookies["ada"]);
        let marks = house.marks();
        let answer = house.ask("web", &bytes(house, &trick, &more));
        let calls = house.since(&marks);
        prop_assert!(!calls.contains_key("account") && !calls.contains_key("legacy"), "{calls:?}");
        prop_assert!(!answer.body.contains("\"subject\""), "{answer:?}");
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
}

/// With a good credential a proxy passes on the path that was asked for, below its prefix, and no other.
pub fn what_is_forwarded_is_what_was_asked_for(house: &House) {
    let passed = std::cell::Cell::new(0);
    let tried = runner(700).run(&(select(vec!["GET", "POST", "DELETE"]), path()), |(method, path)| {
        let trick = Trick { method, path, lines: Vec::new() };
        let more = format!(
            "cookie: {COOKIE}={}\r\nsec-fetch-site: same-origin\r\nx-frontdesk: 1\r\n",
            house.cookies["ada"]
        );
        let marks = house.marks();
        house.ask("web", &bytes(house, &trick, &more));
        let calls = house.since(&marks);
        passed.set(passed.get() + usize::from(!calls.is_empty()));
        for (service, prefix) in [("legacy", "/private"), ("open", "/open")] {
            for call in calls.get(service).into_iter().flatten() {
                prop_assert_eq!(format!("{prefix}{}", call.target), trick.path.as_str());
                let bare =
                    call.target.split('?').next().unwrap_or_default().to_lowercase().replace("%2e", ".");
                prop_assert!(!bare.split('/').any(|segment| segment == "." || segment == ".."), "{}", bare);
                prop_assert_eq!(call.header("authorization").is_some(), service == "legacy");
            }
        }
        for call in calls.get("account").into_iter().flatten() {
            prop_assert!(
                call.target.starts_with("/accounts/") && call.target.matches('/').count() == 2,
                "{}",
                call.target
            );
        }
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
    assert!(passed.get() > 20, "some of it is let through: {}", passed.get());
}
