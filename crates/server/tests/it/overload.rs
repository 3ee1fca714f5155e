//! More than a service may take: shed at once, told to come back, and the rest goes on.

use frontdesk_testserver::{Gate, Script, Server};

use crate::desk::{Desk, Workspace, eventually};
use crate::wire::{Client, request};

#[test]
fn a_full_bulkhead_sheds_and_health_still_answers() {
    let gate = Gate::new();
    let narrow = Server::start();
    for id in 1..=3 {
        narrow.on(&format!("/one/{id}"), Script::json(r#"{"id":"1","text":"one"}"#).behind(&gate));
    }
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#));
    let desk = Desk::shop(&[("narrow", narrow.url()), ("items", items.url())]);
    // One call in flight, one that waits for its turn: the third is too many.
    let mut first = desk.connect();
    first.send(&request("GET", "/narrow/1", &[], b""));
    eventually("the call is in flight", || !narrow.received().is_empty());
    let mut second = desk.connect();
    second.send(&request("GET", "/narrow/2", &[], b""));
    let mut third = desk.connect();
    // Answered after the second has arrived, since the worker takes them in turn.
    assert_eq!(second_is_waiting(&desk), 404);
    third.send(&request("GET", "/narrow/3", &[], b""));
    let shed = third.reply();
    assert_eq!((shed.status, shed.problem().as_str()), (503, "service_unavailable"));
    assert_eq!(shed.header("retry-after"), Some("1"));
    // Where the call is optional, the answer goes without it.
    let partial = desk.get("/narrow-optional/3");
    assert_eq!((partial.status, partial.text().as_str()), (200, r#"{"text":"later"}"#));
    assert_eq!(partial.header("frontdesk-degraded"), Some("one;reason=shed"));
    // Everything else goes on.
    assert_eq!(desk.get("/strict/1").status, 200);
    for path in ["/-/health", "/-/ready"] {
        assert_eq!(Client::connect(desk.admin()).get(path).status, 200);
    }
    gate.open();
    assert_eq!(first.reply().status, 200);
    assert_eq!(second.reply().status, 200);
    assert_eq!(narrow.received().len(), 2, "what was shed was not sent");
}

/// A few more requests through the same worker.
fn second_is_waiting(desk: &Desk) -> u16 {
    for _ in 0..5 {
        desk.get("/nowhere");
    }
    desk.get("/nowhere").status
}

#[test]
fn more_requests_than_places_are_shed_the_least_important_first() {
    let gate = Gate::new();
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#).behind(&gate));
    items.on("/items/2", Script::json(r#"{"id":"2","title":"Shade","minor":1}"#));
    let workspace =
        Workspace::shop().replacing("frontdesk.yaml", "connections: 1000", "connections: 1000, requests: 2");
    let desk = Desk::start(&workspace, &[("items", items.url())]);
    let mut first = desk.connect();
    first.send(&request("GET", "/strict/1", &[], b""));
    eventually("the first is served", || !items.received().is_empty());

    // One of two places is taken. Nobody waits for what is fetched ahead: it has to leave the other free.
    let ahead = desk.ask(&request("GET", "/strict/2", &[("sec-purpose", "prefetch;prerender")], b""));
    assert_eq!((ahead.status, ahead.problem().as_str()), (503, "overloaded"));
    assert_eq!(desk.get("/strict/2").status, 200);

    let mut second = desk.connect();
    second.send(&request("GET", "/strict/1", &[], b""));
    eventually("the second is served", || items.received().len() == 3);
    let shed = desk.get("/strict/2");
    assert_eq!((shed.status, shed.problem().as_str()), (503, "overloaded"));
    let after: u64 = shed.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=4).contains(&after), "comes back in {after} s");
    assert_eq!(items.received().len(), 3, "nothing was asked for what was shed");
    for path in ["/-/health", "/-/ready"] {
        assert_eq!(Client::connect(desk.admin()).get(path).status, 200);
    }
    gate.open();
    assert_eq!((first.reply().status, second.reply().status), (200, 200));
    assert_eq!(desk.get("/strict/2").status, 200, "places are free again");
}

#[test]
fn an_endpoint_with_a_bulkhead_lets_so_many_wait_and_sheds_the_others() {
    let gate = Gate::new();
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#).behind(&gate));
    items.on("/items/2", Script::json(r#"{"id":"2","title":"Shade","minor":1}"#));
    let workspace =
        Workspace::shop().replacing("bffs/app/views/strict.ts", "  load:", "  bulkhead: 1,\n\n  load:");
    let desk = Desk::start(&workspace, &[("items", items.url())]);
    let mut first = desk.connect();
    first.send(&request("GET", "/strict/1", &[], b""));
    eventually("the first is served", || !items.received().is_empty());
    let mut second = desk.connect();
    second.send(&request("GET", "/strict/2", &[], b""));
    // Answered after the second has arrived, since the worker takes them in turn.
    assert_eq!(second_is_waiting(&desk), 404);
    let third = desk.get("/strict/2");
    assert_eq!((third.status, third.problem().as_str()), (503, "overloaded"));
    assert_eq!(third.header("retry-after"), Some("1"));
    assert_eq!(desk.get("/items/2").status, 200, "other endpoints go on");
    gate.open();
    assert_eq!((first.reply().status, second.reply().status), (200, 200), "who waits has its turn");
}
