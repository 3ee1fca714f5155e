//! Views that say `cache`: what clients are told, what is kept here, and what must never be.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_cache::Cache;
use frontdesk_testserver::{Gate, Script, Server};

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::{Client, Reply, post, request};

const LAMP: &str = r#"{"id":"1","title":"Lamp","minor":1999}"#;
const TOKEN: &str = "the administrator's";

/// The shop with a view `GET /kept/{id}` that makes one call, `more` before it.
fn shop(cache: &str, more: &str) -> Workspace {
    let view = format!(
        r#"
import {{ t, view }} from "frontdesk";
import {{ extras, items }} from "frontdesk/services";

export default view("GET /kept/{{id}}", {{
  input: {{ id: t.string().max(64), size: t.integer().default(1) }},
  cache: {{ {cache} }},
  load: ({{ id, size }}) => {{
    const item = items.getItem({{ id }});
    {more}
    return {{ title: item.title, size, more: {more_value} }};
  }},
}});
"#,
        more_value = if more.is_empty() { "null" } else { "more" },
    );
    let view = if more.is_empty() { view.replace("extras, ", "") } else { view };
    Workspace::shop().adding("bffs/app/views/kept.ts", &view)
}

/// With a view of as many items as are there: `GET /many`.
fn with_many(workspace: Workspace, cache: &str) -> Workspace {
    let view = format!(
        r#"
import {{ view }} from "frontdesk";
import {{ items }} from "frontdesk/services";

export default view("GET /many", {{
  cache: {{ {cache} }},
  load: () => items.listItems({{ limit: 500 }}).map(({{ id, title }}) => ({{ id, title }})),
}});
"#
    );
    workspace.adding("bffs/app/views/many.ts", &view)
}

fn many(count: usize) -> String {
    let items: Vec<String> = (0..count)
        .map(|n| format!(r#"{{"id":"{n}","title":"Lamp number {}","minor":{n}}}"#, n * 7919 % 997))
        .collect();
    format!("[{}]", items.join(","))
}

struct Shop {
    items: Server,
    desk: Desk,
}

impl Shop {
    fn start(cache: &str) -> Self {
        Self::of(&shop(cache, ""))
    }

    fn of(workspace: &Workspace) -> Self {
        let items = Server::start();
        items.on("/items/1", Script::json(LAMP));
        let fittings = Fittings { admin_token: Some(TOKEN.to_owned()), ..Fittings::default() };
        let desk = Desk::start_with(workspace, &[("items", items.url())], fittings);
        Self { items, desk }
    }

    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.desk.ask(&request("GET", path, headers, b""))
    }

    fn calls(&self) -> usize {
        self.items.received().len()
    }

    /// What `POST /-/cache/purge` answers.
    fn purge(&self, tags: &str) -> Reply {
        purge(&self.desk, tags, &[("authorization", &format!("Bearer {TOKEN}"))])
    }
}

fn purge(desk: &Desk, tags: &str, headers: &[(&str, &str)]) -> Reply {
    let mut admin = Client::connect(desk.admin());
    admin.send(&request("POST", "/-/cache/purge", headers, format!(r#"{{"tags":{tags}}}"#).as_bytes()));
    admin.reply()
}

fn said<'r>(reply: &'r Reply, name: &str) -> &'r str {
    reply.header(name).unwrap_or_else(|| panic!("no {name}: {reply:?}"))
}

/// The names in `Vary`.
fn varies(reply: &Reply) -> BTreeSet<String> {
    reply.all("vary").flat_map(|value| value.split(',')).map(|name| name.trim().to_lowercase()).collect()
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
fn an_answer_is_made_once_and_given_with_its_age() {
    let shop = Shop::start(r#"public: "60s", stale: "30s", staleIfError: "1h""#);
    let made = shop.ask("/kept/1", &[]);
    assert_eq!(
        said(&made, "cache-control"),
        "public, max-age=60, stale-while-revalidate=30, stale-if-error=3600"
    );
    assert_eq!(said(&made, "cache-status"), "frontdesk; fwd=miss; stored");
    assert_eq!(said(&made, "frontdesk-cache"), "miss");
    assert_eq!((made.header("age"), made.header("surrogate-key")), (None, None));
    let kept = shop.ask("/kept/1", &[]);
    assert_eq!(shop.calls(), 1);
    assert_eq!((kept.status, &kept.body), (200, &made.body));
    assert!(said(&kept, "cache-status").starts_with("frontdesk; hit; ttl="), "{kept:?}");
    assert!(said(&kept, "frontdesk-cache").starts_with("hit;age="), "{kept:?}");
    let age: u64 = said(&kept, "age").parse().unwrap();
    assert!(age < 60);
    for name in ["cache-control", "etag", "content-type", "content-length", "x-content-type-options"] {
        assert_eq!(kept.header(name), made.header(name), "{name}");
    }
    assert_eq!(varies(&kept), varies(&made));
    assert_ne!(said(&kept, "x-request-id"), said(&made, "x-request-id"));
    let lines = shop.desk.log.lines(2);
    for (line, cache, calls) in [(&lines[0], "miss", 1), (&lines[1], "hit", 0)] {
        assert_eq!((line["endpoint"].as_str(), line["cache"].as_str()), (Some("kept"), Some(cache)));
        assert_eq!(line["calls"].as_array().unwrap().len(), calls);
    }
}

#[test]
fn only_what_was_answered_in_full_may_be_kept() {
    let shop = Shop::start(r#"public: "60s""#);
    shop.items.on("/items/2", Script::status(404));
    shop.items.on("/items/3", Script::status(500));
    for (path, status) in [("/kept/2", 404), ("/kept/3", 502), ("/kept/1?size=x", 400), ("/strict/1", 200)] {
        for _ in 0..2 {
            let reply = shop.ask(path, &[]);
            assert_eq!(reply.status, status, "{path}");
            assert_eq!(said(&reply, "cache-control"), "private, no-store", "{path}");
            for name in ["etag", "age", "cache-status", "surrogate-key"] {
                assert_eq!(reply.header(name), None, "{path}: {name}");
            }
        }
    }
    // Each was asked for again.
    assert_eq!(shop.calls(), 6);
}

#[test]
fn a_private_answer_is_for_its_client_s_own_cache() {
    let shop = Shop::start(r#"private: "60s""#);
    let first = shop.ask("/kept/1", &[]);
    assert_eq!(said(&first, "cache-control"), "private, max-age=60");
    assert_eq!(said(&first, "cache-status"), "frontdesk; fwd=bypass");
    assert_eq!((first.header("age"), first.header("frontdesk-cache")), (None, None));
    let again = shop.ask("/kept/1", &[("if-none-match", said(&first, "etag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(said(&again, "cache-control"), "private, max-age=60");
    assert_eq!(shop.calls(), 2, "it is not kept here");
    shop.items.on("/items/1", Script::json(LAMP.replace("Lamp", "Light")));
    let other = shop.ask("/kept/1", &[("if-none-match", said(&first, "etag"))]);
    assert_eq!(other.status, 200);
    assert_ne!(other.header("etag"), first.header("etag"));
}

#[test]
fn who_has_the_answer_is_told_so() {
    let shop = Shop::start(r#"public: "60s", tags: ["home"]"#);
    let whole = shop.ask("/kept/1", &[]);
    let tag = said(&whole, "etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"'), "strong: {tag}");
    for shown in [tag.clone(), format!("W/{tag}"), format!("\"x\", W/\"y\",{tag}"), "*".to_owned()] {
        let reply = shop.ask("/kept/1", &[("if-none-match", &shown)]);
        assert_eq!((reply.status, reply.body.len()), (304, 0), "{shown}");
        for name in ["etag", "cache-control", "surrogate-key", "cache-tag"] {
            assert_eq!(reply.header(name), whole.header(name), "{shown}: {name}");
        }
        assert_eq!(varies(&reply), varies(&whole));
        assert!(reply.header("date").is_some() && reply.header("age").is_some());
        for name in ["content-type", "content-encoding", "content-length"] {
            assert_eq!(reply.header(name), None, "{name}");
        }
    }
    for shown in ["\"other\"", "W/\"other\"", tag.trim_matches('"'), ""] {
        assert_eq!(shop.ask("/kept/1", &[("if-none-match", shown)]).status, 200, "{shown}");
    }
    let mut client = shop.desk.connect();
    client.send(&request("HEAD", "/kept/1", &[], b""));
    let head = client.reply_to_head();
    assert_eq!((head.status, head.header("content-length")), (200, whole.header("content-length")));
    assert_eq!(head.header("etag"), Some(&*tag));
    client.send(&request("HEAD", "/kept/1", &[("if-none-match", &tag)], b""));
    assert_eq!(client.reply_to_head().status, 304);
    // The connection is still in step.
    assert_eq!(client.get("/kept/1").body, whole.body);
    // A part of an answer is nobody's wish.
    let ranged = shop.ask("/kept/1", &[("range", "bytes=0-3"), ("if-range", &tag)]);
    assert_eq!((ranged.status, &ranged.body), (200, &whole.body));
    assert_eq!((ranged.header("accept-ranges"), ranged.header("content-range")), (None, None));
    assert_eq!(shop.calls(), 1);
}

#[test]
fn each_coding_is_a_form_of_its_own_and_made_well_once() {
    let shop = Shop::of(&with_many(shop(r#"public: "60s""#, ""), r#"public: "60s""#));
    shop.items.on("/items", Script::json(many(400)));
    let whole = shop.ask("/many", &[]);
    assert!(varies(&whole).contains("accept-encoding"), "{:?}", whole.headers);
    let mut tags = BTreeSet::from([said(&whole, "etag").to_owned()]);
    for coding in ["zstd", "br", "gzip"] {
        let quick = shop.ask("/many", &[("accept-encoding", coding)]);
        assert_eq!((quick.header("content-encoding"), plain(&quick)), (Some(coding), whole.body.clone()));
        tags.insert(said(&quick, "etag").to_owned());
        let mut thorough = quick.clone();
        eventually("the coding is made", || {
            thorough = shop.ask("/many", &[("accept-encoding", coding)]);
            thorough.header("etag") != quick.header("etag")
        });
        assert_eq!(
            (thorough.header("content-encoding"), plain(&thorough)),
            (Some(coding), whole.body.clone())
        );
        assert!(thorough.body.len() <= quick.body.len(), "{coding}");
        assert_eq!(thorough.all("vary").count(), whole.all("vary").count());
        tags.insert(said(&thorough, "etag").to_owned());
        // What the client has is still good, in whichever form it takes now.
        for form in [&quick, &thorough, &whole] {
            let shown = [("accept-encoding", coding), ("if-none-match", said(form, "etag"))];
            let reply = shop.ask("/many", &shown);
            assert_eq!((reply.status, reply.header("etag")), (304, form.header("etag")));
        }
        // But not in one that it does not take.
        let shown = [("accept-encoding", "identity"), ("if-none-match", said(&thorough, "etag"))];
        assert_eq!(shop.ask("/many", &shown).status, 200);
    }
    assert_eq!(tags.len(), 7, "{tags:?}");
    assert_eq!(shop.calls(), 1);
    // What is too small for a coding does not vary by it.
    assert!(!varies(&shop.ask("/kept/1", &[("accept-encoding", "br")])).contains("accept-encoding"));
}

#[test]
fn what_makes_another_answer_is_told_apart_and_nothing_else_is() {
    let view = r#"
import { money, since, t, view } from "frontdesk";
import { items } from "frontdesk/services";

export default view("GET /shown/{id}", {
  input: { id: t.string(), kind: t.string().optional(), mood: t.string().optional().header("x-mood") },
  cache: { public: "60s" },
  load: ({ id, mood }, { session }) => {
    const item = items.getItem({ id });
    return { price: money(item.minor, session.currency, session.locale), mood, extra: since("5.0.0", item.title) };
  },
});
"#;
    let workspace = Workspace::shop().adding("bffs/app/views/shown.ts", view).replacing(
        "bffs/app/bff.ts",
        "  currency:",
        "  versions: { header: \"X-Client-Version\", minimum: \"4.0.0\" },\n  currency:",
    );
    let shop = Shop::of(&workspace);
    let path = "/shown/1";
    let first = shop.ask(path, &[]);
    assert_eq!(first.status, 200, "{first:?}");
    let names = ["accept-language", "x-mood", "x-client-version"].map(str::to_owned);
    assert_eq!(varies(&first), BTreeSet::from(names));
    let mut calls = 1;
    for (path, headers, makes_another) in [
        (path, &[("accept-language", "de")][..], true),
        (path, &[("accept-language", "de-AT, en;q=0.1")], false),
        (path, &[("accept-language", "ja")], false),
        (path, &[("x-mood", "calm")], true),
        (path, &[("x-mood", "calm ")], false),
        (path, &[("x-mood", "wild")], true),
        (path, &[("x-mood", "")], true),
        (path, &[("x-client-version", "5.0.0")], true),
        (path, &[("x-client-version", "99.3.1")], false),
        (path, &[("x-client-version", "4.7.0")], false),
        ("/shown/1?kind=a", &[], true),
        ("/shown/1?kind=a&other=b", &[], true),
        ("/shown/1?other=b&kind=a", &[], true),
        ("/shown/1?", &[], false),
        // Nobody asks as anybody here.
        (path, &[("cookie", "__Host-session=abc")], false),
        (path, &[("authorization", "Bearer abc")], false),
        (path, &[("cache-control", "no-cache"), ("pragma", "no-cache")], false),
        (path, &[("accept", "text/html"), ("user-agent", "x"), ("x-forwarded-host", "evil.example")], false),
    ] {
        let one = shop.ask(path, headers);
        assert_eq!(one.status, 200, "{path} {headers:?}");
        calls += usize::from(makes_another);
        assert_eq!(shop.calls(), calls, "{path} {headers:?}");
        // And what is kept of it is the same.
        let again = shop.ask(path, headers);
        assert_eq!(
            (&again.body, again.header("etag")),
            (&one.body, one.header("etag")),
            "{path} {headers:?}"
        );
        assert_eq!(shop.calls(), calls, "{path} {headers:?}");
    }
    let german = shop.ask(path, &[("accept-language", "de"), ("x-mood", "calm")]).text();
    assert!(german.contains(r#""mood":"calm""#) && german.contains(','), "{german}");
    // What does not fit never meets what is kept.
    assert_eq!(shop.ask("/shown/1?kind=a&kind=b", &[]).problem(), "invalid_input");
    assert_eq!(shop.ask(path, &[("x-client-version", "3.0.0")]).problem(), "client_too_old");
}

#[test]
fn an_answer_that_lacks_something_is_never_kept_nor_put_in_a_good_one_s_place() {
    let more = r#"const more = extras.getReviews({ id }, { within: "5s", optional: true })?.count;"#;
    let workspace = shop(r#"public: "1s", staleIfError: "1h""#, more);
    let (items, extras) = (Server::start(), Server::start());
    items.on("/items/1", Script::json(LAMP));
    extras.on_each(
        "/reviews/1",
        [Script::status(500), Script::json(r#"{"count":7,"stars":5}"#), Script::status(500)],
    );
    let desk = Desk::start(&workspace, &[("items", items.url()), ("extras", extras.url())]);
    let poor = desk.get("/kept/1");
    assert_eq!((poor.status, said(&poor, "frontdesk-degraded")), (200, "extras.getReviews;reason=error"));
    assert_eq!(said(&poor, "cache-control"), "private, no-store");
    assert_eq!(said(&poor, "cache-status"), "frontdesk; fwd=miss");
    assert_eq!(poor.header("etag"), None);
    let good = desk.get("/kept/1");
    assert_eq!((good.header("frontdesk-degraded"), good.json()["more"].as_u64()), (None, Some(7)));
    // Once it is old, a new one lacks something again; it is given to whoever asked, and the good one stays.
    eventually("it is old", || desk.get("/kept/1").header("frontdesk-degraded").is_some());
    items.on("/items/1", Script::status(500));
    let stood_in = desk.get("/kept/1");
    assert_eq!((stood_in.status, stood_in.json()["more"].as_u64()), (200, Some(7)));
}

#[test]
fn two_hundred_who_miss_make_one_answer() {
    let shop = Shop::start(r#"public: "60s""#);
    let gate = Gate::new();
    shop.items.on("/items/1", Script::json(LAMP).behind(&gate));
    let mut clients: Vec<Client> = (0..200).map(|_| shop.desk.connect()).collect();
    for client in &mut clients {
        client.send(&request("GET", "/kept/1", &[], b""));
    }
    eventually("the call is made", || shop.calls() == 1);
    // The first one's way is past the cache; one that comes later and answers says that the others are, too.
    assert_eq!(shop.ask("/nowhere", &[]).status, 404);
    gate.open();
    let mut ways = BTreeSet::new();
    for client in &mut clients {
        let reply = client.reply();
        assert_eq!((reply.status, reply.json()["title"].as_str()), (200, Some("Lamp")));
        let way = said(&reply, "cache-status");
        ways.insert(way.split("ttl=").next().unwrap().to_owned());
    }
    assert_eq!(shop.calls(), 1);
    assert!(ways.contains("frontdesk; fwd=miss; stored"), "{ways:?}");
    assert!(ways.contains("frontdesk; fwd=miss; collapsed"), "{ways:?}");
}

#[test]
fn a_flight_ends_though_whoever_began_it_has_gone() {
    let shop = Shop::start(r#"public: "60s""#);
    let gate = Gate::new();
    shop.items.on("/items/1", Script::json(LAMP).behind(&gate));
    let mut first = shop.desk.connect();
    first.send(&request("GET", "/kept/1", &[], b""));
    eventually("the call is made", || shop.calls() == 1);
    let mut second = shop.desk.connect();
    second.send(&request("GET", "/kept/1", &[], b""));
    drop(first);
    eventually("its going is noticed", || shop.desk.log.lines(0).iter().any(|line| line["status"] == 499));
    gate.open();
    assert_eq!(second.reply().status, 200);
    assert_eq!(shop.calls(), 1);
}

#[test]
fn a_flight_that_fails_leaves_each_to_itself() {
    let shop = Shop::start(r#"public: "60s""#);
    let gate = Gate::new();
    shop.items.on_each("/items/1", [Script::status(500).behind(&gate), Script::json(LAMP)]);
    let mut clients: Vec<Client> = (0..5).map(|_| shop.desk.connect()).collect();
    for client in &mut clients {
        client.send(&request("GET", "/kept/1", &[], b""));
    }
    eventually("the call is made", || shop.calls() == 1);
    assert_eq!(shop.ask("/nowhere", &[]).status, 404);
    gate.open();
    let mut statuses: Vec<u16> = clients.iter_mut().map(|client| client.reply().status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 200, 502]);
}

#[test]
fn an_old_answer_is_given_while_a_new_one_is_made() {
    let shop = Shop::start(r#"public: "1s", stale: "1h""#);
    let gate = Gate::new();
    let new = LAMP.replace("Lamp", "Light");
    shop.items.on_each("/items/1", [Script::json(LAMP), Script::json(new).behind(&gate)]);
    shop.ask("/kept/1", &[]);
    let mut old = shop.ask("/kept/1", &[]);
    eventually("it is old", || {
        old = shop.ask("/kept/1", &[]);
        said(&old, "frontdesk-cache").starts_with("stale;age=")
    });
    assert_eq!((old.status, old.json()["title"].as_str()), (200, Some("Lamp")));
    assert!(said(&old, "cache-status").starts_with("frontdesk; hit; ttl="), "{old:?}");
    eventually("a new one is being made", || shop.calls() == 2);
    for _ in 0..10 {
        assert_eq!(shop.ask("/kept/1", &[]).json()["title"], "Lamp");
    }
    assert_eq!(shop.calls(), 2, "by one flight");
    gate.open();
    eventually("the new one is there", || shop.ask("/kept/1", &[]).json()["title"] == "Light");
}

#[test]
fn an_old_answer_stands_in_for_a_failure_but_not_for_a_refusal() {
    let shop = Shop::start(r#"public: "1s", staleIfError: "1h""#);
    let good = shop.ask("/kept/1", &[]);
    shop.items.on("/items/1", Script::status(503));
    let mut reply = good.clone();
    eventually("it is old", || {
        reply = shop.ask("/kept/1", &[]);
        said(&reply, "frontdesk-cache").starts_with("stale;age=")
    });
    assert_eq!((reply.status, &reply.body, reply.header("etag")), (200, &good.body, good.header("etag")));
    assert!(said(&reply, "cache-status").starts_with("frontdesk; fwd=stale; detail=stale-if-error; ttl="));
    assert!(said(&reply, "age").parse::<u64>().unwrap() >= 1);
    assert_eq!(reply.header("warning"), None);
    eventually("the operator sees the failed call", || {
        let lines = shop.desk.log.lines(2);
        lines.iter().any(|line| line["status"] == 200 && line["calls"][0]["fault"] == "error")
    });
    // For whoever asks for something else there is nothing.
    assert_eq!(shop.ask("/kept/1?size=2", &[]).problem(), "service_unavailable");
    // A purge takes it away.
    assert_eq!(shop.purge(r#"["view:app/kept"]"#).status, 200);
    assert_eq!(shop.ask("/kept/1", &[]).problem(), "service_unavailable");
    shop.items.on("/items/1", Script::json(LAMP));
    assert_eq!(shop.ask("/kept/1", &[]).status, 200);
    shop.items.on("/items/1", Script::status(404));
    let mut refused = good;
    eventually("it is old", || {
        refused = shop.ask("/kept/1", &[]);
        refused.status != 200
    });
    assert_eq!(refused.problem(), "not_found");
    shop.items.on("/items/1", Script::status(503));
    assert_eq!(shop.ask("/kept/1", &[]).problem(), "service_unavailable", "what was refused is forgotten");
}

#[test]
fn what_is_purged_is_made_again() {
    let shop = Shop::start(r#"public: "60s", tags: ["home", "item:{id}", "size:{size}"]"#);
    let reply = shop.ask("/kept/1?size=2", &[]);
    assert_eq!(said(&reply, "surrogate-key"), "home item:1 size:2 view:app/kept");
    assert_eq!(said(&reply, "cache-tag"), "home,item:1,size:2,view:app/kept");
    for (tags, is_hit) in [
        (r#"["item:2", "size:1", "view:app/other"]"#, false),
        (r#"["item:1"]"#, true),
        (r#"["other", "size:2"]"#, true),
        (r#"["view:app/kept"]"#, true),
    ] {
        let calls = shop.calls();
        let purged = shop.purge(tags);
        assert_eq!(purged.status, 200, "{purged:?}");
        let count = tags.matches(',').count() + 1;
        assert_eq!(purged.json(), serde_json::json!({ "purged": count }));
        // However a number is written, its tag is one.
        assert_eq!(shop.ask("/kept/1?size=2", &[]).status, 200);
        assert_eq!(shop.calls(), calls + usize::from(is_hit), "{tags}");
    }
    for (headers, status) in [
        (&[][..], 401),
        (&[("authorization", "Bearer wrong")], 401),
        (&[("authorization", "Basic abc")], 401),
    ] {
        let reply = purge(&shop.desk, r#"["home"]"#, headers);
        assert_eq!(reply.status, status);
    }
    let calls = shop.calls();
    assert_eq!(shop.purge("[]").status, 400);
    assert_eq!(shop.purge(r#"["", "home"]"#).status, 400);
    shop.ask("/kept/1?size=2", &[]);
    assert_eq!(shop.calls(), calls, "nothing was purged by what was refused");
    let closed = Desk::shop(&[]);
    assert_eq!(purge(&closed, r#"["home"]"#, &[("authorization", "Bearer ")]).status, 404);
    // The way is for administrators only.
    assert_eq!(shop.desk.ask(&post("/-/cache/purge", r#"{"tags":["home"]}"#)).status, 404);
}

#[test]
fn a_purge_is_not_undone_by_an_answer_that_was_under_way() {
    let shop = Shop::start(r#"public: "60s", tags: ["item:{id}"]"#);
    let gate = Gate::new();
    let new = LAMP.replace("Lamp", "Light");
    shop.items.on_each("/items/1", [Script::json(LAMP).behind(&gate), Script::json(new)]);
    let mut early = shop.desk.connect();
    early.send(&request("GET", "/kept/1", &[], b""));
    eventually("the call is made", || shop.calls() == 1);
    assert_eq!(shop.purge(r#"["item:1"]"#).status, 200);
    // Who asks after the purge does not get what was asked for before it.
    assert_eq!(shop.ask("/kept/1", &[]).json()["title"], "Light");
    gate.open();
    assert_eq!(early.reply().json()["title"], "Lamp");
    for _ in 0..3 {
        assert_eq!(shop.ask("/kept/1", &[]).json()["title"], "Light");
    }
    assert_eq!(shop.calls(), 2);
}

#[test]
fn a_whole_answer_goes_with_the_tags_of_its_calls() {
    let workspace = shop(r#"public: "60s", tags: ["home"]"#, "").replacing(
        "bffs/app/views/kept.ts",
        "items.getItem({ id })",
        r#"items.getItem({ id }, { cache: { ttl: "60s", tags: [`stock:${id}`] } })"#,
    );
    let shop = Shop::of(&workspace);
    let first = shop.ask("/kept/1", &[]);
    assert_eq!(said(&first, "frontdesk-cache"), "miss, miss;call=item");
    assert_eq!(said(&first, "surrogate-key"), "home view:app/kept", "a call's tags are our own affair");
    // Another answer of the view, of the same call.
    let other = shop.ask("/kept/1?size=2", &[]);
    assert!(said(&other, "frontdesk-cache").starts_with("miss, hit;age="), "{other:?}");
    assert!(said(&other, "frontdesk-cache").ends_with(";call=item"), "{other:?}");
    assert_eq!(shop.calls(), 1);
    shop.items.on("/items/1", Script::json(LAMP.replace("Lamp", "Light")));
    assert_eq!(shop.purge(r#"["stock:1"]"#).status, 200);
    for path in ["/kept/1", "/kept/1?size=2"] {
        assert_eq!(shop.ask(path, &[]).json()["title"], "Light", "{path}");
    }
    assert_eq!(shop.calls(), 2);
}

#[test]
fn whoever_asks_after_a_purge_of_a_call_s_tag_does_not_wait_for_what_began_before() {
    let workspace = shop(r#"public: "60s""#, "").replacing(
        "bffs/app/views/kept.ts",
        "items.getItem({ id })",
        r#"items.getItem({ id }, { cache: { ttl: "60s", tags: ["stock"] } })"#,
    );
    let shop = Shop::of(&workspace);
    let gate = Gate::new();
    let new = LAMP.replace("Lamp", "Light");
    shop.items.on_each("/items/1", [Script::json(LAMP).behind(&gate), Script::json(new)]);
    let mut early = shop.desk.connect();
    early.send(&request("GET", "/kept/1", &[], b""));
    eventually("the call is made", || shop.calls() == 1);
    assert_eq!(shop.purge(r#"["stock"]"#).status, 200);
    let mut late = shop.desk.connect();
    late.send(&request("GET", "/kept/1", &[], b""));
    assert_eq!(shop.ask("/nowhere", &[]).status, 404);
    gate.open();
    assert_eq!(early.reply().json()["title"], "Lamp");
    assert_eq!(late.reply().json()["title"], "Light");
    assert_eq!(shop.ask("/kept/1", &[]).json()["title"], "Light");
}

#[test]
fn new_code_never_gives_what_old_code_made() {
    let before = shop(r#"public: "60s""#, "");
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP));
    let urls = [("items", items.url())];
    let cache: Arc<Cache> = Fittings::default().cache;
    let fittings = || Fittings { cache: cache.clone(), ..Fittings::default() };
    let desk = Desk::start_with(&before, &urls, fittings());
    assert_eq!(desk.get("/kept/1").json()["title"], "Lamp");
    // The same again: what is kept is still good.
    desk.server().reload(before.snapshot_with(&urls, &fittings()));
    assert!(said(&desk.get("/kept/1"), "frontdesk-cache").starts_with("hit"));
    assert_eq!(items.received().len(), 1);
    let after = before.clone().replacing("bffs/app/views/kept.ts", "title: item.title", "title: item.id");
    desk.server().reload(after.snapshot_with(&urls, &fittings()));
    assert_eq!(desk.get("/kept/1").json()["title"], "1");
    assert_eq!(items.received().len(), 2);
    // Or the service is reached otherwise.
    let other = before.clone().replacing(
        "frontdesk.yaml",
        "headers: { x-api-key",
        "headers: { x-other: \"1\", x-api-key",
    );
    desk.server().reload(other.snapshot_with(&urls, &fittings()));
    assert!(said(&desk.get("/kept/1"), "frontdesk-cache").starts_with("hit"), "not a service of this view");
}

#[test]
fn another_origin_s_script_may_read_it_and_only_a_listed_one() {
    let workspace = shop(r#"public: "60s""#, "").replacing(
        "bffs/app/bff.ts",
        "  currency:",
        "  cors: { origins: [\"https://shop.example\"] },\n  currency:",
    );
    let shop = Shop::of(&workspace);
    assert_eq!(varies(&shop.ask("/kept/1", &[])), BTreeSet::from(["origin".to_owned()]));
    let listed = shop.ask("/kept/1", &[("origin", "https://shop.example")]);
    assert_eq!(said(&listed, "access-control-allow-origin"), "https://shop.example");
    let exposed = said(&listed, "access-control-expose-headers");
    assert!(["age", "cache-status", "etag", "frontdesk-cache"].iter().all(|name| exposed.contains(name)));
    let other = shop.ask("/kept/1", &[("origin", "https://evil.example")]);
    assert_eq!(other.header("access-control-allow-origin"), None);
    assert_eq!(shop.calls(), 1);
}

#[test]
fn workers_share_what_is_kept() {
    let workspace = shop(r#"public: "60s""#, "");
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP).after(Duration::from_millis(1)));
    let fittings = Fittings { threads: 3, ..Fittings::default() };
    let desk = Desk::start_with(&workspace, &[("items", items.url())], fittings);
    for _ in 0..60 {
        assert_eq!(desk.get("/kept/1").status, 200);
    }
    assert_eq!(items.received().len(), 1);
}
