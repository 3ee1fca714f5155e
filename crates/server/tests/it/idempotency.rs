//! An action with a key is carried out once, whatever happens to its client, its answer or the store.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{Clock, EntryStore, StoreFault, StoreFuture, SystemClock};
use frontdesk_stores::memory::MemoryStore;
use frontdesk_testserver::{Gate, Script, Server};

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::{Reply, request};

const ORDER: &str = r#"{"itemId":"1","quantity":2}"#;

fn shop(idempotency: &str) -> Workspace {
    let option = format!("  idempotency: \"{idempotency}\",\n  input: {{ itemId");
    Workspace::shop().replacing("bffs/app/actions/order.ts", "  input: { itemId", &option)
}

fn items() -> Server {
    let items = Server::start();
    items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":100}"#));
    items.on("/orders", Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#));
    items.on("/orders/o1/payment", Script::json(r#"{"state":"paid"}"#));
    items.on("/audit", Script::status(204));
    items
}

fn ordering(key: &str, body: &str) -> Vec<u8> {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    request("POST", "/orders", &headers, body.as_bytes())
}

fn told(reply: &Reply) -> (u16, String) {
    (reply.status, reply.problem())
}

fn count(items: &Server, path: &str) -> usize {
    items.received().iter().filter(|received| received.target == path).count()
}

#[test]
fn a_repeated_request_gets_the_first_ones_answer() {
    let items = items();
    let desk = Desk::start(&shop("required"), &[("items", items.url())]);
    let first = desk.ask(&ordering("8e03978e", ORDER));
    assert_eq!((first.status, first.header("idempotent-replayed")), (200, None));
    for key in ["8e03978e", "\"8e03978e\""] {
        let again = desk.ask(&ordering(key, ORDER));
        assert_eq!((again.status, again.text()), (200, first.text()));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
        assert_ne!(again.header("x-request-id"), first.header("x-request-id"), "each request has its own");
    }
    assert_eq!(count(&items, "/orders"), 1, "ordered once");
    assert_eq!(desk.ask(&ordering("another", ORDER)).status, 200);
    assert_eq!(count(&items, "/orders"), 2, "another key is another order");
}

#[test]
fn keys_are_wanted_checked_and_good_for_one_content() {
    let items = items();
    let desk = Desk::start(&shop("required"), &[("items", items.url())]);
    let without = desk.ask(&crate::wire::post("/orders", ORDER));
    assert_eq!(told(&without), (400, "idempotency_key_required".to_owned()));
    for bad in ["", "two words", "\"open", &"k".repeat(300)] {
        let reply = desk.ask(&ordering(bad, ORDER));
        assert_eq!(told(&reply), (400, "invalid_idempotency_key".to_owned()), "{bad}");
    }
    assert_eq!(count(&items, "/orders"), 0);
    assert_eq!(desk.ask(&ordering("k1", ORDER)).status, 200);
    let other = desk.ask(&ordering("k1", r#"{"itemId":"1","quantity":3}"#));
    assert_eq!(told(&other), (422, "idempotency_key_reused".to_owned()));

    let optional = Desk::start(&shop("optional"), &[("items", items.url())]);
    assert_eq!(optional.ask(&crate::wire::post("/orders", ORDER)).status, 200);
}

#[test]
fn what_failed_before_anything_was_written_may_be_tried_again() {
    let items = Server::start();
    items
        .on_each("/items/1", [Script::status(503), Script::json(r#"{"id":"1","title":"Lamp","minor":100}"#)]);
    items.on("/orders", Script::answer(201, &[("content-type", "application/json")], r#"{"id":"o1"}"#));
    items.on_each("/orders/o1/payment", [Script::status(500), Script::json(r#"{"state":"paid"}"#)]);
    items.on("/audit", Script::status(204));
    let desk = Desk::start(&shop("required"), &[("items", items.url())]);
    assert_eq!(desk.ask(&ordering("k1", r#"{"itemId":1}"#)).status, 400, "does not fit");
    assert_eq!(told(&desk.ask(&ordering("k1", ORDER))).0, 503, "the item could not be read");
    // Now it is ordered, but not paid: what became of that nobody may try twice.
    let failed = desk.ask(&ordering("k1", ORDER));
    assert_eq!(told(&failed), (502, "service_failed".to_owned()));
    let again = desk.ask(&ordering("k1", ORDER));
    assert_eq!((again.status, again.header("idempotent-replayed")), (502, Some("true")));
    assert_eq!(count(&items, "/orders"), 1);
}

#[test]
fn an_action_goes_on_without_its_client_and_the_answer_can_be_fetched() {
    let gate = Gate::new();
    let items = items();
    items.on("/orders/o1/payment", Script::json(r#"{"state":"paid"}"#).behind(&gate));
    let desk = Desk::start(&shop("required"), &[("items", items.url())]);
    let mut client = desk.connect();
    client.send(&ordering("k1", ORDER));
    eventually("the payment is under way", || count(&items, "/orders/o1/payment") == 1);
    let meanwhile = desk.ask(&ordering("k1", ORDER));
    assert_eq!(told(&meanwhile), (409, "idempotency_in_progress".to_owned()));
    assert_eq!(meanwhile.header("retry-after"), Some("1"));
    drop(client);
    gate.open();
    eventually("the answer is there", || desk.ask(&ordering("k1", ORDER)).status == 200);
    assert_eq!((count(&items, "/orders"), count(&items, "/audit")), (1, 1), "carried out once, to its end");
}

/// A clock that is moved by hand.
struct Hand(AtomicU64);

impl Clock for Hand {
    fn unix_micros(&self) -> u64 {
        SystemClock.unix_micros() + self.0.load(Ordering::Relaxed) * 1_000_000
    }
}

/// A store that can be away.
struct Fickle {
    store: MemoryStore,
    away: AtomicBool,
}

impl Fickle {
    fn new() -> Arc<Self> {
        Arc::new(Self { store: MemoryStore::new(Arc::new(SystemClock)), away: AtomicBool::new(false) })
    }

    fn or_away<'a, T: 'a>(&self, then: impl FnOnce() -> StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.away.load(Ordering::Relaxed) {
            return Box::pin(async { Err(StoreFault("gone".to_owned())) });
        }
        then()
    }
}

impl EntryStore for Fickle {
    fn put_new<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, bool> {
        self.or_away(|| self.store.put_new(key, value, time))
    }

    fn put<'a>(&'a self, key: &'a str, value: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        self.or_away(|| self.store.put(key, value, time))
    }

    fn get<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.or_away(|| self.store.get(key))
    }

    fn take<'a>(&'a self, key: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.or_away(|| self.store.take(key))
    }
}

#[test]
fn with_the_store_away_nothing_is_carried_out_and_what_was_is_written_down_later() {
    let gate = Gate::new();
    let items = items();
    items.on("/orders/o1/payment", Script::json(r#"{"state":"paid"}"#).behind(&gate));
    let store = Fickle::new();
    let hand = Arc::new(Hand(AtomicU64::new(0)));
    let fittings = Fittings { idempotency: Some(store.clone()), clock: hand.clone(), ..Fittings::default() };
    let desk = Desk::start_with(&shop("required"), &[("items", items.url())], fittings);

    store.away.store(true, Ordering::Relaxed);
    let refused = desk.ask(&ordering("k1", ORDER));
    assert_eq!(told(&refused), (503, "idempotency_unavailable".to_owned()));
    assert!(items.received().is_empty());
    store.away.store(false, Ordering::Relaxed);

    let mut client = desk.connect();
    client.send(&ordering("k1", ORDER));
    eventually("the payment is under way", || count(&items, "/orders/o1/payment") == 1);
    store.away.store(true, Ordering::Relaxed);
    gate.open();
    assert_eq!(client.reply().status, 200, "what was done is told");
    store.away.store(false, Ordering::Relaxed);
    // Before it is written down the claim may seem to have been left behind: never is it carried out again.
    hand.0.store(3600, Ordering::Relaxed);
    let first = desk.ask(&ordering("k1", ORDER));
    let is_either = first.status == 200 || told(&first) == (409, "idempotency_outcome_unknown".to_owned());
    assert!(is_either, "{}", first.text());
    eventually("it is written down", || desk.ask(&ordering("k1", ORDER)).status == 200);
    assert_eq!(count(&items, "/orders"), 1);
}
