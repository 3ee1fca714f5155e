//! One line a request, with names and numbers and no values.

use frontdesk_testserver::{Script, Server};
use serde_json::json;

use crate::desk::Desk;
use crate::wire::{post, request};

#[test]
fn each_request_has_one_line_and_none_of_its_values() {
    let items = Server::start();
    items.on(
        "/items/hush-id",
        Script::json(r#"{"id":"hush-id","title":"hush title","minor":1,"tags":["hush"]}"#),
    );
    items.on("/items/gone", Script::answer(500, &[], "hush of the service"));
    items.on("/items/odd", Script::json(r#"{"id":"odd","title":7,"minor":1}"#));
    let desk = Desk::shop(&[("items", items.url()), ("legacy", items.url())]);
    let ids: Vec<String> = [
        request(
            "GET",
            "/strict/hush-id?q=hush",
            &[("cookie", "session=hush"), ("authorization", "Bearer hush")],
            b"",
        ),
        request("GET", "/strict/gone", &[], b""),
        request("GET", "/strict/odd", &[], b""),
        post("/orders", r#"{"itemId":"hush","quantity":100}"#),
        request("GET", "/hush/nowhere", &[], b""),
        request("GET", "/legacy/items/hush-id", &[], b""),
    ]
    .iter()
    .map(|bytes| desk.ask(bytes).header("x-request-id").unwrap().to_owned())
    .collect();
    let lines = desk.log.lines(6);
    assert_eq!(lines.len(), 6);
    for (line, id) in lines.iter().zip(&ids) {
        assert_eq!(line["request_id"], **id);
        assert_eq!(line["bff"], "app");
        assert!(line["us"].as_u64().unwrap() > 0 && line["time"].as_u64().unwrap() > 1_700_000_000_000);
        assert!(!line.to_string().contains("hush"), "{line}");
    }
    let pick =
        |line: &serde_json::Value| json!([line["endpoint"], line["method"], line["status"], line["problem"]]);
    assert_eq!(pick(&lines[0]), json!(["strict", "GET", 200, null]));
    assert_eq!(lines[0]["calls"][0]["call"], "item");
    assert!(lines[0]["calls"][0]["bytes"].as_u64().unwrap() > 20);
    assert_eq!(pick(&lines[1]), json!(["strict", "GET", 502, "service_failed"]));
    assert_eq!(lines[1]["calls"][0]["fault"], "error");
    assert_eq!(lines[1]["calls"][0]["why"], "failed with status 500");
    assert_eq!(lines[2]["calls"][0]["fault"], "malformed");
    assert!(lines[2]["calls"][0]["why"].as_str().unwrap().contains("/title"), "{}", lines[2]);
    assert_eq!(pick(&lines[3]), json!(["order", "POST", 400, "invalid_input"]));
    assert_eq!(pick(&lines[4]), json!(["", "GET", 404, "no_such_endpoint"]));
    assert_eq!(pick(&lines[5]), json!(["/legacy/*", "GET", 200, null]));
}
