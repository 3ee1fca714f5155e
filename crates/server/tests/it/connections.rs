//! What one connection may use up, and when it is given up.

use std::time::{Duration, Instant};

use frontdesk_testserver::{Gate, Script, Server};

use crate::desk::{Desk, Workspace, eventually};
use crate::wire::{Client, post, request};

const LIMITS: &str = "header-timeout: 5s, idle-timeout: 60s, connections: 1000";

fn limited(limits: &str) -> Workspace {
    Workspace::shop().replacing("frontdesk.yaml", LIMITS, limits)
}

#[test]
fn a_connection_is_kept_and_requests_may_be_pipelined() {
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#));
    items.on(
        "/items/2",
        Script::json(r#"{"id":"2","title":"Shade","minor":1}"#).after(Duration::from_millis(200)),
    );
    let desk = Desk::shop(&[("items", items.url())]);
    let mut client = desk.connect();
    for _ in 0..3 {
        assert_eq!(client.get("/strict/1").json()["id"], "1");
    }
    // The slow one first: answers come in the order of the requests.
    let both = [request("GET", "/strict/2", &[], b""), request("GET", "/strict/1", &[], b"")].concat();
    client.send(&both);
    assert_eq!(client.reply().json()["id"], "2");
    assert_eq!(client.reply().json()["id"], "1");
    client.send(&request("GET", "/strict/1", &[("connection", "close")], b""));
    assert_eq!(client.reply().status, 200);
    assert!(client.is_closed());
    assert_eq!(items.connections(), 1, "and so is ours to the service");
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let desk = Desk::shop(&[]);
    let mut client = desk.connect();
    client.send(b"GET /nowhere HTTP/1.0\r\n\r\n");
    assert_eq!(client.reply().status, 404);
    assert!(client.is_closed());
}

#[test]
fn heads_that_are_too_large_are_answered_431() {
    let desk = Desk::shop(&[]);
    let large = "x".repeat(20 * 1024);
    let reply = desk.ask(&request("GET", "/nowhere", &[("x-large", &large)], b""));
    assert_eq!(reply.status, 431);
    let fits = "x".repeat(12 * 1024);
    assert_eq!(desk.ask(&request("GET", "/nowhere", &[("x-large", &fits)], b"")).status, 404);
    let names: Vec<String> = (0..150).map(|n| format!("x-{n}")).collect();
    let headers: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
    assert_eq!(desk.ask(&request("GET", "/nowhere", &headers, b"")).status, 431);
    let target = format!("/{}", "x".repeat(20 * 1024));
    let status = desk.ask(&request("GET", &target, &[], b"")).status;
    assert!(matches!(status, 414 | 431), "{status}");
}

/// What an endpoint has no use for is no reason to refuse a request, and its contract has no such problem.
#[test]
fn bodies_and_handshakes_that_an_endpoint_has_no_use_for_are_left_alone() {
    let items = Server::start();
    items.on("*", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#));
    let desk = Desk::shop(&[("items", items.url())]);
    for (headers, body) in [
        (&[("content-type", "text/xml")][..], &b"<x/>"[..]),
        (&[("content-length", "3000000")], b""),
        (&[("upgrade", "websocket"), ("connection", "upgrade")], b""),
    ] {
        let reply = desk.ask(&request("GET", "/strict/1", headers, body));
        assert_eq!(reply.status, 200, "{headers:?}");
    }
}

#[test]
fn bodies_that_are_too_large_are_answered_413_and_the_answer_arrives() {
    let desk = Desk::shop(&[]);
    // Announced: refused before any of it is read, however much of it comes all the same.
    let mut client = desk.connect();
    client.send(&request(
        "POST",
        "/orders",
        &[("content-type", "application/json"), ("content-length", "3000000")],
        b"",
    ));
    client.try_send(&vec![b' '; 3_000_000]);
    let reply = client.reply();
    assert_eq!((reply.status, reply.problem().as_str()), (413, "body_too_large"));
    assert_eq!(reply.header("connection"), Some("close"));
    assert!(client.is_closed());
    // In chunks: refused as soon as it is too much.
    let mut client = desk.connect();
    client.send(&request(
        "POST",
        "/orders",
        &[("transfer-encoding", "chunked"), ("content-type", "application/json")],
        b"",
    ));
    for _ in 0..40 {
        if !client.try_send(&[b"1000\r\n", vec![b' '; 0x1000].as_slice(), b"\r\n"].concat()) {
            break;
        }
    }
    let reply = client.reply();
    assert_eq!((reply.status, reply.problem().as_str()), (413, "body_too_large"));
    assert!(client.is_closed());
}

#[test]
fn a_client_that_waits_to_send_its_body_is_told_to_or_refused() {
    let items = Server::start();
    items.on("/items/dear", Script::json(r#"{"id":"dear","title":"Yacht","minor":99999999}"#));
    let desk = Desk::shop(&[("items", items.url())]);
    let body = br#"{"itemId":"dear"}"#;
    let expect = |length: &'static str| {
        let headers =
            [("content-type", "application/json"), ("expect", "100-continue"), ("content-length", length)];
        request("POST", "/orders", &headers, b"")
    };
    let mut client = desk.connect();
    client.send(&expect("17"));
    assert_eq!(client.head().0, 100);
    client.send(body);
    assert_eq!(client.reply().status, 422);
    let mut client = desk.connect();
    client.send(&expect("1000000"));
    assert_eq!(client.reply().status, 413, "without asking for a megabyte first");
}

#[test]
fn slow_headers_are_cut_off() {
    let desk = Desk::start(&limited("header-timeout: 1s, idle-timeout: 60s, connections: 1000"), &[]);
    // Nothing at all, the half of a request, and a byte now and then.
    let mut silent = desk.connect();
    let mut half = desk.connect();
    half.send(b"GET /nowhere HTTP/1.1\r\nhost: desk");
    let mut dripping = desk.connect();
    let start = Instant::now();
    let mut alive = true;
    while alive {
        assert!(start.elapsed() < Duration::from_secs(30), "a byte now and then keeps nothing open");
        alive = dripping.try_send(b"G");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(silent.is_closed());
    assert!(half.is_closed());
    // The second request of a connection as well.
    let mut client = desk.connect();
    assert_eq!(client.get("/nowhere").status, 404);
    client.send(b"GET /");
    assert!(client.is_closed());
}

#[test]
fn idle_connections_are_closed_and_busy_ones_are_not() {
    let items = Server::start();
    let gate = Gate::new();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#).behind(&gate));
    let desk = Desk::start(
        &limited("header-timeout: 1s, idle-timeout: 1s, connections: 1000"),
        &[("items", items.url())],
    );
    let mut busy = desk.connect();
    busy.send(&request("GET", "/strict/1", &[], b""));
    let mut idle = desk.connect();
    assert_eq!(idle.get("/nowhere").status, 404);
    assert!(idle.is_closed());
    // By now the busy one has been open for as long.
    gate.open();
    assert_eq!(busy.reply().status, 200);
    assert!(busy.is_closed());
}

#[test]
fn a_client_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
    let legacy = Server::start();
    legacy.on("/film", Script::huge(40 << 20));
    legacy.on("/drip", Script::json("x".repeat(60)).dripping(10, Duration::from_millis(300)));
    let desk = Desk::start(
        &limited("header-timeout: 1s, idle-timeout: 1s, connections: 2"),
        &[("legacy", legacy.url())],
    );
    let mut stuck = desk.connect();
    stuck.send(&request("GET", "/legacy/film", &[], b""));
    assert_eq!(stuck.head().0, 200);
    // A service that sends a little every now and then is no client that takes nothing.
    let mut slow = desk.connect();
    slow.send(&request("GET", "/legacy/drip", &[], b""));
    assert_eq!(slow.reply().body.len(), 60);
    // The stuck one's place becomes free while it still holds its end open.
    eventually("there is a place again", || {
        let mut client = Client::connect(desk.address());
        client.try_send(&request("GET", "/nowhere", &[], b"")) && client.rest().starts_with(b"HTTP/1.1 404")
    });
    assert!(stuck.rest().len() < 40 << 20);
}

#[test]
fn connections_over_the_limit_are_closed_at_once() {
    let desk = Desk::start(&limited("header-timeout: 60s, idle-timeout: 60s, connections: 3"), &[]);
    let mut open: Vec<Client> = (0..3).map(|_| desk.connect()).collect();
    for client in &mut open {
        assert_eq!(client.get("/nowhere").status, 404);
    }
    assert!(desk.connect().is_closed());
    // Those that are in are served, and health has a listener of its own.
    assert_eq!(open[0].get("/nowhere").status, 404);
    assert_eq!(Client::connect(desk.admin()).get("/-/health").status, 200);
    open.pop();
    eventually("a place is free again", || {
        let mut client = desk.connect();
        client.try_send(&request("GET", "/nowhere", &[("connection", "close")], b""))
            && client.rest().starts_with(b"HTTP/1.1 404")
    });
}

#[test]
fn a_body_that_does_not_come_is_answered_408() {
    let desk = Desk::shop(&[]);
    let mut client = desk.connect();
    client.send(&post("/orders", r#"{"itemId":"1"}"#)[..110]);
    // A byte now and then does not help.
    let start = Instant::now();
    let mut dripping = desk.connect();
    dripping.send(&request(
        "POST",
        "/orders",
        &[("content-length", "1000"), ("content-type", "application/json")],
        b"",
    ));
    while start.elapsed() < Duration::from_secs(16) && dripping.try_send(b" ") {
        std::thread::sleep(Duration::from_millis(500));
    }
    for mut client in [client, dripping] {
        let reply = client.reply();
        assert_eq!((reply.status, reply.problem().as_str()), (408, "body_too_slow"));
        assert!(client.is_closed());
    }
}

#[test]
fn a_broken_chunk_is_no_request() {
    let items = Server::start();
    let desk = Desk::shop(&[("items", items.url())]);
    for chunk in [
        "0x5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n",
        "fffffffffffffffff\r\nhello\r\n",
        "5\r\nhelloXX0\r\n\r\n",
    ] {
        let head = request(
            "POST",
            "/orders",
            &[("transfer-encoding", "chunked"), ("content-type", "application/json")],
            b"",
        );
        let mut client = desk.connect();
        client.send(&[&head, chunk.as_bytes()].concat());
        let reply = client.reply();
        assert_eq!((reply.status, reply.problem().as_str()), (400, "malformed_body"), "{chunk:?}");
        assert!(client.is_closed());
    }
    assert!(items.received().is_empty());
}

#[test]
fn a_body_that_ends_early_runs_nothing() {
    let items = Server::start();
    let desk = Desk::shop(&[("items", items.url())]);
    let mut client = desk.connect();
    client.send(&post("/orders", r#"{"itemId":"1"}"#)[..100]);
    drop(client);
    let lines = desk.log.lines(1);
    assert!(matches!(lines[0]["status"].as_u64(), Some(400 | 499)), "{lines:?}");
    assert!(items.received().is_empty());
}
