//! Versions of clients, dated contracts, and what is on its way out, where a case in data is not enough.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use frontdesk_adapter::Clock;
use frontdesk_perimeter::api_key::{KeyEntry, KeyFile, NewKey};
use frontdesk_testserver::{Script, Server};
use frontdesk_types::Date;
use serde_json::{Value, json};

use crate::desk::{Desk, Fittings, Workspace, root};
use crate::wire::{Client, Reply, request};

const ITEM: &str = r#"{"id":"1","title":"Lamp","minor":1999,"tags":["a","b"]}"#;

fn workspace() -> Workspace {
    Workspace::read(&root().join("scenarios/versions/workspace"))
}

/// The services of the workspace.
struct Shop {
    items: Server,
    extras: Server,
}

impl Shop {
    fn open() -> Self {
        let (items, extras) = (Server::start(), Server::start());
        items.on("/items/1", Script::json(ITEM));
        extras.on("/similar", Script::json(r#"[{"id":"2","title":"Shade"}]"#));
        extras.on("/reviews/1", Script::json(r#"{"count":2,"stars":4.5}"#));
        Self { items, extras }
    }

    fn urls(&self) -> [(&'static str, String); 3] {
        [("items", self.items.url()), ("extras", self.extras.url()), ("legacy", self.items.url())]
    }

    fn calls(&self) -> Vec<String> {
        let received = self.items.received().into_iter().chain(self.extras.received());
        received.map(|call| format!("{} {}", call.method, call.target)).collect()
    }
}

fn get(desk: &Desk, path: &str, headers: &[(&str, &str)]) -> Reply {
    desk.ask(&request("GET", path, headers, b""))
}

/// Status, headers and body, without what differs from one answer to the next.
fn lasting(reply: &Reply) -> (u16, Vec<(String, String)>, String) {
    let passing = ["date", "x-request-id"];
    let headers = reply.headers.iter().filter(|(name, _)| !passing.contains(&name.as_str())).cloned();
    let id = reply.header("x-request-id").unwrap();
    (reply.status, headers.collect(), reply.text().replace(id, ""))
}

const BEFORE: &str = r#"
import { since, t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /home/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => {
    const item = items.getItem({ id });
    const reviews = extras.getReviews({ id }, { optional: true });
    return { title: item.title, stars: reviews && reviews.stars, is5: since("5.0.0", true) };
  },
});
"#;

/// The same, and a release later.
const AFTER: &str = r#"
import { since, t, view } from "frontdesk";
import { extras, items } from "frontdesk/services";

export default view("GET /home/{id}", {
  input: { id: t.string().max(64) },
  load: ({ id }) => {
    const item = items.getItem({ id });
    const reviews = extras.getReviews({ id }, { optional: true });
    return {
      title: item.title,
      similar: since("5.1.0", extras.similar({ itemId: id }).map((other) => ({ title: other.title, of: item.id }))),
      stars: reviews && reviews.stars,
      is5: since("5.0.0", true),
      tags: since("5.1.0", item.tags ?? []),
    };
  },
});
"#;

#[test]
fn an_old_client_s_answer_is_the_same_to_the_byte_after_a_new_field_ships() {
    let view = "bffs/app/views/home.ts";
    let answers = |text: &str, version: &str, reviews: Option<Script>| {
        let shop = Shop::open();
        if let Some(script) = reviews {
            shop.extras.on("/reviews/1", script);
        }
        let desk = Desk::start(&workspace().adding(view, text), &shop.urls());
        let headers = [("x-client-version", version), ("accept-encoding", "gzip")];
        let reply = get(&desk, "/home/1", &headers[usize::from(version.is_empty())..]);
        (lasting(&reply), shop.calls())
    };
    let broken = || Some(Script::status(500));
    for (version, reviews) in [
        ("4.2.0", None),
        ("", None),
        ("4.9.9", None),
        ("5.0.0", None),
        ("5.0.99-beta", None),
        ("4.2.0", broken()),
        ("5.0.0", broken()),
        ("4.1.0", None),
        ("five", None),
    ] {
        let (before, calls_before) = answers(BEFORE, version, reviews.clone());
        let (after, calls_after) = answers(AFTER, version, reviews);
        assert_eq!(before, after, "{version}");
        assert_eq!(calls_before, calls_after, "{version}");
    }
    let ((status, _, body), calls) = answers(AFTER, "5.1.0", None);
    let all =
        r#"{"title":"Lamp","similar":[{"title":"Shade","of":"1"}],"stars":4.5,"is5":true,"tags":["a","b"]}"#;
    assert_eq!((status, body.as_str()), (200, all));
    assert!(calls.contains(&"GET /similar?itemId=1".to_owned()), "{calls:?}");
}

#[test]
fn who_is_too_old_to_sign_in_learns_that_first() {
    let shop = Shop::open();
    let closed = workspace()
        .replacing("bffs/app/bff.ts", "{ bff, proxy }", "{ apiKeys, bff, proxy }")
        .replacing("bffs/app/bff.ts", "  owner:", "  auth: apiKeys(),\n  owner:");
    let desk = Desk::start(&closed, &shop.urls());
    for path in ["/home/1", "/legacy/things/1"] {
        assert_eq!(get(&desk, path, &[("x-client-version", "4.0.0")]).problem(), "client_too_old");
        assert_eq!(get(&desk, path, &[("x-client-version", "?")]).problem(), "invalid_client_version");
        assert_eq!(get(&desk, path, &[("x-client-version", "5.0.0")]).problem(), "login_required");
        assert_eq!(get(&desk, path, &[]).problem(), "login_required");
    }
    let twice = get(&desk, "/home/1", &[("x-client-version", "5.0.0"), ("X-Client-Version", "5.0.0")]);
    assert_eq!((twice.status, twice.problem().as_str()), (400, "invalid_client_version"));
    let log = desk.log.lines(9);
    assert!(log.iter().any(|line| line["problem"] == "client_too_old: 4.0.0"), "{log:?}");
    // A refusal of the gate says that the endpoint is on its way out as well.
    let refused = get(&desk, "/v1/items/1", &[]);
    assert_eq!((refused.status, refused.header("deprecation")), (401, Some("@1777593600")));
    assert!(shop.calls().is_empty());
}

#[test]
fn a_long_answer_is_compressed_with_every_header_it_had() {
    let shop = Shop::open();
    let title = "Lamp ".repeat(600);
    shop.items.on("/items/1", Script::json(format!(r#"{{"id":"1","title":"{title}","minor":1}}"#)));
    let desk = Desk::start(&workspace(), &shop.urls());
    let reply = get(&desk, "/home/1", &[("accept-encoding", "gzip"), ("x-client-version", "5.1.0")]);
    assert_eq!((reply.status, reply.header("content-encoding")), (200, Some("gzip")));
    let vary: Vec<&str> = reply.all("vary").collect();
    assert!(vary.contains(&"accept-encoding"), "{vary:?}");
    let reply = get(&desk, "/v1/items/1", &[("accept-encoding", "gzip")]);
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert_eq!(reply.header("link"), Some("</home/1>; rel=\"successor-version\""));
}

/// A clock whose hands the test moves: Unix seconds.
struct Hands(AtomicU64);

impl Clock for Hands {
    fn unix_micros(&self) -> u64 {
        self.0.load(Ordering::Relaxed) * 1_000_000
    }
}

#[test]
fn an_endpoint_is_gone_while_the_server_runs() {
    let shop = Shop::open();
    shop.items.on(
        "/orders",
        Script::answer(201, &[("content-type", "application/json")], br#"{"id":"o","state":"open"}"#),
    );
    let sunset = Date::parse("2027-01-01").unwrap().unix_seconds();
    let clock = Arc::new(Hands(AtomicU64::new(sunset - 1)));
    let fittings = Fittings { clock: clock.clone(), ..Fittings::default() };
    let desk = Desk::start_with(&workspace(), &shop.urls(), fittings);
    let order = || desk.ask(&crate::wire::post("/v1/orders", r#"{"itemId":"1"}"#));
    assert_eq!(order().status, 200);
    clock.0.fetch_add(1, Ordering::Relaxed);
    let gone = order();
    assert_eq!((gone.status, gone.problem().as_str()), (410, "gone"));
    assert_eq!(gone.json()["successor"], "GET /plain/{id}");
    assert_eq!(shop.calls(), ["POST /orders"]);
    // Both asked for it, and whoever plans its retirement wants to know.
    let usage = Client::connect(desk.admin()).get("/-/deprecated").json();
    let order =
        usage["deprecated"].as_array().unwrap().iter().find(|one| one["endpoint"] == "order").unwrap();
    assert_eq!((&order["requests"], &order["last"]), (&json!(2), &json!("2027-01-01T00:00:00Z")));
}

#[test]
fn what_is_deprecated_is_counted_by_client_and_version() {
    let shop = Shop::open();
    let clock = Arc::new(Hands(AtomicU64::new(1_777_593_600)));
    let fittings = Fittings { clock, threads: 2, ..Fittings::default() };
    let desk = Desk::start_with(&workspace(), &shop.urls(), fittings);
    for version in ["5.0.0", "5.0.0", "5.7.1", "5.7.2"] {
        assert_eq!(get(&desk, "/v1/items/1", &[("x-client-version", version)]).status, 200);
    }
    assert_eq!(get(&desk, "/v1/items/1", &[]).status, 200);
    assert_eq!(get(&desk, "/mixed/1", &[]).status, 200);
    // Nothing deprecated was answered.
    assert_eq!(get(&desk, "/mixed/none", &[]).status, 404);
    assert_eq!(get(&desk, "/plain/1", &[]).status, 200);
    assert_eq!(get(&desk, "/v1/items/1", &[("x-client-version", "1.0.0")]).status, 426);

    let reply = Client::connect(desk.admin()).get("/-/deprecated");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    let usage = reply.json();
    assert_eq!(usage["since"], "2026-05-01T00:00:00Z");
    let row = |endpoint: &str, field: Value| {
        let all = usage["deprecated"].as_array().unwrap();
        all.iter().find(|one| one["endpoint"] == endpoint && one["field"] == field).unwrap()
    };
    let old = row("old", Value::Null);
    assert_eq!(
        old["deprecated"],
        json!({
            "since": "2026-05-01", "sunset": "2027-01-01", "use": "GET /home/{id}",
            "because": "home says more", "enforce": false,
        })
    );
    assert_eq!((&old["requests"], &old["last"]), (&json!(5), &json!("2026-05-01T00:00:00Z")));
    let by: Vec<Value> = old["by"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["client"], one["version"], one["requests"]]))
        .collect();
    assert_eq!(by, [json!(["app", null, 1]), json!(["app", "5.0.0", 2]), json!(["app", "5.7", 2])]);
    assert_eq!(row("mixed", json!("parts[].label"))["requests"], 1);
    let title = row("mixed", json!("title"));
    assert_eq!(title["by"][0]["requests"], 1);
    assert!(title["deprecated"]["since"].is_string() && title["deprecated"]["enforce"] == false, "{title:#}");
    // Of what nobody uses it is said as well.
    let unused = row("order", Value::Null);
    assert_eq!((&unused["requests"], &unused["last"], &unused["by"]), (&json!(0), &Value::Null, &json!([])));

    let lines = desk.log.lines(9);
    let noted: Vec<&Value> =
        lines.iter().map(|line| &line["deprecated"]).filter(|note| !note.is_null()).collect();
    assert_eq!(noted.len(), 6);
    for wanted in [
        json!({ "endpoint": true, "fields": [], "client": "app", "version": "5.0.0" }),
        json!({ "endpoint": false, "fields": ["title", "parts[].label"], "client": "app" }),
    ] {
        assert!(noted.contains(&&wanted), "{noted:?}");
    }
}

const DATES: [&str; 3] = ["2026-11-01", "2026-05-01", "2026-01-01"];

/// The BFF with dates alone, for partners with keys.
fn partner() -> Workspace {
    workspace()
        .removing("bffs/app/")
        .replacing("frontdesk.yaml", "  app: { listen: 127.0.0.1:0 }\n", "")
        .replacing("bffs/partner/bff.ts", "{ bff, proxy }", "{ apiKeys, bff, proxy }")
        .replacing("bffs/partner/bff.ts", "  limits:", "  auth: apiKeys(),\n  limits:")
}

#[test]
fn a_key_is_held_to_its_date_unless_the_request_names_another() {
    let shop = Shop::open();
    let pins = [None, Some(DATES[0]), Some(DATES[1]), Some(DATES[2]), Some("2025-07-01"), Some("3")];
    let made: Vec<NewKey> = pins.iter().map(|_| NewKey::generate("partner").unwrap()).collect();
    let entry = |(new, pin): (&NewKey, Option<&str>)| KeyEntry {
        id: new.id.clone(),
        name: "acme".to_owned(),
        hash: new.hash,
        scopes: Vec::new(),
        created: 0,
        expires: u64::MAX / 2,
        rate: None,
        version: pin.map(str::to_owned),
    };
    let keys = KeyFile { keys: made.iter().zip(pins).map(entry).collect() };
    let fittings = Fittings { keys, ..Fittings::default() };
    let desk = Desk::start_with(&partner(), &shop.urls(), fittings);
    let ask = |method: &str, path: &str, key: usize, more: &[(&str, &str)]| {
        let headers = [&[("x-api-key", made[key].text.as_str())], more].concat();
        desk.ask(&request(method, path, &headers, b""))
    };
    for (key, date) in [(0, DATES[0]), (1, DATES[0]), (2, DATES[1]), (3, DATES[2])] {
        let reply = ask("GET", "/stock/1", key, &[]);
        assert_eq!((reply.status, reply.header("partner-version")), (200, Some(date)), "{reply:?}");
        let other = ask("GET", "/stock/1", key, &[("Partner-Version", DATES[1])]);
        assert_eq!(other.header("partner-version"), Some(DATES[1]));
        assert_eq!(other.text(), r#"{"title":"Lamp"}"#);
    }
    assert_eq!(ask("GET", "/stock/1", 3, &[]).text(), r#"{"text":"Lamp","was":"a"}"#);
    // What was not there on a key's date.
    assert_eq!(ask("GET", "/fresh/1", 2, &[]).status, 200);
    let not_there = ask("GET", "/fresh/1", 3, &[]);
    assert_eq!(
        (not_there.problem().as_str(), not_there.header("partner-version")),
        ("no_such_endpoint", Some(DATES[2]))
    );
    let not_then = ask("DELETE", "/fresh/1", 2, &[]);
    assert_eq!((not_then.status, not_then.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    // A date that is no longer served: the request may still name one that is.
    for key in [4, 5] {
        let lost = ask("GET", "/stock/1", key, &[]);
        assert_eq!((lost.status, lost.problem().as_str()), (400, "unknown_version"));
        assert!(lost.json()["detail"].as_str().unwrap().contains("2026-05-01"), "{lost:?}");
        assert_eq!(ask("GET", "/stock/1", key, &[("partner-version", DATES[0])]).status, 200);
    }
    // Whoever is not known learns of unknown dates and of nothing else.
    assert_eq!(get(&desk, "/stock/1", &[("partner-version", "2020-01-01")]).problem(), "unknown_version");
    assert_eq!(get(&desk, "/stock/1", &[("partner-version", DATES[1])]).problem(), "login_required");
    let log = desk.log.lines(18);
    assert!(
        log.iter().any(|line| line["problem"] == "unknown_version: the key is held to 2025-07-01"),
        "{log:?}"
    );
}

#[test]
fn the_contract_of_each_date_can_be_read() {
    let shop = Shop::open();
    let long = |name: &str| {
        format!(r#"{{"openapi":"3.1.0","info":{{"version":"{name}"}},"x":"{}"}}"#, "long ".repeat(500))
    };
    let documents = DATES.iter().map(|date| long(date).into()).collect();
    let desk = Desk::start_with(&partner(), &shop.urls(), Fittings { documents, ..Fittings::default() });
    let of = |headers: &[(&str, &str)]| get(&desk, "/openapi.json", headers);
    let newest = of(&[]);
    assert_eq!((newest.status, newest.header("partner-version")), (200, Some(DATES[0])));
    for at in DATES {
        let reply = of(&[("partner-version", at), ("origin", "https://tools.example")]);
        assert_eq!(reply.json()["info"]["version"], at);
        assert_eq!(reply.header("partner-version"), Some(at));
        assert_eq!(reply.all("vary").collect::<Vec<_>>(), ["accept-encoding", "partner-version"]);
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        let tag = reply.header("etag").unwrap();
        let again = of(&[("partner-version", at), ("if-none-match", tag)]);
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, Some(tag)));
    }
    let coded = of(&[("accept-encoding", "gzip")]);
    assert_eq!((coded.status, coded.header("content-encoding")), (200, Some("gzip")));
    assert_ne!(coded.header("etag"), newest.header("etag"));
    assert_eq!(of(&[("partner-version", "2020-01-01")]).problem(), "unknown_version");
    let lines = desk.log.lines(9);
    assert!(lines.iter().all(|line| line["endpoint"] == "openapi"), "{lines:?}");
}

#[test]
fn a_contract_is_shown_only_if_bff_ts_says_so() {
    let hidden = workspace().replacing("bffs/app/bff.ts", "openapi: true", "openapi: false");
    let desk = Desk::start(&hidden, &[]);
    assert_eq!(desk.get("/openapi.json").problem(), "no_such_endpoint");
}
