//! Versions of services, mirrored calls and ordered faults, from the client to the service and back.

use frontdesk_testserver::{Script, Server};
use serde_json::{Value, json};

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::{Client, Reply, request};

const TOKEN: &str = "a token of an administrator";
const ITEMS: &str = "    openapi: services/items.openapi.yaml\n";
const LEGACY: &str = "    headers: { x-api-key: from-the-platform }\n";

fn item(title: &str) -> Script {
    Script::json(format!(r#"{{"id":"1","title":"{title}","minor":1}}"#))
}

/// The shop, whose items have a version `v2`, and this traffic.
fn shop(traffic: &str) -> Workspace {
    let versions = "versions: { v2: { url: \"http://127.0.0.1:1\" } }";
    let with = format!("    traffic: {{ {versions}, {traffic} }}\n");
    Workspace::shop().replacing("frontdesk.yaml", ITEMS, &format!("{ITEMS}{with}")).replacing(
        "frontdesk.yaml",
        LEGACY,
        &format!("{LEGACY}{with}"),
    )
}

struct Shop {
    desk: Desk,
    one: Server,
    two: Server,
}

impl Shop {
    fn start(workspace: &Workspace, faults: bool) -> Self {
        let (one, two) = (Server::start(), Server::start());
        one.on("*", item("one"));
        two.on("*", item("two"));
        let urls =
            [("items", one.url()), ("items.v2", two.url()), ("legacy", one.url()), ("legacy.v2", two.url())];
        let fittings = Fittings { admin_token: Some(TOKEN.to_owned()), faults, ..Fittings::default() };
        Self { desk: Desk::start_with(workspace, &urls, fittings), one, two }
    }

    fn ask(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.desk.ask(&request("GET", path, headers, b""))
    }

    fn title(&self, path: &str, headers: &[(&str, &str)]) -> String {
        let reply = self.ask(path, headers);
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["title"].as_str().unwrap().to_owned()
    }

    fn admin(&self, method: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
        let bearer = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> =
            bearer.iter().map(|value| ("authorization", value.as_str())).collect();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut client = Client::connect(self.desk.admin());
        client.send(&request(method, path, &headers, body.as_bytes()));
        let reply = client.reply();
        (reply.status, reply.json())
    }

    fn order(&self, rule: &Value) -> (u16, Value) {
        self.admin("POST", "/-/faults", Some(TOKEN), rule)
    }
}

#[test]
fn a_header_of_the_client_sends_calls_and_proxied_requests_to_a_version() {
    let shop = Shop::start(&shop("routes: [{ to: v2, header: X-Shop, is: next }]"), false);
    for path in ["/strict/1", "/legacy/things/1"] {
        assert_eq!(shop.title(path, &[]), "one", "{path}");
        assert_eq!(shop.title(path, &[("x-shop", "next")]), "two", "{path}");
        assert_eq!(shop.title(path, &[("X-SHOP", "next")]), "two", "{path}");
        assert_eq!(shop.title(path, &[("x-shop", "Next")]), "one", "{path}");
    }
    let got = shop.two.received();
    assert!(got.iter().all(|got| got.header("x-shop").is_none()), "the header is ours, and goes no further");
    assert!(
        got.iter().any(|got| got.header("x-api-key") == Some("from-the-platform")),
        "as the service has it"
    );
}

#[test]
fn a_canary_gets_its_share_and_is_left_out_as_long_as_it_is_away() {
    let shop = Shop::start(&shop("routes: [{ to: v2, share: 30% }]"), false);
    let two = (0..200).filter(|_| shop.title("/strict/1", &[]) == "two").count();
    // 26 are four standard deviations.
    assert!((34..=86).contains(&two), "{two} of 200 at 30 %");
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let first = shop.title("/strict/1", &[("traceparent", trace)]);
    for path in ["/strict/1", "/legacy/things/1", "/strict/1"] {
        // Services draw each for themselves; one service never differs within a trace.
        let again = shop.title(path, &[("traceparent", trace)]);
        assert!(path.starts_with("/legacy") || again == first);
    }
    drop(shop.two);
    for _ in 0..30 {
        let reply = shop.desk.get("/strict/1");
        assert_eq!((reply.status, reply.json()["title"].as_str()), (200, Some("one")));
    }
}

#[test]
fn mirrored_calls_are_compared_off_the_path_and_counted() {
    let shop = Shop::start(&shop("mirror: { to: v2, compare: true }"), false);
    shop.two.on("*", Script::json(r#"{"minor":1.0,"title":"one","id":"1"}"#));
    assert_eq!(shop.title("/strict/1", &[]), "one");
    let counts = || shop.admin("GET", "/-/mirrors", Some(TOKEN), &Value::Null).1;
    eventually("the mirrored call is counted", || counts()["mirrors"][0]["operations"] != json!({}));
    let expected = json!({ "sent": 1, "failed": 0, "dropped": 0, "same": 1, "different": 0 });
    let said = counts();
    assert_eq!(said["mirrors"][0]["operations"], json!({ "getItem": expected }));
    assert_eq!((&said["mirrors"][0]["service"], &said["mirrors"][0]["to"]), (&json!("items"), &json!("v2")));
    let got = shop.two.received().remove(0);
    assert_eq!((got.target.as_str(), got.header("x-frontdesk-mirror")), ("/items/1", Some("1")));

    shop.two.on("*", item("two"));
    assert_eq!(shop.title("/strict/1", &[]), "one");
    eventually("the difference is counted", || {
        counts()["mirrors"][0]["operations"]["getItem"]["differs_at"] == "/title"
    });
    assert_eq!(shop.admin("GET", "/-/mirrors", None, &Value::Null).0, 401);
    assert_eq!(shop.one.received().len(), 2);
}

#[test]
fn faults_are_ordered_by_an_administrator_and_nobody_else() {
    let rule = json!({ "service": "items", "abort": 503, "for": "5m" });
    let silent = Shop::start(&Workspace::shop(), false);
    for method in ["GET", "POST", "DELETE"] {
        assert_eq!(silent.admin(method, "/-/faults", Some(TOKEN), &rule).0, 404, "not allowed here");
    }
    let shop = Shop::start(&Workspace::shop(), true);
    for token in [None, Some("a token of somebody else"), Some("")] {
        for method in ["GET", "POST", "DELETE"] {
            assert_eq!(shop.admin(method, "/-/faults", token, &rule).0, 401, "{method} {token:?}");
        }
    }
    assert_eq!(shop.title("/strict/1", &[]), "one");
    assert_eq!(shop.admin("GET", "/-/faults", Some(TOKEN), &Value::Null), (200, json!({ "faults": [] })));
}

#[test]
fn an_ordered_fault_happens_until_it_is_taken_back_and_stands_in_the_log() {
    let shop = Shop::start(&shop("routes: [{ to: v2, header: x-v2 }]"), true);
    let (status, said) =
        shop.order(&json!({ "service": "items", "operation": "getItem", "abort": 503, "for": "5m" }));
    assert_eq!(status, 201, "{said}");
    let listed = &said["faults"][0];
    assert_eq!((&listed["abort"], &listed["share"]), (&json!(503), &json!("100%")));
    assert!(listed["ends_in"].as_u64().unwrap() <= 300);
    let reply = shop.ask("/strict/1", &[]);
    assert_eq!(reply.status, 503);
    assert!(reply.headers.iter().all(|(name, _)| !name.contains("fault")), "clients are not told why");
    let id = listed["id"].as_u64().unwrap();
    assert_eq!(shop.desk.log.lines(1)[0]["faults"], json!([id]));
    assert_eq!(shop.admin("DELETE", &format!("/-/faults/{id}"), Some(TOKEN), &Value::Null).0, 200);
    assert_eq!(shop.admin("DELETE", &format!("/-/faults/{id}"), Some(TOKEN), &Value::Null).0, 404);
    assert_eq!(shop.title("/strict/1", &[]), "one");
    assert!(shop.desk.log.lines(2)[1].get("faults").is_none());

    // A version alone; a malformed answer; all taken back at once.
    let rules = json!([{ "service": "items", "version": "v2", "answer": "malformed", "for": "1h" }]);
    assert_eq!(shop.order(&rules).0, 201);
    assert_eq!(shop.title("/strict/1", &[]), "one");
    let reply = shop.ask("/strict/1", &[("x-v2", "")]);
    assert_eq!((reply.status, reply.problem().as_str()), (502, "service_failed"));
    assert_eq!(shop.admin("DELETE", "/-/faults", Some(TOKEN), &Value::Null), (200, json!({ "faults": [] })));
    assert_eq!(shop.title("/strict/1", &[("x-v2", "")]), "two");
}

#[test]
fn what_passes_through_is_harmed_as_well() {
    let shop = Shop::start(&Workspace::shop(), true);
    let statuses = [
        (json!({ "service": "legacy", "abort": 418, "for": "5m" }), 418),
        (json!({ "service": "legacy", "abort": "refuse", "for": "5m" }), 503),
        (json!({ "service": "legacy", "abort": "reset", "for": "5m" }), 502),
        (json!({ "service": "legacy", "delay": "20ms", "for": "5m" }), 200),
    ];
    for (rule, status) in statuses {
        shop.admin("DELETE", "/-/faults", Some(TOKEN), &Value::Null);
        assert_eq!(shop.order(&rule).0, 201);
        let before = shop.one.received().len();
        assert_eq!(shop.ask("/legacy/things/1", &[]).status, status, "{rule}");
        assert_eq!(shop.one.received().len() > before, status == 200, "{rule}");
    }
    shop.admin("DELETE", "/-/faults", Some(TOKEN), &Value::Null);
    // A route that waits a second for its service.
    assert_eq!(shop.order(&json!({ "service": "legacy", "abort": "timeout", "for": "5m" })).0, 201);
    assert_eq!(shop.ask("/things/1", &[]).status, 504);
    let lines = shop.desk.log.lines(5);
    assert!(lines.iter().all(|line| line["faults"].is_array()), "{lines:?}");
}

#[test]
fn a_rule_that_does_not_fit_the_workspace_is_refused_whole() {
    let shop = Shop::start(&shop("routes: [{ to: v2, share: 0% }]"), true);
    let cases = [
        (json!({ "service": "item", "abort": 503, "for": "5m" }), "/service", "did you mean `items`?"),
        (
            json!({ "service": "items", "operation": "getItm", "abort": 503, "for": "5m" }),
            "/operation",
            "did you mean `getItem`?",
        ),
        (
            json!({ "service": "items", "version": "v3", "abort": 503, "for": "5m" }),
            "/version",
            "did you mean `v2`?",
        ),
        (json!({ "service": "items", "abort": 503 }), "/for", "at most an hour"),
        (json!({ "service": "items", "abort": 503, "for": "2h" }), "/for", "up to 60m"),
        (json!({ "service": "items", "abort": 200, "for": "5m" }), "/abort", "400 to 599"),
        (json!({ "service": "items", "abort": "explode", "for": "5m" }), "/abort", "\"refuse\""),
        (json!({ "service": "items", "for": "5m" }), "", "`delay`, `abort` or `answer`"),
        (json!({ "service": "items", "delay": "10m", "for": "5m" }), "/delay", "up to 5m"),
        (json!({ "service": "items", "abort": 503, "share": "0%", "for": "5m" }), "/share", "above 0%"),
        (
            json!({ "service": "items", "abort": 503, "answer": "truncate", "for": "5m" }),
            "/answer",
            "leave one",
        ),
        (json!({ "service": "items", "aborts": 503, "for": "5m" }), "/aborts", "did you mean `abort`?"),
        (json!([{ "service": "items", "abort": 503, "for": "5m" }, 5]), "/1", "a rule is an object"),
        (json!([]), "", "no rule"),
        (json!({}), "/service", "name a service: items"),
    ];
    for (rule, pointer, detail) in cases {
        let (status, said) = shop.order(&rule);
        assert_eq!((status, said["status"].as_str()), (400, Some("bad_rule")), "{rule}");
        let problems = said["problems"].as_array().unwrap();
        let found = problems.iter().any(|problem| {
            problem["pointer"] == pointer && problem["detail"].as_str().unwrap().contains(detail)
        });
        assert!(found, "{rule}: {said}");
    }
    assert_eq!(shop.admin("GET", "/-/faults", Some(TOKEN), &Value::Null).1, json!({ "faults": [] }));
    assert_eq!(shop.title("/strict/1", &[]), "one");
}

#[test]
fn a_reload_keeps_the_faults_and_the_share_of_the_canary() {
    let workspace = shop("routes: [{ to: v2, share: 100% }]");
    let shop = Shop::start(&workspace, true);
    assert_eq!(shop.title("/strict/1", &[]), "two");
    assert_eq!(shop.order(&json!({ "service": "items", "version": "v2", "abort": 429, "for": "5m" })).0, 201);
    let urls = [("items", shop.one.url()), ("items.v2", shop.two.url())];
    shop.desk.server().reload(workspace.snapshot(&urls));
    eventually("the new Snapshot serves", || shop.ask("/strict/1", &[]).status != 200);
    assert_ne!(shop.ask("/strict/1", &[]).status, 200);
}
