//! What clients try with answers that are kept: to put something into everybody's, to be given what is not theirs, and to
//! reach the administrator's end of it.

use frontdesk_perimeter::api_key::{KeyEntry, KeyFile, NewKey};
use frontdesk_testserver::{Script, Server};

use crate::desk::{Desk, Fittings, Workspace};
use crate::wire::{Client, Reply, request};

const TOKEN: &str = "the administrator's";

const VIEW: &str = r#"
import { t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /kept/{id}", {
  input: { id: t.string().max(64) },
  cache: { public: "60s", tags: ["item:{id}"] },
  load: ({ id }) => {
    const item = items.getItem({ id });
    return { title: item.title };
  },
});
"#;

struct Shop {
    items: Server,
    desk: Desk,
}

impl Shop {
    fn open() -> Self {
        let items = Server::start();
        items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1999}"#));
        let workspace = Workspace::shop().adding("bffs/app/views/kept.ts", VIEW);
        let fittings = Fittings { admin_token: Some(TOKEN.to_owned()), ..Fittings::default() };
        let desk = Desk::start_with(&workspace, &[("items", items.url())], fittings);
        Self { items, desk }
    }

    fn honest(&self) -> Reply {
        self.desk.get("/kept/1")
    }

    fn purge(&self, headers: &[(&str, &str)]) -> u16 {
        let mut admin = Client::connect(self.desk.admin());
        admin.send(&request("POST", "/-/cache/purge", headers, br#"{"tags":["item:1"]}"#));
        admin.reply().status
    }

    /// What is sent, and whatever comes back until there is nothing to come.
    fn strike(&self, bytes: &[u8]) -> String {
        let mut client = self.desk.connect();
        client.send(bytes);
        String::from_utf8_lossy(&client.rest()).into_owned()
    }
}

/// All that may not differ from one who asks to the next.
fn shown(reply: &Reply) -> (u16, String, Vec<(String, String)>) {
    let own = ["x-request-id", "age", "date", "cache-status", "frontdesk-cache"];
    let headers = reply.headers.iter().filter(|(name, _)| !own.contains(&&**name)).cloned();
    (reply.status, reply.text(), headers.collect())
}

#[test]
fn nothing_that_one_client_says_is_in_what_others_are_given() {
    let expected = shown(&Shop::open().honest());
    assert_eq!((expected.0, &*expected.1), (200, r#"{"title":"Lamp"}"#));
    let with = |line: &str| {
        format!("GET /kept/1 HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\n{line}\r\n\r\n")
    };
    let mut attacks: Vec<String> = [
        "x-forwarded-host: evil.example",
        "x-forwarded-proto: http",
        "x-forwarded-for: 127.0.0.1",
        "forwarded: for=127.0.0.1;host=evil.example;proto=http",
        "x-original-url: /admin",
        "x-rewrite-url: /admin",
        "x-http-method-override: DELETE",
        "x-http-method: POST",
        "x-method-override: HEAD",
        "accept: text/html",
        "accept: image/evil;q=1, */*;q=0",
        "accept-encoding: evil, *;q=0",
        "accept-charset: utf-7",
        "content-type: text/html",
        "origin: https://evil.example",
        "sec-fetch-dest: document",
        "cookie: __Host-Http-fd-app=a.b",
        "range: bytes=0-3",
        "if-range: \"x\"",
        "if-none-match: *",
        "if-modified-since: Sun, 06 Nov 2094 08:49:37 GMT",
        "if-match: \"x\"",
        "cache-control: only-if-cached",
        "cache-control: no-store, no-cache, max-age=0",
        "pragma: no-cache",
        "upgrade: h2c",
        "te: trailers",
        "via: 1.1 evil",
        "surrogate-key: evil",
        "cache-tag: evil",
        "frontdesk-cache: hit",
        "x-request-id: 00000000-0000-4000-8000-00000000dead",
        "traceparent: 00-000000000000000000000000deadbeef-00000000deadbeef-01",
        "transfer-encoding: chunked\r\n\r\n5\r\nevil!\r\n0",
        "content-length: 5\r\nx-a: b",
    ]
    .map(with)
    .into();
    attacks.extend([
        // A host that is named nowhere else; a target in absolute form; a method that has the same answer without its body.
        "GET /kept/1 HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n".to_owned(),
        "GET http://evil.example/kept/1 HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n"
            .to_owned(),
        "GET http://evil.example/kept/1 HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\n\r\n"
            .to_owned(),
        "HEAD /kept/1 HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\n\r\n".to_owned(),
        "GET /kept/1 HTTP/1.0\r\n\r\n".to_owned(),
        "POST /kept/1 HTTP/1.1\r\nhost: desk.example\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            .to_owned(),
        "GET /kept/1 HTTP/1.1\r\nhost: desk.example\r\ncontent-length: 5\r\nconnection: close\r\n\r\nevil!"
            .to_owned(),
    ]);
    let shop = Shop::open();
    for attack in attacks {
        // Into an empty cache, and at what is kept already.
        assert_eq!(shop.purge(&[("authorization", &format!("Bearer {TOKEN}"))]), 200);
        let before = shop.items.received().len();
        let answer = shop.strike(attack.as_bytes());
        assert_eq!(shown(&shop.honest()), expected, "after {attack:?}, which got {answer}");
        shop.strike(attack.as_bytes());
        let again = shop.honest();
        assert_eq!(shown(&again), expected, "after another {attack:?}");
        assert!(again.header("frontdesk-cache").unwrap().starts_with("hit"), "{attack:?} emptied it");
        assert!(shop.items.received().len() <= before + 2, "{attack:?} cost more than one fetch");
    }
}

#[test]
fn what_looks_like_a_file_or_like_the_same_path_is_not_what_is_kept() {
    let shop = Shop::open();
    assert_eq!(shop.honest().status, 200);
    for path in [
        "/kept/1/x.css",
        "/kept/1/",
        "/kept/1;x.css",
        "/kept/1%2fx.css",
        "/kept/1%00",
        "/kept/1%0d%0ax:y",
        "/kept/./1",
        "/kept/x/../1",
        "//kept/1",
        "/kept//1",
        "/KEPT/1",
        "/kept/1.css",
        "/kept/1%3f.css",
        "/kept/1#x.css",
    ] {
        let answer = shop.strike(
            format!("GET {path} HTTP/1.1\r\nhost: desk.example\r\nconnection: close\r\n\r\n").as_bytes(),
        );
        assert!(!answer.contains("Lamp"), "{path} is answered with what is kept: {answer}");
        assert!(!answer.to_lowercase().contains("cache-control: public"), "{path}: {answer}");
    }
    assert_eq!(shop.honest().text(), r#"{"title":"Lamp"}"#);
}

#[test]
fn nobody_without_the_token_purges_orders_faults_or_learns_of_mirrors() {
    let shop = Shop::open();
    shop.honest();
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]| {
        let mut admin = Client::connect(shop.desk.admin());
        admin.send(&request(method, path, headers, body));
        admin.reply()
    };
    let tags = br#"{"tags":["item:1"]}"#;
    for authorization in [
        None,
        Some(String::new()),
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some("Bearer the administrator'".to_owned()),
        Some(format!("Bearer {TOKEN}s")),
        Some(format!("Bearer {}", TOKEN.to_uppercase())),
        Some(format!("Basic {TOKEN}")),
        Some(TOKEN.to_owned()),
    ] {
        // As a form of a page in a browser on the same machine would, too.
        let mut headers = vec![("content-type", "text/plain"), ("origin", "http://evil.example")];
        headers.extend(authorization.iter().map(|value| ("authorization", &**value)));
        for (method, path) in [("POST", "/-/cache/purge"), ("GET", "/-/mirrors"), ("POST", "/-/sessions/end")]
        {
            let reply = ask(method, path, &headers, tags);
            assert_eq!(reply.status, 401, "{path} with {authorization:?}");
            assert!(!reply.text().contains("administrator"), "{}", reply.text());
            assert_eq!(reply.header("access-control-allow-origin"), None);
        }
    }
    let right = format!("Bearer {TOKEN}");
    let right = [("authorization", &*right)];
    // Faults are not allowed here: whoever has the token finds nothing.
    for (method, path) in [("GET", "/-/faults"), ("POST", "/-/faults"), ("DELETE", "/-/faults/1")] {
        assert_eq!(ask(method, path, &right, b"{}").status, 404, "{method} {path}");
    }
    for body in [
        &b""[..],
        b"{}",
        b"[]",
        br#"{"tags":[]}"#,
        br#"{"tags":[""]}"#,
        br#"{"tags":["item:1"],"all":true}"#,
        "[".repeat(100_000).as_bytes(),
        " ".repeat(200_000).as_bytes(),
        format!(r#"{{"tags":["{}"]}}"#, "x".repeat(300)).as_bytes(),
    ] {
        assert_eq!(ask("POST", "/-/cache/purge", &right, body).status, 400);
    }
    assert_eq!(ask("GET", "/-/cache/purge", &right, b"").status, 404);
    assert!(shop.honest().header("frontdesk-cache").unwrap().starts_with("hit"), "nothing was purged");
    assert_eq!(ask("POST", "/-/cache/purge", &right, tags).status, 200);
    assert_eq!(shop.honest().header("frontdesk-cache"), Some("miss"));
}

/// One browser, two people after each other: what it keeps of the first is under the same URL.
#[test]
fn what_a_client_keeps_of_one_user_is_not_for_the_next_who_signs_in_there() {
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1999}"#));
    let legacy = Server::start();
    for (path, control) in
        [("/private", "private, max-age=60"), ("/public", "public, max-age=60"), ("/none", "no-store")]
    {
        legacy.on(path, Script::answer(200, &[("cache-control", control), ("vary", "accept")], "mine"));
    }
    let workspace = Workspace::shop()
        .adding(
            "bffs/app/views/kept.ts",
            &VIEW.replace(r#"public: "60s", tags: ["item:{id}"]"#, r#"private: "60s""#),
        )
        .replacing("bffs/app/bff.ts", "{ bff, proxy }", "{ apiKeys, bff, proxy }")
        .replacing("bffs/app/bff.ts", "  limits:", "  auth: apiKeys(),\n  limits:");
    let made = NewKey::generate("app").unwrap();
    let entry = KeyEntry {
        id: made.id.clone(),
        name: "acme".to_owned(),
        hash: made.hash,
        scopes: Vec::new(),
        created: 0,
        expires: u64::MAX / 2,
        rate: None,
        version: None,
    };
    let fittings = Fittings { keys: KeyFile { keys: vec![entry] }, ..Fittings::default() };
    let urls = [("items", items.url()), ("legacy", legacy.url())];
    let desk = Desk::start_with(&workspace, &urls, fittings);
    let ask = |path: &str| {
        let reply = desk.ask(&request("GET", path, &[("x-api-key", &made.text)], b""));
        assert_eq!(reply.status, 200, "{path}: {reply:?}");
        reply
    };
    for path in ["/kept/1", "/legacy/private", "/legacy/public"] {
        let reply = ask(path);
        let control = reply.header("cache-control").unwrap();
        assert!(control.starts_with("private") && control.contains("max-age=60"), "{path}: {control}");
        let names: Vec<&str> = reply.all("vary").flat_map(|line| line.split(", ")).collect();
        assert!(names.contains(&"cookie") && names.contains(&"authorization"), "{path}: {names:?}");
    }
    assert!(ask("/legacy/none").all("vary").all(|line| line == "accept"), "nobody keeps it");
}
