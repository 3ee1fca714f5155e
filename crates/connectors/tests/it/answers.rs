//! What each kind of answer becomes, good ones and broken ones.

use std::time::Duration;

use frontdesk_adapter::{Connector, Fault, ServiceCall, TraceContext};
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{Policy, Settings};
use frontdesk_testserver::{Script, Server};

use crate::{AMPLE, SHORT, ask, connector, get, post, run, text, within};

const BODY: &str = r#"{"id":"p1","title":"Lamp"}"#;

#[test]
fn a_body_is_read_however_its_end_is_told() {
    let drip = Duration::from_millis(1);
    let good = [
        ("length", Script::json(BODY)),
        ("chunks", Script::chunked(BODY, 7)),
        ("one chunk", Script::chunked(BODY, 1000)),
        ("close", Script::until_close(BODY)),
        ("dripping length", Script::json(BODY).dripping(3, drip)),
        ("dripping chunks", Script::chunked(BODY, 5).dripping(2, drip)),
        ("dripping close", Script::until_close(BODY).dripping(4, drip)),
        ("early hints", Script::json(BODY).early_hints()),
        ("a few interim answers", Script::json(BODY).interim(102, 8)),
        ("trailers", Script::raw_chunks(format!("{:x}\r\n{BODY}\r\n0\r\nx-sum: 1\r\n\r\n", BODY.len()))),
        ("extensions", Script::raw_chunks(format!("{:x};a=b\r\n{BODY}\r\n000\r\n\r\n", BODY.len()))),
        ("connection: close", Script::answer(200, &[("connection", "close")], BODY).closing()),
    ];
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        for (name, script) in good {
            server.on("/p", script);
            // Twice: what is left on the connection must not spoil the next answer.
            for _ in 0..2 {
                assert_eq!(text(&connector, "/p").await.as_deref(), Ok(BODY), "{name}");
            }
        }
    });
}

#[test]
fn an_answer_without_a_body_is_empty() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/none", Script::status(204));
        server.on("/empty", Script::json(""));
        server.on("/head", Script::with_lines(&["content-length: 500"], ""));
        for _ in 0..2 {
            let answer = ask(&connector, &get("/none")).await.unwrap();
            assert_eq!((answer.status, answer.body.len()), (204, 0));
            assert_eq!(text(&connector, "/empty").await.as_deref(), Ok(""));
            let head = ServiceCall { method: "HEAD", ..get("/head") };
            assert_eq!(ask(&connector, &head).await.unwrap().body.len(), 0);
        }
        assert_eq!(server.connections(), 1, "all of them leave the connection clean");
    });
}

#[test]
fn the_type_is_told_and_left_to_the_engine() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/html", Script::answer(200, &[("content-type", "text/html")], "<html>"));
        server.on("/json", Script::json("{}"));
        assert!(!ask(&connector, &get("/html")).await.unwrap().is_expected_type);
        assert!(ask(&connector, &get("/json")).await.unwrap().is_expected_type);
    });
}

#[test]
fn a_status_other_than_success_is_a_fault() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        for status in [400, 401, 404, 409, 422, 429] {
            server.on("/s", Script::status(status));
            assert_eq!(text(&connector, "/s").await, Err(Fault::Rejected { status }));
        }
        for status in [304, 500, 502, 503, 599, 999] {
            server.on("/s", Script::status(status));
            assert_eq!(text(&connector, "/s").await, Err(Fault::Failed { status }));
        }
        assert_eq!(server.connections(), 1, "their small bodies are read, so the connection is used again");
    });
}

#[test]
fn redirects_are_not_followed() {
    run(async {
        let (server, other) = (Server::start(), Server::start());
        other.on("*", Script::json("\"secrets\""));
        let connector = connector(server.url());
        for status in [301, 302, 303, 307, 308] {
            server.on("/r", Script::answer(status, &[("location", &format!("{}/x", other.url()))], ""));
            assert_eq!(text(&connector, "/r").await, Err(Fault::Failed { status }));
        }
        assert_eq!(other.connections(), 0);
    });
}

#[test]
fn what_is_not_one_answer_is_broken() {
    let json = "content-type: application/json";
    let bad = [
        ("closed at once", Script::close()),
        ("reset at once", Script::reset()),
        ("garbage", Script::garbage()),
        ("closed in the head", Script::json(BODY).cut_at(20).closing()),
        ("reset in the head", Script::json(BODY).cut_at(20).resetting()),
        ("closed after the head", Script::json(BODY).cut_after_head().closing()),
        ("closed in the body", Script::json(BODY).cut_at(90).closing()),
        ("reset in the body", Script::json(BODY).cut_at(90).resetting()),
        ("length too long", Script::lying(BODY.len() as u64 + 1, BODY).closing()),
        ("chunks cut", Script::chunked(BODY, 5).cut_at(100).closing()),
        ("no last chunk", Script::raw_chunks("2\r\n{}\r\n").closing()),
        ("chunk size not hexadecimal", Script::raw_chunks("0x2\r\n{}\r\n0\r\n\r\n")),
        ("chunk longer than its size", Script::raw_chunks("2\r\n{} \r\n0\r\n\r\n")),
        ("bare line feeds between chunks", Script::raw_chunks("2\n{}\n0\n\n")),
        ("two lengths", Script::with_lines(&[json, "content-length: 2", "content-length: 3"], "{} ")),
        (
            "the same length twice",
            Script::with_lines(&[json, "content-length: 2", "content-length: 2"], "{}"),
        ),
        ("a list of lengths", Script::with_lines(&["content-length: 2, 2"], "{}")),
        ("a signed length", Script::with_lines(&["content-length: +2"], "{}")),
        ("a huge length", Script::with_lines(&["content-length: 99999999999999999999"], "{}")),
        (
            "length and chunks",
            Script::with_lines(&["content-length: 2", "transfer-encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n"),
        ),
        (
            "chunks and length",
            Script::with_lines(&["transfer-encoding: chunked", "content-length: 2"], "2\r\n{}\r\n0\r\n\r\n"),
        ),
        ("unknown coding", Script::with_lines(&["transfer-encoding: xchunked"], "2\r\n{}\r\n0\r\n\r\n")),
        ("two codings", Script::with_lines(&["transfer-encoding: gzip, chunked"], "2\r\n{}\r\n0\r\n\r\n")),
        ("space before the colon", Script::with_lines(&["content-length : 2"], "{}")),
        ("folded line", Script::with_lines(&["a: b", " c", "content-length: 2"], "{}")),
        ("bare line feed", Script::raw("HTTP/1.1 200 OK\ncontent-length: 2\n\n{}")),
        (
            "HTTP/1.0 with chunks",
            Script::raw("HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ),
        ("no such version", Script::raw("HTTP/3.0 200 OK\r\ncontent-length: 2\r\n\r\n{}")),
        ("no status", Script::raw("HTTP/1.1 OK\r\ncontent-length: 2\r\n\r\n{}")),
        ("status too short", Script::raw("HTTP/1.1 20 OK\r\ncontent-length: 2\r\n\r\n{}")),
        ("switching protocols", Script::raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n")),
        ("a storm of interim answers", Script::json(BODY).interim(100, 1000)),
        ("a head without end", Script::with_lines(&[&format!("x: {}", "y".repeat(40_000))], "")),
        ("more headers than anyone needs", Script::with_lines(&["x: y"; 101], "")),
    ];
    run(async {
        let server = Server::start();
        // So much that is broken would open a breaker.
        let settings = Settings { policy: Policy::plain(8), ..Settings::at(server.url()) };
        let connector = HttpService::new(settings).unwrap().local();
        for (name, script) in bad {
            server.on("/p", script);
            let got = text(&connector, "/p").await;
            assert!(matches!(got, Err(Fault::Broken(_))), "{name}: {got:?}");
            server.on("/p", Script::json(BODY));
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok(BODY), "after {name}");
        }
    });
}

#[test]
fn what_stands_behind_an_answer_never_becomes_the_next_one() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        let smuggled = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n\"evil\"";
        server.on_each("/p", [Script::lying(2, format!("{{}}{smuggled}")), Script::json("\"good\"")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"good\""));
        let tail = format!("2\r\n{{}}\r\n0\r\n\r\n{smuggled}");
        server.on_each("/p", [Script::raw_chunks(tail), Script::json("\"good\"")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"good\""));
        let body_of_none =
            format!("HTTP/1.1 204 No Content\r\ncontent-length: {}\r\n\r\n{smuggled}", smuggled.len());
        server.on_each("/p", [Script::raw(body_of_none), Script::json("\"good\"")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok(""));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"good\""));
    });
}

#[test]
fn the_body_limit_holds_for_each_framing() {
    run(async {
        let server = Server::start();
        let limited = HttpService::new(Settings { body_limit: 1000, ..Settings::at(server.url()) }).unwrap();
        let connector = limited.local();
        let (fits, over) = ("x".repeat(1000), "x".repeat(1001));
        let too_large = Err(Fault::TooLarge { limit: 1000 });
        for _ in 0..2 {
            server.on("/p", Script::json(&fits));
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok(fits.as_str()));
            server.on("/p", Script::chunked(&fits, 300));
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok(fits.as_str()));
            for script in [
                Script::json(&over),
                Script::chunked(&over, 300),
                Script::chunked(&over, 5000),
                Script::until_close(&over),
                Script::huge(3_000_000),
                Script::lying(u64::MAX / 4, "x"),
            ] {
                server.on("/p", script);
                assert_eq!(text(&connector, "/p").await, too_large);
            }
        }
    });
}

#[test]
fn large_bodies_come_whole() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        for size in [4_000, 20_000, 300_000, 3_000_000, 20_000] {
            server.on("/p", Script::huge(size));
            assert_eq!(text(&connector, "/p").await.unwrap().len(), size);
            let body = "0123456789".repeat(size / 10);
            server.on("/p", Script::chunked(&body, 4096));
            assert!(text(&connector, "/p").await.as_deref() == Ok(body.as_str()), "{size} in chunks");
        }
    });
}

#[test]
fn an_answer_outlives_the_next_one_on_its_connection() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/a", Script::json("\"aaaa\"".repeat(1000)));
        server.on("/b", Script::json("\"bbbb\"".repeat(1000)));
        let a = ask(&connector, &get("/a")).await.unwrap();
        let b = ask(&connector, &get("/b")).await.unwrap();
        assert_eq!(a.body, "\"aaaa\"".repeat(1000), "the second answer must not overwrite the first");
        assert_eq!(b.body, "\"bbbb\"".repeat(1000));
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn a_compressed_answer_is_refused() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/p", Script::answer(200, &[("content-encoding", "gzip")], [0x1f, 0x8b]));
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Malformed { .. })));
        server.on("/p", Script::answer(200, &[("content-encoding", "identity")], "{}"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(server.received()[0].header("accept-encoding"), Some("identity"));
    });
}

#[test]
fn silence_is_a_timeout_wherever_it_begins() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        for script in [
            Script::hang(),
            Script::json(BODY).cut_at(10).hanging(),
            Script::json(BODY).cut_after_head().hanging(),
            Script::json(BODY).cut_at(90).hanging(),
            Script::chunked(BODY, 5).cut_at(100).hanging(),
        ] {
            server.on("/p", script);
            let got = connector.call(&get("/p"), within(SHORT)).await;
            assert_eq!(got.map(|a| a.status), Err(Fault::TimedOut));
        }
    });
}

#[test]
fn a_request_carries_what_was_asked_for() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json("{}"));
        let settings = Settings {
            headers: vec![("X-Api-Key".to_owned(), "k1".to_owned())],
            ..Settings::at(format!("{}/api/", server.url()))
        };
        let connector = HttpService::new(settings).unwrap().local();
        let trace = TraceContext { trace_id: [7; 16], span_id: [1; 8], sampled: false };
        let headers = vec![(b"x-tenant".to_vec(), b"t1".to_vec())];
        let call = ServiceCall { trace, headers, ..post("/orders?dry=1", r#"{"a":1}"#) };
        connector.call(&call, within(AMPLE)).await.unwrap();
        let large = "y".repeat(100_000);
        ask(&connector, &post("/large", &large)).await.unwrap();

        let received = server.received();
        let order = &received[0];
        assert_eq!((order.method.as_str(), order.target.as_str()), ("POST", "/api/orders?dry=1"));
        assert_eq!(order.body, br#"{"a":1}"#);
        assert_eq!(order.header("content-type"), Some("application/json"));
        assert_eq!(order.header("x-api-key"), Some("k1"));
        assert_eq!(order.header("x-tenant"), Some("t1"));
        let id = "07".repeat(16);
        assert_eq!(order.header("x-request-id"), Some(id.as_str()));
        let parent = order.header("traceparent").unwrap();
        assert!(parent.starts_with(&format!("00-{id}-")) && parent.ends_with("-00"), "{parent}");
        let left: u64 = order.header("frontdesk-deadline-ms").unwrap().parse().unwrap();
        assert!(left > 0 && left <= AMPLE.as_millis() as u64);
        assert_eq!(received[1].body.len(), large.len());
    });
}

#[test]
fn an_argument_that_cannot_be_sent_costs_no_connection() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json("{}"));
        let connector = connector(server.url());
        text(&connector, "/a").await.unwrap();
        for target in ["/a b", "/a\r\nx: y", "a", "//ok\n"] {
            let got = ask(&connector, &get(target)).await;
            assert!(matches!(got, Err(Fault::Unsendable { .. })), "{target:?}: {got:?}");
        }
        text(&connector, "/a").await.unwrap();
        assert_eq!((server.connections(), server.received().len()), (1, 2));
    });
}
