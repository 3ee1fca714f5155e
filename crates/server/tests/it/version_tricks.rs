//! Requests made of tricks with versions and dates: whatever they say of themselves, without credentials they reach
//! nothing that asks for some, and nothing of what they say comes back as anything but text.

use frontdesk_testserver::{Script, Server};

use crate::desk::{Desk, Workspace, root};
use crate::wire::Reply;

const DATES: [&str; 3] = ["2026-11-01", "2026-05-01", "2026-01-01"];

/// Of one of the two BFFs alone, to which nobody gets without a key.
fn closed(bff: &str, other: &str) -> Workspace {
    let settings = format!("bffs/{bff}/bff.ts");
    Workspace::read(&root().join("scenarios/versions/workspace"))
        .removing(&format!("bffs/{other}/"))
        .replacing("frontdesk.yaml", &format!("  {other}: {{ listen: 127.0.0.1:0 }}\n"), "")
        .replacing(&settings, "{ bff, proxy }", "{ apiKeys, bff, proxy }")
        .replacing(&settings, "  limits:", "  auth: apiKeys(),\n  limits:")
}

/// Numbers that are the same in each run (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

const METHODS: [&str; 9] = ["GET", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];

const PATHS: [&str; 30] = [
    "/stock/1",
    "/same/1",
    "/going/1",
    "/fresh/1",
    "/v1/late",
    "/home/1",
    "/v1/items/1",
    "/v1/orders",
    "/plain/1",
    "/mixed/1",
    "/legacy/items/1",
    "/openapi.json/../stock/1",
    "/openapi.json/..;/stock/1",
    "/openapi.json%2f..%2fstock/1",
    "/openapi.json/%2e%2e/home/1",
    "/openapi.json;/stock/1",
    "/openapi.json/",
    "//openapi.json",
    "/OPENAPI.JSON",
    "/openapi%2ejson",
    "/openapi.json%00",
    "/openapi.yaml",
    "/stock/1/openapi.json",
    "/legacy/../openapi.json",
    "/versions/2026-01-01/stock/1",
    "/2026-01-01/stock/1",
    "/stock/1?partner-version=2026-01-01",
    "/home/1?x-client-version=5.0.0",
    "/-/deprecated",
    "/auth/../stock/1",
];

const NAMES: [&str; 6] = [
    "partner-version",
    "Partner-Version",
    "partner_version",
    "x-client-version",
    "X-CLIENT-VERSION",
    "x-forwarded-partner-version",
];

const VALUES: [&[u8]; 34] = [
    b"2026-11-01",
    b"2026-05-01",
    b"2026-01-01",
    b" 2026-01-01 ",
    b"2026-1-1",
    b"2026-05-01T00:00:00Z",
    b"2026-05-01,2026-01-01",
    b"2026-05-01, 2026-11-01",
    b"\"2026-05-01\"",
    b"9999-99-99",
    b"0000-00-00",
    b"18446744073709551616",
    b"-1",
    b"",
    b"null",
    b"*",
    b"../../etc/passwd",
    b"5.0.0",
    b"4.2.0",
    b"4.1.9",
    b"5",
    b"0",
    b"4294967295.4294967295.4294967295",
    b"4294967296.0.0",
    b"99999999999999999999999999999999999999999999999999999999999",
    b"5.0.0-<script>alert(1)</script>",
    b"5.0.0-rc.1+\"}{",
    b"5.0.0;evil=1",
    b"5.0.0\tevil",
    b"5.0.0%0d%0aset-cookie: evil=1",
    b"\xff\xfe5.0.0",
    "５.0.0".as_bytes(),
    "5.0.0\u{2028}evil".as_bytes(),
    b"evil evil evil evil evil evil evil evil evil evil evil evil evil evil evil evil evil evil",
];

fn asked(dice: &mut Dice) -> (bool, String, Vec<u8>) {
    let method = dice.one(&METHODS);
    let path = if dice.below(4) == 0 { "/openapi.json" } else { dice.one(&PATHS) };
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: desk.example\r\n").into_bytes();
    for _ in 0..dice.below(4) {
        bytes.extend_from_slice(dice.one(&NAMES).as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(VALUES[dice.below(VALUES.len())]);
        bytes.extend_from_slice(b"\r\n");
    }
    if dice.below(3) == 0 {
        bytes.extend_from_slice(b"origin: https://evil.example\r\naccess-control-request-method: GET\r\n");
    }
    if matches!(method, "POST" | "PUT" | "PATCH") {
        bytes.extend_from_slice(b"content-type: application/json\r\ncontent-length: 2\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    if matches!(method, "POST" | "PUT" | "PATCH") {
        bytes.extend_from_slice(b"{}");
    }
    (method == "HEAD", format!("{method} {path}"), bytes)
}

/// What was answered may be read by anybody, and holds nothing of what the request said.
fn is_harmless(line: &str, reply: &Reply) -> Result<(), &'static str> {
    let is_document = matches!(line, "GET /openapi.json" | "HEAD /openapi.json");
    match reply.status {
        200 if is_document => {}
        204 if line.starts_with("OPTIONS ") => {}
        400 | 401 | 404 | 405 | 426 => {}
        _ => return Err("no status for somebody unknown"),
    }
    let origin = reply.header("access-control-allow-origin");
    if origin.is_some() && !(is_document && reply.status == 200 && origin == Some("*")) {
        return Err("any origin may read it");
    }
    if reply.header("partner-version").is_some_and(|date| !DATES.contains(&date)) {
        return Err("a date that is none");
    }
    if reply.headers.iter().any(|(name, value)| name.contains("cookie") || value.contains("evil")) {
        return Err("a header of the request's own");
    }
    // The path is said again as `instance`, and is nobody's secret.
    let text = reply.text();
    if ["evil", "script", "Lamp", "passwd"].iter().any(|word| text.contains(word)) {
        return Err("a word of the request, or of a service");
    }
    Ok(())
}

fn try_all(bff: &str, other: &str, seed: u64) {
    let service = Server::start();
    service.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1999}"#));
    let urls = ["items", "extras", "legacy"].map(|name| (name, service.url()));
    let desk = Desk::start(&closed(bff, other), &urls);
    let mut dice = Dice(seed);
    for _ in 0..700 {
        let (to_head, line, bytes) = asked(&mut dice);
        let mut client = desk.connect();
        client.send(&bytes);
        let reply = if to_head { client.reply_to_head() } else { client.reply() };
        let shown = String::from_utf8_lossy(&bytes);
        assert_eq!(is_harmless(&line, &reply), Ok(()), "{shown}{reply:?}");
    }
    assert!(service.received().is_empty(), "{:?}", service.received());
    // Every line of the log is JSON, whatever was asked.
    let lines = desk.log.lines(700);
    assert!(lines.iter().all(|line| line["status"].is_u64()), "{lines:?}");
}

#[test]
fn without_a_key_no_date_leads_anywhere() {
    try_all("partner", "app", 0x5eed_0001);
}

#[test]
fn without_a_key_no_client_s_version_leads_anywhere() {
    try_all("app", "partner", 0x5eed_0002);
}

#[test]
fn the_link_to_a_successor_is_one_link_within_the_bff() {
    let service = Server::start();
    let urls = ["items", "extras", "legacy"].map(|name| (name, service.url()));
    let workspace = Workspace::read(&root().join("scenarios/versions/workspace"));
    let desk = Desk::start(&workspace, &urls);
    for id in [
        "%0d%0aset-cookie:%20a=b",
        "%0aLink:%20<evil>",
        "1%3E;%20rel=%22successor-version%22,%20%3Chttps:%2f%2fevil.example",
        "1>;rel=next,<https:evil.example",
        "1\"x\"{y}|^`",
        "%E2%80%A8",
        "%5cevil.example",
        "@evil.example",
        "http:evil.example",
        "caf\u{e9}",
        ".%2e",
    ] {
        let reply = desk.ask(format!("GET /v1/items/{id} HTTP/1.1\r\nhost: desk.example\r\n\r\n").as_bytes());
        let links: Vec<&str> = reply.all("link").collect();
        if reply.status == 400 {
            continue;
        }
        let [link] = links.as_slice() else { panic!("{id}: {links:?}") };
        let target =
            link.strip_prefix("</home/").and_then(|rest| rest.strip_suffix(">; rel=\"successor-version\""));
        let target = target.unwrap_or_else(|| panic!("{id}: {link}"));
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>\"\\{}/".contains(&byte);
        assert!(!target.is_empty() && target.bytes().all(is_plain), "{id}: {link}");
        assert_eq!(reply.header("set-cookie"), None, "{id}");
    }
}
