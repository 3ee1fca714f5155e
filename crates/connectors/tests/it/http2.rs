//! Calls over HTTP/2, and the ways in which streams and connections end.

use std::rc::Rc;
use std::time::Duration;

use frontdesk_adapter::{Connector, Fault};
use frontdesk_connectors::Settings;
use frontdesk_connectors::http::{HttpConnector, HttpService};
use frontdesk_testserver::{Authority, FrameScript, Gate, Refusal, Script, Server, Validity};

use crate::{SHORT, ask, get, post, run, text, within};

fn h2(server: &Server<FrameScript>) -> Rc<HttpConnector> {
    HttpService::new(Settings { http2: true, ..Settings::at(server.url()) }).unwrap().local()
}

#[test]
fn calls_share_one_connection() {
    run(async {
        let server = Server::http2();
        server.on("/p", FrameScript::json("{}"));
        let gate = Gate::new();
        server.on("/slow", FrameScript::json("\"slow\"").behind(&gate));
        let connector = h2(&server);
        let call = get("/p");
        let (slow, ()) = tokio::join!(text(&connector, "/slow"), async {
            let calls = (0..30).map(|_| ask(&connector, &call));
            futures_util::future::try_join_all(calls).await.unwrap();
            gate.open();
        });
        assert_eq!(slow.as_deref(), Ok("\"slow\""));
        assert_eq!(server.connections(), 1);
        let received = server.received();
        assert_eq!(received.last().unwrap().header("accept"), Some("application/json"));
    });
}

#[test]
fn the_scheme_says_it_too() {
    run(async {
        let server = Server::http2();
        server.on("/p", FrameScript::json("{}"));
        let url = server.url().replace("http://", "h2c://");
        let connector = HttpService::new(Settings::at(url)).unwrap().local();
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
    });
}

#[test]
fn bodies_go_both_ways_at_any_size() {
    run(async {
        let server = Server::http2();
        let large = "x".repeat(3_000_000);
        server.on("/p", FrameScript::json(large.clone()));
        let connector = h2(&server);
        let answer = ask(&connector, &post("/p", &large)).await.unwrap();
        assert!(answer.body == large);
        assert_eq!(server.received()[0].body.len(), large.len());
        let limited = Settings { http2: true, body_limit: 1000, ..Settings::at(server.url()) };
        let connector = HttpService::new(limited).unwrap().local();
        assert_eq!(text(&connector, "/p").await, Err(Fault::TooLarge { limit: 1000 }));
    });
}

#[test]
fn statuses_mean_the_same_as_in_http1() {
    run(async {
        let server = Server::http2();
        let connector = h2(&server);
        server.on("/p", FrameScript::status(404));
        assert_eq!(text(&connector, "/p").await, Err(Fault::Rejected { status: 404 }));
        server.on("/p", FrameScript::status(503));
        assert_eq!(text(&connector, "/p").await, Err(Fault::Failed { status: 503 }));
        server.on("/p", FrameScript::answer(200, &[("content-encoding", "br")], "x"));
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Malformed { .. })));
        server.on("/p", FrameScript::status(204));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok(""));
    });
}

#[test]
fn a_stream_that_ends_early_is_broken_and_leaves_the_others_alone() {
    run(async {
        let server = Server::http2();
        let connector = h2(&server);
        server.on("/ok", FrameScript::json("{}"));
        for refusal in [Refusal::Reset, Refusal::ResetAtEnd] {
            server.on("/p", FrameScript::json("{\"half\":").refused(refusal));
            let got = text(&connector, "/p").await;
            assert!(matches!(got, Err(Fault::Broken(_))), "{refusal:?}: {got:?}");
            assert_eq!(text(&connector, "/ok").await.as_deref(), Ok("{}"));
        }
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn what_the_service_has_not_looked_at_is_sent_again_even_if_it_writes() {
    run(async {
        let server = Server::http2();
        let connector = h2(&server);
        let scripts = [FrameScript::json("").refused(Refusal::Unseen), FrameScript::json("{}")];
        server.on_each("/p", scripts);
        assert_eq!(ask(&connector, &post("/p", "{}")).await.unwrap().body, "{}");
    });
}

#[test]
fn after_goaway_calls_take_another_connection() {
    run(async {
        let server = Server::http2();
        let connector = h2(&server);
        server.on_each("/p", [FrameScript::json("1").refused(Refusal::GoAwayAfter), FrameScript::json("2")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("1"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("2"));
        server.on_each("/p", [FrameScript::json("").refused(Refusal::GoAway), FrameScript::json("3")]);
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("3"), "a safe call is sent once more");
        server.on_each("/p", [FrameScript::json("").refused(Refusal::GoAway), FrameScript::json("4")]);
        let write = ask(&connector, &post("/p", "{}")).await;
        assert!(matches!(write, Err(Fault::Broken(_))), "a write may have been carried out: {write:?}");
    });
}

#[test]
fn a_slow_service_keeps_its_connection() {
    run(async {
        let server = Server::http2();
        let connector = h2(&server);
        server.on("/hang", FrameScript::json("").refused(Refusal::Hang));
        server.on("/p", FrameScript::json("{}"));
        for _ in 0..5 {
            let got = connector.call(&get("/hang"), within(SHORT)).await.map(|a| a.status);
            assert_eq!(got, Err(Fault::TimedOut));
        }
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(server.connections(), 1, "it answered each PING");
    });
}

#[test]
fn a_connection_whose_other_end_vanished_is_replaced() {
    run(async {
        // A server in this runtime, so that it can stop looking at its first connection.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connector = HttpService::new(Settings { http2: true, ..Settings::at(url) }).unwrap().local();
        let answering = async {
            let (first, _) = listener.accept().await.unwrap();
            let mut first = h2::server::handshake(first).await.unwrap();
            let _unanswered = first.accept().await.unwrap().unwrap();
            let (second, _) = listener.accept().await.unwrap();
            let mut second = h2::server::handshake(second).await.unwrap();
            while let Some(Ok((_, mut respond))) = second.accept().await {
                respond.send_response(http::Response::new(()), true).unwrap();
            }
        };
        let calling = async {
            let got = connector.call(&get("/p"), within(SHORT)).await.map(|a| a.status);
            assert_eq!(got, Err(Fault::TimedOut));
            tokio::time::pause();
            tokio::time::advance(Duration::from_secs(2)).await;
            tokio::time::resume();
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok(""));
        };
        tokio::select! { () = answering => unreachable!(), () = calling => {} }
    });
}

#[test]
fn over_tls_http2_is_agreed_on_or_refused() {
    run(async {
        let authority = Authority::new();
        let identity = authority.issue("localhost", Validity::Now);
        let trusting =
            |url| Settings { http2: true, roots_pem: Some(authority.pem().to_owned()), ..Settings::at(url) };
        let server = Server::http2_tls(&identity);
        server.on("/p", FrameScript::json("{}"));
        let connector = HttpService::new(trusting(server.url())).unwrap().local();
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        let old = Server::start_tls(&identity);
        old.on("/p", Script::json("{}"));
        let connector = HttpService::new(trusting(old.url())).unwrap().local();
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Connect(_))));
    });
}

#[test]
fn a_service_that_speaks_http1_only_is_not_an_answer() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json("{}"));
        let settings = Settings { http2: true, ..Settings::at(server.url()) };
        let connector = HttpService::new(settings).unwrap().local();
        let got = text(&connector, "/p").await;
        assert!(matches!(got, Err(Fault::Broken(_) | Fault::Connect(_))), "{got:?}");
    });
}
