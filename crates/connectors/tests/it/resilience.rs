//! Repeating, hedging, breaking off and leaving out, against services that misbehave.

use std::time::Duration;

use frontdesk_adapter::{CallPolicy, Connector, Fault, Hedge, Priority, ServiceCall};
use frontdesk_connectors::http::{HttpConnector, HttpService};
use frontdesk_connectors::{BreakerPolicy, BreakerState, EndpointSource, OutlierPolicy, Policy, Settings};
use frontdesk_testserver::{Gate, Script, Server};

use crate::{AMPLE, SHORT, ask, get, post, run, text, within};

fn with(server: &Server, policy: Policy) -> std::rc::Rc<HttpConnector> {
    HttpService::new(Settings { policy, ..Settings::at(server.url()) }).unwrap().local()
}

fn later(status: u16, seconds: &str) -> Script {
    Script::answer(status, &[("retry-after", seconds), ("content-type", "application/json")], "{}")
}

#[test]
fn a_service_says_when_it_wants_to_be_asked_again() {
    run(async {
        let server = Server::start();
        let connector = with(&server, Policy::plain(8).retries(1));
        for status in [429, 503] {
            server.on_each("/p", [later(status, "0"), Script::json("{}")]);
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"), "{status}");
        }
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        server.on_each("/p", [later(503, past), Script::json("{}")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        let before = server.received().len();
        // Longer than there is time: no retry, and no wait.
        server.on_each("/p", [later(503, "3600"), Script::json("{}")]);
        assert_eq!(text(&connector, "/p").await, Err(Fault::Failed { status: 503 }));
        server.on_each("/p", [Script::status(429), Script::json("{}")]);
        assert_eq!(text(&connector, "/p").await, Err(Fault::Rejected { status: 429 }));
        assert_eq!(server.received().len(), before + 2);
    });
}

#[test]
fn a_write_with_a_key_may_be_sent_twice() {
    run(async {
        let server = Server::start();
        let connector = with(&server, Policy::plain(8).retries(1));
        server.on_each("/p", [Script::status(503), Script::json("{}")]);
        let headers = vec![(b"idempotency-key".to_vec(), b"\"k1\"".to_vec())];
        let call = ServiceCall { headers, ..post("/p", "{}") };
        assert!(ask(&connector, &call).await.is_ok());
        assert_eq!(server.received().len(), 2);
        server.on_each("/p", [Script::status(503), Script::json("{}")]);
        let policy = CallPolicy { retries: Some(0), ..CallPolicy::default() };
        let call = ServiceCall { policy, ..get("/p") };
        assert_eq!(ask(&connector, &call).await.err(), Some(Fault::Failed { status: 503 }), "it says never");
    });
}

#[test]
fn a_hedge_wins_and_the_other_attempt_is_cancelled() {
    run(async {
        let (hanging, quick) = (Server::start(), Server::start());
        hanging.on("/p", Script::hang());
        quick.on("/p", Script::json("{}"));
        let endpoints = vec![EndpointSource::at(hanging.url()), EndpointSource::at(quick.url())];
        let policy = Policy { hedge: Hedge::After(Duration::from_millis(5)), ..Policy::plain(8) };
        let connector = HttpService::new(Settings { endpoints, policy, ..Settings::at("") }).unwrap().local();
        // Without hedging, the first call that meets the hanging endpoint would take until its deadline.
        for _ in 0..8 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        }
        let figures = connector.figures();
        assert_eq!((figures.in_flight, figures.waiting), (0, 0), "nothing of the losers is left");
        let before = hanging.received().len();
        let call = post("/p", "{}");
        let answered = connector.call(&call, within(SHORT)).await;
        let asked_twice = hanging.received().len() > before && answered.is_ok();
        assert!(!asked_twice, "a write has no hedge");
    });
}

#[test]
fn a_breaker_opens_lets_probes_through_and_closes() {
    run(async {
        let server = Server::start();
        let breaker = BreakerPolicy { calls: 5, open: Duration::from_millis(50), ..BreakerPolicy::default() };
        let connector = with(&server, Policy { breaker: Some(breaker), ..Policy::plain(8) });
        server.on("/p", Script::status(503));
        server.on("/q", Script::status(500));
        for _ in 0..5 {
            assert_eq!(text(&connector, "/p").await, Err(Fault::Failed { status: 503 }));
        }
        assert_eq!(text(&connector, "/p").await, Err(Fault::BreakerOpen));
        assert_eq!(connector.figures().breaker, BreakerState::Open);
        let asked = server.received().len();
        assert_eq!(asked, 5, "nothing is sent while it is open");
        server.on("/p", Script::json("{}"));
        while text(&connector, "/p").await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for _ in 0..10 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        }
        assert_eq!(connector.figures().breaker, BreakerState::Closed);
        // One operation that fails leaves the others alone.
        for _ in 0..20 {
            let call = ServiceCall { operation: 1, ..get("/q") };
            let _ = ask(&connector, &call).await;
        }
        let call = ServiceCall { operation: 1, ..get("/q") };
        assert_eq!(ask(&connector, &call).await.err(), Some(Fault::BreakerOpen));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(connector.figures().open_operations, 1);
    });
}

#[test]
fn calls_that_are_given_up_say_nothing_and_those_that_are_late_do() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::hang());
        let breaker = BreakerPolicy { calls: 3, ..BreakerPolicy::default() };
        let connector = with(&server, Policy { breaker: Some(breaker), ..Policy::plain(8) });
        let call = get("/p");
        for _ in 0..5 {
            let given_up = tokio::time::timeout(Duration::from_millis(5), ask(&connector, &call)).await;
            assert!(given_up.is_err());
        }
        assert_eq!(connector.figures().open_operations, 0);
        for _ in 0..3 {
            assert_eq!(connector.call(&call, within(SHORT)).await.err(), Some(Fault::TimedOut));
        }
        assert_eq!(ask(&connector, &call).await.err(), Some(Fault::BreakerOpen));
    });
}

#[test]
fn actions_come_before_views_in_the_queue() {
    run(async {
        let server = Server::start();
        let gate = Gate::new();
        server.on("/first", Script::json("{}").behind(&gate));
        for path in ["/view", "/action"] {
            server.on(path, Script::json("{}"));
        }
        let connector = with(&server, Policy::plain(1).bulkhead(1));
        let action = CallPolicy { priority: Priority::Action, ..CallPolicy::default() };
        let (first, view) = (get("/first"), get("/view"));
        let action = ServiceCall { policy: action, ..get("/action") };
        let (first, view, action, ()) = tokio::join!(
            connector.call(&first, within(AMPLE)),
            connector.call(&view, within(AMPLE)),
            connector.call(&action, within(AMPLE)),
            async {
                server.received_at_least(1).await;
                gate.open();
            }
        );
        assert!(first.is_ok() && action.is_ok());
        assert_eq!(view.err(), Some(Fault::Shed), "its place in the queue went to the action");
    });
}

#[test]
fn an_endpoint_that_keeps_failing_is_left_out() {
    run(async {
        let (well, ill) = (Server::start(), Server::start());
        well.on("/p", Script::json("{}"));
        ill.on("/p", Script::status(500));
        let endpoints = vec![EndpointSource::at(well.url()), EndpointSource::at(ill.url())];
        let outliers = Some(OutlierPolicy { failures: 3, ..OutlierPolicy::default() });
        let policy = Policy { outliers, ..Policy::plain(8) };
        let connector = HttpService::new(Settings { endpoints, policy, ..Settings::at("") }).unwrap().local();
        for _ in 0..200 {
            let _ = text(&connector, "/p").await;
        }
        assert_eq!(connector.figures().ejected, 1);
        assert_eq!(ill.received().len(), 3, "then nobody asks it any more");
        assert_eq!(well.received().len(), 197);
    });
}
