//! When a connection is used again, when it is not, and what a call does about one that is gone.

use std::time::Duration;

use frontdesk_adapter::{Connector, Fault};
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{Policy, Settings};
use frontdesk_testserver::{Gate, Script, Server, refusing};

use crate::{AMPLE, SHORT, ask, connector, get, post, run, text, within};

#[test]
fn connections_are_kept_and_grow_with_what_is_in_flight() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::json("{}"));
        let connector = connector(server.url());
        for _ in 0..20 {
            text(&connector, "/p").await.unwrap();
        }
        assert_eq!(server.connections(), 1);
        let gate = Gate::new();
        server.on("/slow", Script::json("{}").behind(&gate));
        let (slow, ()) = tokio::join!(text(&connector, "/slow"), async {
            server.received_at_least(21).await;
            text(&connector, "/p").await.unwrap();
            gate.open();
        });
        slow.unwrap();
        assert_eq!(server.connections(), 2);
    });
}

#[test]
fn an_old_connection_is_not_used_again() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::json("{}"));
        let settings = Settings { keep_alive: Duration::ZERO, ..Settings::at(server.url()) };
        let connector = HttpService::new(settings).unwrap().local();
        for _ in 0..3 {
            text(&connector, "/p").await.unwrap();
        }
        assert_eq!(server.connections(), 3);
    });
}

#[test]
fn a_service_that_says_when_it_closes_is_believed() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::answer(200, &[("keep-alive", "timeout=5")], "{}"));
        let connector = connector(server.url());
        let later = async |seconds| {
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(seconds)).await;
            tokio::time::resume();
            text(&connector, "/p").await.unwrap();
        };
        later(0).await;
        later(3).await;
        assert_eq!(server.connections(), 1);
        later(4).await;
        assert_eq!(server.connections(), 2, "with five seconds stated, four are too close");
    });
}

#[test]
fn a_connection_that_closes_as_it_is_reused_is_replaced_once_for_safe_calls() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on_each("/p", [Script::json("1").closing_on_reuse(), Script::json("2")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("1"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("2"));
        assert_eq!(server.connections(), 2);

        server.on_each("/p", [Script::json("1").closing_on_reuse(), Script::json("2")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("1"));
        let write = ask(&connector, &post("/p", "{}")).await;
        assert!(matches!(write, Err(Fault::Broken(_))), "it may have been carried out: {write:?}");
    });
}

#[test]
fn a_fresh_connection_that_closes_is_a_fault() {
    run(async {
        let server = Server::start();
        server.on_each("/p", [Script::close(), Script::json("{}")]);
        let connector = connector(server.url());
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Broken(_))));
        assert_eq!(server.received().len(), 1, "no retries were asked for");
    });
}

#[test]
fn retries_are_for_safe_calls_and_for_what_may_pass() {
    run(async {
        let server = Server::start();
        let settings = Settings { policy: Policy::default().retries(2), ..Settings::at(server.url()) };
        let connector = HttpService::new(settings).unwrap().local();
        let flaky = || [Script::status(503), Script::reset(), Script::json("{}")];
        server.on_each("/p", flaky());
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(server.received().len(), 3);
        server.on_each("/p", flaky());
        assert_eq!(
            ask(&connector, &post("/p", "{}")).await.map(|a| a.status),
            Err(Fault::Failed { status: 503 })
        );
        assert_eq!(server.received().len(), 4, "a write is sent once");
        server.on_each("/p", [Script::status(500), Script::json("{}")]);
        assert_eq!(text(&connector, "/p").await, Err(Fault::Failed { status: 500 }));
        assert_eq!(server.received().len(), 5, "an answer of 500 would come again");
    });
}

#[test]
fn a_late_answer_is_read_in_the_background_and_its_connection_used_again() {
    run(async {
        let late: [fn(&Gate) -> Script; 2] = [
            |gate| Script::json("\"late\"").behind(gate),
            |gate| Script::chunked("\"late\"", 3).body_behind(gate),
        ];
        for late in late {
            let server = Server::start();
            let gate = Gate::new();
            let connector = connector(server.url());
            server.on("/p", late(&gate));
            let got = connector.call(&get("/p"), within(SHORT)).await.map(|a| a.status);
            assert_eq!(got, Err(Fault::TimedOut));
            gate.open();
            server.on("/q", Script::json("\"next\""));
            // Until the late answer has arrived, calls take another connection.
            let used_again = async {
                while server.received().iter().filter(|r| r.connection == 0).count() < 2 {
                    connector.sweep();
                    let calls = [text(&connector, "/q"), text(&connector, "/q")];
                    for answer in futures_util::future::join_all(calls).await {
                        assert_eq!(answer.as_deref(), Ok("\"next\""));
                    }
                }
            };
            tokio::time::timeout(AMPLE, used_again).await.expect("the connection is used again");
        }
    });
}

#[test]
fn a_late_answer_never_reaches_another_call() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/late", Script::json("\"late\"").after(Duration::from_millis(20)));
        server.on("/p", Script::json("\"mine\""));
        let call = get("/late");
        for _ in 0..20 {
            let (late, mine) =
                tokio::join!(connector.call(&call, within(Duration::from_millis(5))), text(&connector, "/p"));
            assert!(!matches!(late, Ok(a) if a.body != "\"late\""));
            assert_eq!(mine.as_deref(), Ok("\"mine\""));
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"mine\""));
        }
    });
}

#[test]
fn a_call_dropped_in_the_middle_leaves_nothing_behind() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/p", Script::json("\"good\""));
        server.on("/half", Script::json("\"half\"").cut_at(75).hanging());
        for _ in 0..5 {
            let call = get("/half");
            let seen = server.received().len();
            tokio::select! {
                _ = connector.call(&call, within(AMPLE)) => panic!("it never ends"),
                () = server.received_at_least(seen + 1) => {}
            }
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("\"good\""));
        }
    });
}

#[test]
fn an_answer_that_comes_before_the_request_is_sent_is_heard() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on("/p", Script::status(413).without_reading().closing());
        let call = post("/p", &"x".repeat(3_000_000));
        let got = ask(&connector, &call).await.map(|a| a.status);
        // What the kernel keeps of an answer when the other side closes with unread bytes is its own affair.
        assert!(matches!(got, Err(Fault::Rejected { status: 413 } | Fault::Broken(_))), "{got:?}");
        server.on("/p", Script::json("{}"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
    });
}

#[test]
fn the_bulkhead_lets_a_burst_wait_and_sheds_the_rest() {
    run(async {
        let server = Server::start();
        let gate = Gate::new();
        server.on("/p", Script::json("{}").behind(&gate));
        let connector = HttpService::new(Settings { policy: Policy::plain(2), ..Settings::at(server.url()) })
            .unwrap()
            .local();
        let call = get("/p");
        let calls = (0..5).map(|_| connector.call(&call, within(AMPLE)));
        let (answers, ()) = tokio::join!(futures_util::future::join_all(calls), async {
            server.received_at_least(2).await;
            gate.open();
        });
        let shed = answers.iter().filter(|a| matches!(a, Err(Fault::Shed))).count();
        let answered = answers.iter().filter(|a| a.is_ok()).count();
        assert_eq!((answered, shed), (4, 1), "two in flight, two wait, one is too many");
        assert!(server.connections() <= 2);
    });
}

#[test]
fn a_refused_connection_is_a_connect_fault() {
    run(async {
        let refusing = refusing();
        let connector = connector(refusing.url());
        for call in [get("/p"), post("/p", "{}")] {
            assert!(matches!(ask(&connector, &call).await, Err(Fault::Connect(_))));
        }
    });
}
