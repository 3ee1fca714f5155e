//! What browsers are told whose pages are not ours, through the whole server.

use frontdesk_testserver::{Script, Server};

use crate::desk::{Desk, Workspace};
use crate::wire::{Reply, request};

const LISTED: &str = "https://app.example.com";
const ITEM: &str = r#"{"id":"1","title":"Lamp","minor":1}"#;

fn desk(more: &str) -> (Server, Desk) {
    let service = Server::start();
    service.on("*", Script::json(ITEM));
    let cors = format!("cors: {{ origins: [\"{LISTED}\"] }},");
    let workspace = Workspace::shop()
        .replacing("bffs/app/bff.ts", "{ bff, proxy }", "{ apiKeys, bff, proxy }")
        .replacing("bffs/app/bff.ts", "currency: \"EUR\",", &format!("currency: \"EUR\", {cors} {more}"));
    let urls = [("items", service.url()), ("legacy", service.url())];
    (service, Desk::start(&workspace, &urls))
}

fn ask(desk: &Desk, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
    desk.ask(&request(method, path, headers, b""))
}

fn varies_by(reply: &Reply, name: &str) -> bool {
    let values = reply.headers.iter().filter(|(header, _)| header == "vary").map(|(_, value)| value);
    values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(name))
}

#[test]
fn answers_and_refusals_are_shown_to_listed_origins_only() {
    let (_service, desk) = desk("auth: apiKeys(),");
    for path in ["/strict/1", "/strict/1?path=/public/status", "/legacy/x", "/nowhere"] {
        let listed = ask(&desk, "GET", path, &[("origin", LISTED)]);
        assert!(matches!(listed.status, 401 | 404), "{path}: {listed:?}");
        assert_eq!(listed.header("access-control-allow-origin"), Some(LISTED), "{path}: {listed:?}");
        assert!(varies_by(&listed, "origin"), "{path}");
        for origin in ["https://app.example.com.evil.com", "null", "http://app.example.com"] {
            let evil = ask(&desk, "GET", path, &[("origin", origin)]);
            assert_eq!(evil.status, listed.status);
            assert_eq!(evil.header("access-control-allow-origin"), None, "{path}: {evil:?}");
            assert!(varies_by(&evil, "origin"), "{path}");
        }
    }
    // A name that health checks use opens nothing.
    let probe = ask(&desk, "GET", "/strict/1", &[("user-agent", "kube-probe/1.30")]);
    assert_eq!((probe.status, probe.header("set-cookie"), probe.header("location")), (401, None, None));
}

#[test]
fn a_preflight_runs_nothing() {
    let (service, desk) = desk("auth: apiKeys(),");
    let preflight = |path: &str, origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "x-api-key"),
        ];
        ask(&desk, "OPTIONS", path, &headers)
    };
    for (path, methods) in
        [("/strict/1", "GET, HEAD, OPTIONS"), ("/legacy/x", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")]
    {
        let listed = preflight(path, LISTED);
        assert_eq!(listed.status, 204, "{path}");
        assert_eq!(listed.header("access-control-allow-origin"), Some(LISTED));
        assert_eq!(listed.header("access-control-allow-methods"), Some(methods));
        assert!(listed.header("access-control-allow-headers").unwrap().contains("x-api-key"));
        let evil = preflight(path, "https://evil.example");
        assert_eq!(evil.status, 204, "{path}");
        let granted = evil.headers.iter().find(|(name, _)| name.starts_with("access-control-allow"));
        assert_eq!(granted, None, "{path}");
    }
    assert!(service.received().is_empty());
}

#[test]
fn what_else_an_answer_varies_by_is_still_said() {
    let (_service, desk) = desk("");
    let reply = ask(&desk, "GET", "/strict/1", &[("origin", LISTED)]);
    assert_eq!(reply.status, 200);
    assert!(varies_by(&reply, "origin") && varies_by(&reply, "accept-language"), "{reply:?}");
}

#[test]
fn a_service_says_nothing_of_cors_and_hears_nothing_of_the_browser() {
    let service = Server::start();
    let headers = [
        ("content-type", "application/json"),
        ("access-control-allow-origin", "*"),
        ("set-cookie", "sid=1"),
        ("server", "nginx"),
    ];
    let answer = Script::answer(200, &headers, ITEM);
    service.on("*", answer);
    let desk = Desk::shop(&[("legacy", service.url())]);
    let headers = [
        ("origin", "https://evil.example"),
        ("cookie", "sid=1"),
        ("x_forwarded_user", "root"),
        ("x-forwarded-for", "1.1.1.1"),
        ("sec-fetch-site", "cross-site"),
        ("connection", "x-forwarded-for, x-from"),
    ];
    let reply = ask(&desk, "GET", "/legacy/x", &headers);
    assert_eq!(reply.status, 200);
    for name in ["access-control-allow-origin", "set-cookie", "server"] {
        assert_eq!(reply.header(name), None, "{name}");
    }
    let received = service.received().pop().unwrap();
    for name in ["origin", "cookie", "x_forwarded_user", "sec-fetch-site"] {
        assert_eq!(received.header(name), None, "{name}");
    }
    assert_eq!(received.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(received.header("x-from"), Some("frontdesk"));
    // A page of another origin may read what is public, but not write.
    let write = ask(&desk, "POST", "/legacy/x", &headers);
    assert_eq!((write.status, write.problem().as_str()), (403, "cross_site_request"));
    assert_eq!(service.received().len(), 1);
}
