//! `proxy("/legacy/*", { to: service })`: one service passed through.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use frontdesk_testserver::{Gate, Script, Server, refusing};

use crate::desk::{Desk, Workspace};
use crate::wire::{Reply, request};

fn legacy() -> (Server, Desk) {
    let legacy = Server::start();
    let desk = Desk::shop(&[("legacy", legacy.url())]);
    (legacy, desk)
}

#[test]
fn any_method_path_query_and_body_pass() {
    let (legacy, desk) = legacy();
    legacy.on("*", Script::answer(207, &[("content-type", "text/xml"), ("x-own", "yes")], "<a/>"));
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "M-SEARCH"] {
        let reply = desk.ask(&request(
            method,
            "/legacy/a/b%20c/?q=1&q=%2F&r",
            &[("content-type", "text/plain")],
            b"body",
        ));
        assert_eq!((reply.status, reply.text().as_str()), (207, "<a/>"), "{method}");
        assert_eq!((reply.header("content-type"), reply.header("x-own")), (Some("text/xml"), Some("yes")));
        let got = legacy.received().pop().unwrap();
        assert_eq!((got.method.as_str(), got.target.as_str()), (method, "/a/b%20c/?q=1&q=%2F&r"));
        assert_eq!(got.body, b"body");
    }
    // The prefix alone, and a route that keeps its prefix.
    assert_eq!(desk.get("/legacy/").status, 207);
    assert_eq!(legacy.received().pop().unwrap().target, "/");
    assert_eq!(desk.get("/things/7?a").status, 207);
    assert_eq!(legacy.received().pop().unwrap().target, "/things/7?a");
    assert_eq!(desk.get("/legacy").status, 404);
    assert_eq!(desk.get("/legacyx").status, 404);
}

#[test]
fn a_path_that_the_service_may_read_as_another_route_s_is_refused() {
    let legacy = Server::start();
    legacy.on("*", Script::answer(200, &[], "{}"));
    let narrower = r#"proxy("/things/admin/*", { to: "legacy", timeout: "2s", headers: { add: { "x-by": "narrow" } } }),
    proxy("/legacy/admin/*", { to: "legacy", strip: true, headers: { add: { "x-by": "narrow" } } }),
    proxy("/things/*""#;
    let workspace = Workspace::shop().replacing("bffs/app/bff.ts", r#"proxy("/things/*""#, narrower);
    let desk = Desk::start(&workspace, &[("legacy", legacy.url())]);
    let by = |path: &str| {
        let reply = desk.get(path);
        legacy
            .received()
            .pop()
            .filter(|_| reply.status == 200)
            .map(|got| (got.header("x-by").is_some(), got.target))
    };
    let to = |narrow: bool, target: &str| Some((narrow, target.to_owned()));
    assert_eq!(by("/things/admin/x"), to(true, "/things/admin/x"));
    // Without its last slash it is the same page to most services.
    assert_eq!(by("/things/admin"), to(true, "/things/admin"));
    assert_eq!(by("/legacy/admin?a"), to(true, "/?a"));
    assert_eq!(by("/things/administration"), to(false, "/things/administration"));
    // Escapes and parameters that change nothing pass as they came.
    assert_eq!(by("/things/a%20b;v=1/%7Ec"), to(false, "/things/a%20b;v=1/%7Ec"));
    let before = legacy.received().len();
    for path in [
        "/things/%61dmin/x",
        "/things/%61dmin",
        "/things/admin;v=1/x",
        "/things/admin%3bv/x",
        "/things/%2561dmin/x",
        "/things;v/admin/x",
    ] {
        let reply = desk.get(path);
        assert!(matches!(reply.status, 400 | 404), "{path}: {}", reply.status);
        assert_eq!(legacy.received().len(), before, "{path} reached the service");
    }
}

#[test]
fn headers_go_by_rule() {
    let (legacy, desk) = legacy();
    legacy.on(
        "*",
        Script::answer(
            200,
            &[
                ("connection", "x-hop"),
                ("x-hop", "for the next one only"),
                ("keep-alive", "timeout=5"),
                ("proxy-authenticate", "Basic"),
                ("set-cookie", "a=1"),
                ("set-cookie", "b=2"),
                ("x-request-id", "the service's"),
                ("cache-control", "max-age=60"),
                ("etag", "\"1\""),
            ],
            "{}",
        ),
    );
    let headers = [
        ("cookie", "session=1"),
        ("x-secret", "s"),
        ("x-kept", "k"),
        ("x-unlisted", "u"),
        ("connection", "keep-alive, x-drop"),
        ("x-drop", "d"),
        ("te", "trailers"),
        ("proxy-authorization", "Basic x"),
        ("x-forwarded-for", "6.6.6.6"),
        ("x-forwarded-proto", "gopher"),
        ("x_forwarded_user", "root"),
        ("forwarded", "for=6.6.6.6"),
        ("x-api-key", "the client's"),
        ("x-from", "the client"),
        ("authorization", "Bearer t"),
    ];
    let reply = desk.ask(&request("GET", "/legacy/x", &headers, b""));
    let got = legacy.received().pop().unwrap();
    for gone in [
        "cookie",
        "authorization",
        "x-unlisted",
        "x-secret",
        "x-drop",
        "te",
        "proxy-authorization",
        "x_forwarded_user",
        "forwarded",
    ] {
        assert_eq!(got.header(gone), None, "{gone}");
    }
    for (name, value) in [
        ("x-kept", "k"),
        ("x-from", "frontdesk"),
        ("x-api-key", "from-the-platform"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "http"),
        ("x-forwarded-host", "desk.example"),
    ] {
        let all: Vec<&str> =
            got.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str()).collect();
        assert_eq!(all, [value], "{name}");
    }
    assert_eq!(got.header("host").unwrap(), legacy.address().to_string());
    for gone in ["x-hop", "keep-alive", "proxy-authenticate"] {
        assert_eq!(reply.header(gone), None, "{gone}");
    }
    // A service behind a BFF has no cookies of its own in the BFF's browsers.
    assert_eq!(reply.header("set-cookie"), None);
    assert_eq!((reply.header("cache-control"), reply.header("etag")), (Some("max-age=60"), Some("\"1\"")));
    let ids: Vec<_> = reply.headers.iter().filter(|(name, _)| name == "x-request-id").collect();
    assert_eq!(ids.len(), 1);
    assert_ne!(ids[0].1, "the service's");
}

#[test]
fn a_service_s_own_refusals_pass_through() {
    let (legacy, desk) = legacy();
    for status in [301, 304, 400, 401, 404, 409, 429, 500, 502, 503, 504] {
        legacy.on("*", Script::answer(status, &[("location", "/elsewhere"), ("retry-after", "7")], ""));
        if status == 304 {
            legacy.on("*", Script::status(304));
        }
        let reply = desk.get("/legacy/x");
        assert_eq!(reply.status, status);
        if status != 304 {
            assert_eq!(
                (reply.header("location"), reply.header("retry-after")),
                (Some("/elsewhere"), Some("7"))
            );
        }
    }
}

fn refusal(reply: &Reply) -> (u16, String) {
    (reply.status, reply.problem())
}

#[test]
fn a_service_that_gives_no_answer_is_a_problem_of_ours() {
    let (legacy, desk) = legacy();
    for (script, status, code) in [
        (Script::close(), 502, "service_failed"),
        (Script::reset(), 502, "service_failed"),
        (Script::garbage(), 502, "service_failed"),
        (
            Script::raw("HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc"),
            502,
            "service_failed",
        ),
        (
            Script::raw(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(300_000))),
            502,
            "service_failed",
        ),
    ] {
        legacy.on("*", script);
        let reply = desk.ask(&request("POST", "/legacy/x", &[], b"not to be sent twice"));
        assert_eq!(refusal(&reply), (status, code.to_owned()), "{reply:?}");
        assert!(!reply.text().contains("127.0.0.1"));
    }
    assert_eq!(legacy.received().len(), 5, "nothing was tried again");
    // The deadline is the route's: one second.
    legacy.on("*", Script::hang());
    let start = Instant::now();
    assert_eq!(refusal(&desk.get("/things/x")), (504, "deadline_exceeded".to_owned()));
    assert!(start.elapsed() < Duration::from_secs(8));
    let nobody = refusing();
    let desk = Desk::shop(&[("legacy", nobody.url())]);
    assert_eq!(refusal(&desk.get("/legacy/x")), (503, "service_unavailable".to_owned()));
}

#[test]
fn an_answer_that_breaks_off_breaks_off_for_the_client_too() {
    let (legacy, desk) = legacy();
    for script in [
        Script::lying(1000, "only this").closing(),
        Script::raw_chunks("9\r\nonly this\r\n").closing(),
        Script::raw_chunks("9\r\nonly this\r\nnonsense\r\n"),
    ] {
        legacy.on("*", script);
        let mut client = desk.connect();
        client.send(&request("GET", "/legacy/x", &[], b""));
        // Closed before it is whole; what had not gone out by then may be missing, down to nothing.
        let got = String::from_utf8(client.rest()).unwrap();
        assert!(!got.ends_with("0\r\n\r\n"), "{got}");
        let body = got.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        assert!(body.len() < 100 && !got.contains("content-length: 9\r\n"), "{got}");
    }
    // Nobody else is harmed.
    assert_eq!(desk.get("/nowhere").status, 404);
}

#[test]
fn the_first_byte_comes_before_the_last_is_there() {
    let (legacy, desk) = legacy();
    let gate = Gate::new();
    legacy.on("/known", Script::answer(200, &[], "all of it").body_behind(&gate));
    let mut client = desk.connect();
    client.send(&request("GET", "/legacy/known", &[], b""));
    let (status, headers) = client.head();
    assert_eq!(status, 200);
    assert!(headers.contains(&("content-length".to_owned(), "9".to_owned())));
    gate.open();
    assert_eq!(client.exactly(9), b"all of it");
    // In chunks: each as it comes.
    let (tell, told) = channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n").unwrap();
        told.recv().unwrap();
        stream.write_all(b"4\r\nlast\r\n0\r\n\r\n").unwrap();
    });
    let desk = Desk::shop(&[("legacy", url)]);
    let mut client = desk.connect();
    client.send(&request("GET", "/legacy/x", &[], b""));
    assert_eq!(client.head().0, 200);
    assert_eq!(client.chunk().as_deref(), Some(&b"first"[..]));
    tell.send(()).unwrap();
    assert_eq!(client.chunk().as_deref(), Some(&b"last"[..]));
    assert_eq!(client.chunk(), None);
    // The connection is whole again.
    assert_eq!(client.get("/nowhere").status, 404);
}

#[test]
fn a_body_is_passed_on_while_it_comes() {
    let (legacy, desk) = legacy();
    legacy.on("/echo", Script::echo());
    let mut client = desk.connect();
    client.send(&request("POST", "/legacy/echo", &[("transfer-encoding", "chunked")], b""));
    client.send(b"5\r\nfirst\r\n");
    assert_eq!(client.head().0, 200, "answered before the request is over");
    assert_eq!(client.chunk().as_deref(), Some(&b"first"[..]));
    client.send(b"6\r\nsecond\r\n");
    assert_eq!(client.chunk().as_deref(), Some(&b"second"[..]));
    client.send(b"0\r\n\r\n");
    assert_eq!(client.chunk(), None);
    assert_eq!(client.get("/nowhere").status, 404);
}

#[test]
fn large_bodies_pass_both_ways() {
    let legacy = Server::start();
    let large = "x".repeat(20 << 20);
    legacy.on("/down", Script::answer(200, &[], &large));
    legacy.on("/down-chunked", Script::chunked(&large, 100_000));
    legacy.on("/up", Script::json("{}"));
    let workspace = Workspace::shop()
        .replacing("frontdesk.yaml", "body: 64KB, header-timeout", "body: 32MB, header-timeout")
        .replacing("bffs/app/bff.ts", "body: \"16KB\"", "body: \"32MB\"");
    let desk = Desk::start(&workspace, &[("legacy", legacy.url())]);
    for path in ["/legacy/down", "/legacy/down-chunked"] {
        assert!(desk.get(path).body == large.as_bytes(), "{path}");
    }
    assert_eq!(desk.ask(&request("PUT", "/legacy/up", &[], large.as_bytes())).status, 200);
    assert!(legacy.received().pop().unwrap().body == large.as_bytes());
}

#[test]
fn bodies_over_the_limit_and_broken_ones_are_told_apart() {
    let (legacy, desk) = legacy();
    legacy.on("*", Script::json("{}"));
    let declared = desk.ask(&request("PUT", "/legacy/x", &[], &vec![b'x'; 20_000]));
    assert_eq!(refusal(&declared), (413, "body_too_large".to_owned()));
    assert!(legacy.received().is_empty(), "nothing of it was sent on");
    let head = request("PUT", "/legacy/x", &[("transfer-encoding", "chunked")], b"");
    let mut client = desk.connect();
    client.send(&head);
    for _ in 0..10 {
        client.try_send(&[b"1000\r\n", vec![b'x'; 0x1000].as_slice(), b"\r\n"].concat());
    }
    assert_eq!(refusal(&client.reply()), (413, "body_too_large".to_owned()));
    let mut client = desk.connect();
    client.send(&[head, b"nonsense\r\n".to_vec()].concat());
    assert_eq!(refusal(&client.reply()), (400, "malformed_body".to_owned()));
}

#[test]
fn head_has_the_length_and_no_body() {
    let (legacy, desk) = legacy();
    legacy.on("*", Script::raw("HTTP/1.1 200 OK\r\ncontent-length: 1234\r\ncontent-type: a/b\r\n\r\n"));
    let mut client = desk.connect();
    client.send(&request("HEAD", "/legacy/x", &[], b""));
    let reply = client.reply_to_head();
    assert_eq!((reply.status, reply.header("content-length")), (200, Some("1234")));
    assert_eq!(client.get("/nowhere").status, 404);
}

#[test]
fn a_bulkhead_bounds_what_passes_through() {
    let gate = Gate::new();
    let narrow = Server::start();
    narrow.on("*", Script::json("{}").behind(&gate));
    let workspace =
        Workspace::shop().replacing("bffs/app/bff.ts", "to: \"legacy\", timeout", "to: \"narrow\", timeout");
    let desk = Desk::start(&workspace, &[("narrow", narrow.url())]);
    let mut clients: Vec<_> = (0..2).map(|_| desk.connect()).collect();
    for client in &mut clients {
        client.send(&request("GET", "/things/x", &[], b""));
    }
    crate::desk::eventually("one is in flight", || narrow.received().len() == 1);
    for _ in 0..5 {
        desk.get("/nowhere");
    }
    let shed = desk.get("/things/x");
    assert_eq!(refusal(&shed), (503, "service_unavailable".to_owned()));
    assert_eq!(shed.header("retry-after"), Some("1"));
    gate.open();
    for client in &mut clients {
        assert_eq!(client.reply().status, 200);
    }
}
