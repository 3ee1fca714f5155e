//! A bug of ours that panics in the middle of a request ends that request, with an answer, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{EntryStore, StoreFuture};
use frontdesk_testserver::{Gate, Script, Server};

use crate::desk::{Desk, Fittings, Workspace, eventually};
use crate::wire::request;

/// A store that panics when it is asked, or once what it gave is waited for.
struct Broken {
    at_once: bool,
}

impl Broken {
    fn panic<'a, T: Send + 'a>(&self) -> StoreFuture<'a, T> {
        assert!(!self.at_once, "on purpose");
        Box::pin(async { panic!("on purpose, later") })
    }
}

impl EntryStore for Broken {
    fn put_new<'a>(&'a self, _: &'a str, _: Bytes, _: Duration) -> StoreFuture<'a, bool> {
        self.panic()
    }

    fn put<'a>(&'a self, _: &'a str, _: Bytes, _: Duration) -> StoreFuture<'a, ()> {
        self.panic()
    }

    fn get<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.panic()
    }

    fn take<'a>(&'a self, _: &'a str) -> StoreFuture<'a, Option<Bytes>> {
        self.panic()
    }
}

#[test]
fn a_panic_is_one_requests_answer_and_nobody_elses_matter() {
    for at_once in [true, false] {
        let gate = Gate::new();
        let items = Server::start();
        items.on("/items/1", Script::json(r#"{"id":"1","title":"Lamp","minor":1}"#).behind(&gate));
        let option = "  idempotency: \"required\",\n  input: { itemId";
        let workspace = Workspace::shop().replacing("bffs/app/actions/order.ts", "  input: { itemId", option);
        let fittings = Fittings { idempotency: Some(Arc::new(Broken { at_once })), ..Fittings::default() };
        let desk = Desk::start_with(&workspace, &[("items", items.url())], fittings);
        let mut waiting = desk.connect();
        waiting.send(&request("GET", "/strict/1", &[], b""));
        eventually("the call is in flight", || items.received().len() == 1);
        let headers = [("content-type", "application/json"), ("idempotency-key", "k1")];
        let order = request("POST", "/orders", &headers, br#"{"itemId":"1","quantity":2}"#);
        let mut kept = desk.connect();
        for _ in 0..5 {
            kept.send(&order);
            let reply = kept.reply();
            assert_eq!((reply.status, reply.problem().as_str()), (500, "internal"));
            assert!(!reply.text().contains("on purpose"), "{reply:?}");
        }
        assert_eq!(kept.get("/nowhere").status, 404, "the connection is as good as before");
        gate.open();
        assert_eq!(waiting.reply().status, 200, "what was under way on the same worker");
        assert_eq!(items.received().len(), 1, "nothing was carried out");
        assert_eq!(desk.log.lines(7).len(), 7, "each has its line");
    }
}
