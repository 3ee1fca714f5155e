//! Targets and hosts that two parsers could read differently. Message framing, byte by byte: `wire_cases`.

use frontdesk_testserver::{Script, Server};

use crate::desk::Desk;
use crate::wire::request;

fn desk() -> (Server, Desk) {
    let legacy = Server::start();
    legacy.on("*", Script::json("{}"));
    let desk = Desk::shop(&[("legacy", legacy.url()), ("items", legacy.url())]);
    (legacy, desk)
}

#[test]
fn ambiguous_paths_reach_no_service() {
    let (legacy, desk) = desk();
    for (path, status) in [
        ("/legacy/../admin/x", 400),
        ("/legacy/%2e%2e/admin", 400),
        ("/legacy/..%2fadmin", 400),
        ("/legacy/%2e%2e%2fadmin", 400),
        ("/legacy/..;/admin", 400),
        ("/legacy/.", 400),
        ("//admin/x", 404),
        ("/legacy//..//admin", 404),
        ("/legacy//x", 404),
        ("/legacy/..\\admin", 400),
        ("/legacy/%5cadmin", 400),
        ("/legacy/%00", 400),
        ("/legacy/%0aX", 400),
        ("/legacy/%ff", 400),
        ("/legacy/%zz", 400),
        ("/legacy/%", 400),
        ("/LEGACY/x", 404),
        ("/legacy%2fx", 400),
        ("/items/%2e%2e", 400),
        ("/items/a/b", 404),
        ("/items/", 404),
        ("/items", 404),
    ] {
        let reply = desk.get(path);
        assert_eq!(reply.status, status, "{path}");
        reply.problem();
    }
    // Raw bytes outside ASCII.
    let reply = desk.ask("GET /legacy/\u{ff41}dmin HTTP/1.1\r\nhost: a\r\n\r\n".as_bytes());
    assert_eq!(reply.status, 400);
    assert!(legacy.received().is_empty(), "{:?}", legacy.received());
}

#[test]
fn an_escaped_delimiter_is_data_and_arrives_as_it_was_sent() {
    let (legacy, desk) = desk();
    for path in [
        "/foo/secret%23/bar",
        "/a%20b",
        "/caf%C3%A9",
        "/a%3Fb",
        "/a+b;c=d",
        "/x?path=/public/../status&q=%2e",
    ] {
        assert_eq!(desk.get(&format!("/legacy{path}")).status, 200, "{path}");
        assert_eq!(legacy.received().last().unwrap().target, path);
    }
}

#[test]
fn a_request_names_one_host() {
    let (legacy, desk) = desk();
    for head in [
        "GET /legacy/x HTTP/1.1\r\n",
        "GET /legacy/x HTTP/1.1\r\nhost: a\r\nhost: b\r\n",
        "GET /legacy/x HTTP/1.1\r\nhost: a\r\nhost: a\r\n",
        "GET http://evil.example/legacy/x HTTP/1.1\r\nhost: a\r\n",
        "GET http://user@a/legacy/x HTTP/1.1\r\nhost: a\r\n",
        "GET http://a/legacy/x HTTP/1.1\r\n",
    ] {
        let reply = desk.ask(format!("{head}\r\n").as_bytes());
        assert_eq!(reply.status, 400, "{head}");
    }
    assert!(legacy.received().is_empty());
    let reply = desk.ask(b"GET http://A.example/legacy/x HTTP/1.1\r\nhost: a.example\r\n\r\n");
    assert_eq!(reply.status, 200);
    assert_eq!(legacy.received()[0].target, "/x");
}

#[test]
fn no_tunnel_and_no_echo() {
    let (legacy, desk) = desk();
    for bytes in [
        &b"CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n"[..],
        b"TRACE /legacy/x HTTP/1.1\r\nhost: a\r\n\r\n",
        b"get /legacy/x HTTP/1.1\r\nhost: a\r\n\r\n",
    ] {
        assert_eq!(desk.ask(bytes).status, 501);
    }
    // An endpoint's path is told apart from one that nobody has, but not echoed either.
    let reply = desk.ask(b"TRACE /orders HTTP/1.1\r\nhost: a\r\nx-echo: echoed\r\n\r\n");
    assert_eq!((reply.status, reply.header("allow")), (405, Some("POST, OPTIONS")));
    assert!(!String::from_utf8_lossy(&reply.body).contains("echoed"));
    assert!(legacy.received().is_empty());
}

#[test]
fn a_request_hidden_in_another_s_body_is_never_run() {
    let (legacy, desk) = desk();
    let hidden = "GET /legacy/hidden HTTP/1.1\r\nhost: a\r\n\r\n";
    // Bodies that nobody reads: a path that leads nowhere, a method that is not allowed.
    for (method, path) in [("POST", "/nowhere"), ("DELETE", "/orders"), ("TRACE", "/legacy/x")] {
        let mut client = desk.connect();
        client.send(&request(method, path, &[("connection", "close")], hidden.as_bytes()));
        assert!(client.reply().status >= 400);
        assert!(client.is_closed());
    }
    let targets: Vec<String> = legacy.received().into_iter().map(|call| call.target).collect();
    assert!(!targets.iter().any(|target| target == "/hidden"), "{targets:?}");
}
