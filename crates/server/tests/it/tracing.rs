//! W3C Trace Context and the correlation id, from the client through us to the services.

use frontdesk_testserver::{Received, Script, Server};

use crate::desk::Desk;
use crate::wire::request;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fn ids(call: &Received) -> (String, String, String) {
    let parent = call.header("traceparent").unwrap();
    let parts: Vec<&str> = parent.split('-').collect();
    assert_eq!((parts.len(), parts[0]), (4, "00"), "{parent}");
    (parts[1].to_owned(), parts[2].to_owned(), parts[3].to_owned())
}

#[test]
fn a_trace_goes_on_through_views_and_proxy_routes() {
    let items = Server::start();
    items.on("*", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#));
    let desk = Desk::shop(&[("items", items.url()), ("legacy", items.url())]);
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    for path in ["/strict/1", "/legacy/x"] {
        let reply = desk.ask(&request("GET", path, &[("traceparent", &parent)], b""));
        assert_eq!(reply.header("x-request-id"), Some(TRACE));
        let (trace, span, flags) = ids(items.received().last().unwrap());
        assert_eq!((trace.as_str(), flags.as_str()), (TRACE, "01"), "{path}");
        assert_ne!(span, "00f067aa0ba902b7", "the span is ours");
        assert_ne!(span, "0000000000000000");
    }
}

#[test]
fn a_trace_is_started_where_there_is_none() {
    let items = Server::start();
    items.on("*", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#));
    let desk = Desk::shop(&[("items", items.url()), ("legacy", items.url())]);
    let mut seen = std::collections::HashSet::new();
    for (path, header) in [("/strict/1", "x"), ("/strict/1", "00-0-0-00"), ("/legacy/x", "nonsense")] {
        let reply = desk.ask(&request("GET", path, &[("traceparent", header)], b""));
        let (trace, ..) = ids(items.received().last().unwrap());
        assert_eq!(reply.header("x-request-id"), Some(trace.as_str()));
        assert!(seen.insert(trace), "each request has its own");
    }
    // A correlation id of the client's own, where it can be a trace id.
    let reply = desk.ask(&request(
        "GET",
        "/strict/1",
        &[("x-request-id", "0190f5a4-7c2e-7d3a-9b1e-2f3a4b5c6d7e")],
        b"",
    ));
    assert_eq!(reply.header("x-request-id"), Some("0190f5a47c2e7d3a9b1e2f3a4b5c6d7e"));
    let reply = desk.ask(&request("GET", "/nowhere", &[("x-request-id", "<script>")], b""));
    assert_eq!(reply.header("x-request-id").unwrap().len(), 32);
}

#[test]
fn what_is_left_of_the_budget_goes_along() {
    let items = Server::start();
    items.on("*", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#));
    let desk = Desk::shop(&[("items", items.url()), ("extras", items.url())]);
    desk.get("/quick/1");
    let told: Vec<String> = items.received().iter().map(|call| format!("{:?}", call.headers)).collect();
    assert!(!told.is_empty());
    for headers in told {
        assert!(headers.contains("timeout") || headers.contains("deadline"), "{headers}");
    }
}
