//! Content coding of answers.

use std::io::Read;

use frontdesk_testserver::{Script, Server};

use crate::desk::Desk;
use crate::wire::{Reply, request};

fn many(count: usize) -> String {
    let items: Vec<String> =
        (0..count).map(|n| format!(r#"{{"id":"{n}","title":"Lamp number {n}","minor":{n}}}"#)).collect();
    format!("[{}]", items.join(","))
}

fn plain(reply: &Reply) -> Vec<u8> {
    let mut out = Vec::new();
    match reply.header("content-encoding") {
        None => out.clone_from(&reply.body),
        Some("gzip") => drop(flate2::read::GzDecoder::new(&reply.body[..]).read_to_end(&mut out).unwrap()),
        Some("br") => drop(brotli::Decompressor::new(&reply.body[..], 4096).read_to_end(&mut out).unwrap()),
        Some("zstd") => out = zstd::bulk::decompress(&reply.body, 10 << 20).unwrap(),
        Some(other) => panic!("{other}"),
    }
    out
}

#[test]
fn the_coding_is_the_client_s_choice_and_gives_the_same_answer() {
    let items = Server::start();
    items.on("/items", Script::json(many(300)));
    let desk = Desk::shop(&[("items", items.url())]);
    let whole = desk.get("/list");
    assert_eq!((whole.status, whole.header("content-encoding")), (200, None));
    assert!(whole.body.len() > 5000);
    for (accepted, coding) in [
        ("gzip", Some("gzip")),
        ("br", Some("br")),
        ("zstd", Some("zstd")),
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("zstd;q=0.1, gzip", Some("gzip")),
        ("deflate", None),
        ("identity, *;q=0", None),
    ] {
        let reply = desk.ask(&request("GET", "/list", &[("accept-encoding", accepted)], b""));
        assert_eq!(reply.header("content-encoding"), coding, "{accepted}");
        assert_eq!(plain(&reply), whole.body, "{accepted}");
        assert!(reply.headers.iter().any(|(name, value)| name == "vary" && value == "accept-encoding"));
        assert!(coding.is_none() || reply.body.len() < whole.body.len() / 2);
    }
}

#[test]
fn small_answers_and_head_go_as_they_are() {
    let items = Server::start();
    items.on_each("/items", [Script::json(many(2)), Script::json(many(300)), Script::json(many(300))]);
    let desk = Desk::shop(&[("items", items.url())]);
    let small = desk.ask(&request("GET", "/list", &[("accept-encoding", "gzip")], b""));
    assert_eq!(small.header("content-encoding"), None);
    let problem = desk.ask(&request("GET", "/nowhere", &[("accept-encoding", "gzip")], b""));
    assert_eq!(problem.header("content-encoding"), None);
    assert_eq!(problem.problem(), "no_such_endpoint");
    let get = desk.ask(&request("GET", "/list", &[("accept-encoding", "gzip")], b""));
    let mut client = desk.connect();
    client.send(&request("HEAD", "/list", &[("accept-encoding", "gzip")], b""));
    let head = client.reply_to_head();
    // The same headers, so also the length that GET would have had.
    for name in ["content-length", "content-encoding", "content-type", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    // The connection is good for another request.
    assert_eq!(client.get("/nowhere").status, 404);
}

#[test]
fn what_passes_through_keeps_its_coding_and_length() {
    let legacy = Server::start();
    let text = "a page, and a page; ".repeat(200);
    legacy.on("/page", Script::answer(200, &[("content-type", "text/html"), ("etag", "\"v1\"")], &text));
    legacy
        .on("/packed", Script::answer(200, &[("content-encoding", "gzip")], "not really packed".repeat(200)));
    let desk = Desk::shop(&[("legacy", legacy.url())]);
    let page = desk.ask(&request("GET", "/legacy/page", &[("accept-encoding", "gzip")], b""));
    assert_eq!(page.header("content-encoding"), None);
    assert_eq!(page.text(), text);
    assert_eq!(page.header("cache-control"), None, "its caching is the service's business");
    let packed = desk.ask(&request("GET", "/legacy/packed", &[("accept-encoding", "br")], b""));
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_eq!(packed.text(), "not really packed".repeat(200));
    assert_eq!(legacy.received()[1].header("accept-encoding"), Some("br"));
}
