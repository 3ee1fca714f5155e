//! Calls over gRPC: against real services, and against everything that an answer can be instead.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{Answer, Connector, Fault, ServiceCall, TraceContext};
use frontdesk_connectors::grpc::{GrpcConnector, GrpcService};
use frontdesk_connectors::{Policy, Settings};
use frontdesk_testserver::{Authority, FrameScript, Gate, Refusal, Server, Validity};
use harbor_services::grpc::cart::{AddItemRequest, AddItemResponse, Cart, GetCartRequest};
use harbor_services::{Bound, Harbor, Service, bind, serve};
use prost_reflect::prost::Message;

use crate::{AMPLE, SHORT, run, within};

const GET_CART: &str = "/harbor.cart.v1.CartService/GetCart";
const GRPC: (&str, &str) = ("content-type", "application/grpc");

/// The example's services, on tonic, until the test's runtime ends.
pub fn harbor() -> Bound {
    let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), 0).unwrap();
    tokio::spawn(serve(bound.listeners().unwrap(), Arc::new(Harbor::default())));
    bound
}

pub fn url(bound: &Bound, service: Service) -> String {
    format!("http://{}", bound.address(service).unwrap())
}

fn connector(settings: Settings) -> Rc<GrpcConnector> {
    GrpcService::new(settings).unwrap().local()
}

fn call(path: &str, message: &impl Message) -> ServiceCall {
    ServiceCall {
        method: "POST",
        target: path.into(),
        headers: Vec::new(),
        body: message.encode_to_vec(),
        safe: true,
        trace: TraceContext::default(),
        ..ServiceCall::default()
    }
}

fn get_cart(id: &str) -> ServiceCall {
    call(GET_CART, &GetCartRequest { cart_id: id.to_owned() })
}

async fn ask(connector: &GrpcConnector, call: &ServiceCall) -> Result<Answer, Fault> {
    connector.call(call, within(AMPLE)).await
}

/// What a service that answers with `script` comes to.
async fn meet(script: FrameScript) -> Result<Answer, Fault> {
    let server = Server::http2();
    server.on("/s/m", script);
    let settings = Settings { body_limit: 1000, ..Settings::at(server.url()) };
    ask(&connector(settings), &ServiceCall { safe: false, ..call("/s/m", &()) }).await
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap();
    [&[0], &length.to_be_bytes()[..], message].concat()
}

fn ok(body: Vec<u8>) -> FrameScript {
    FrameScript::answer(200, &[GRPC], body).trailers(&[("grpc-status", "0")])
}

#[test]
fn a_real_service_is_read_and_written() {
    run(async {
        let bound = harbor();
        let connector = connector(Settings::at(url(&bound, Service::Cart)));
        let answer = ask(&connector, &get_cart("c1")).await.unwrap();
        assert_eq!((answer.status, answer.is_expected_type), (200, true));
        let before = Cart::decode(answer.body).unwrap();
        assert_eq!(before.id, "c1");

        let item = AddItemRequest { cart_id: "c1".into(), product_id: "p500".into(), quantity: 2 };
        let add = ServiceCall { safe: false, ..call("/harbor.cart.v1.CartService/AddItem", &item) };
        let added = AddItemResponse::decode(ask(&connector, &add).await.unwrap().body).unwrap();
        assert_eq!(added.cart.unwrap().version, before.version + 1);

        assert_eq!(
            ask(&connector, &get_cart("missing-1")).await.unwrap_err(),
            Fault::Rejected { status: 404 }
        );
        let nowhere = call("/harbor.cart.v1.CartService/Nothing", &());
        assert_eq!(ask(&connector, &nowhere).await.unwrap_err(), Fault::Failed { status: 501 });
    });
}

#[test]
fn calls_of_one_moment_share_a_connection() {
    run(async {
        let server = Server::http2();
        server.on("/s/m", ok(framed(b"x")));
        let connector = connector(Settings::at(server.url()));
        let call = call("/s/m", &());
        futures_util::future::try_join_all((0..40).map(|_| ask(&connector, &call))).await.unwrap();
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn the_head_says_what_grpc_wants_and_what_the_settings_add() {
    run(async {
        let server = Server::http2();
        server.on("/base/s/m", ok(framed(b"")));
        let headers = vec![("X-Api-Key".into(), "secret".into()), ("blob-bin".into(), "é\n".into())];
        let settings = Settings { headers, ..Settings::at(format!("{}/base", server.url())) };
        let trace = TraceContext { trace_id: [0xab; 16], span_id: [1; 8], sampled: true };
        let call = ServiceCall { trace, headers: vec![(b"x-more".into(), b"1".into())], ..call("/s/m", &()) };
        ask(&connector(settings), &call).await.unwrap();
        let received = server.received().remove(0);
        assert_eq!((received.method.as_str(), received.body), ("POST", framed(b"")));
        let header = |name| received.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
        for (name, value) in [
            ("te", "trailers"),
            ("content-type", "application/grpc+proto"),
            ("grpc-accept-encoding", "identity"),
            ("x-api-key", "secret"),
            ("blob-bin", "w6kK"),
            ("x-more", "1"),
            ("x-request-id", &"ab".repeat(16)),
        ] {
            assert_eq!(header(name), Some(value), "{name}");
        }
        let parent = header("traceparent").unwrap();
        assert!(
            parent.starts_with(&format!("00-{}-", "ab".repeat(16))) && parent.ends_with("-01"),
            "{parent}"
        );
        let timeout = header("grpc-timeout").unwrap();
        let left: u64 = timeout.strip_suffix('u').unwrap().parse().unwrap();
        assert!(left > 1_000_000 && left <= AMPLE.as_micros() as u64, "{timeout}");
    });
}

#[test]
fn every_status_means_what_http_would_say() {
    run(async {
        let rows: [(u16, Fault); 18] = [
            (1, Fault::Failed { status: 500 }),
            (2, Fault::Failed { status: 500 }),
            (3, Fault::Rejected { status: 400 }),
            (4, Fault::TimedOut),
            (5, Fault::Rejected { status: 404 }),
            (6, Fault::Rejected { status: 409 }),
            (7, Fault::Rejected { status: 403 }),
            (8, Fault::Rejected { status: 429 }),
            (9, Fault::Rejected { status: 422 }),
            (10, Fault::Rejected { status: 409 }),
            (11, Fault::Rejected { status: 400 }),
            (12, Fault::Failed { status: 501 }),
            (13, Fault::Failed { status: 500 }),
            (14, Fault::Failed { status: 503 }),
            (15, Fault::Failed { status: 500 }),
            (16, Fault::Rejected { status: 401 }),
            (17, Fault::Failed { status: 500 }),
            (999, Fault::Failed { status: 500 }),
        ];
        for (code, fault) in rows {
            let code = code.to_string();
            let status = [("grpc-status", code.as_str()), ("grpc-message", "sec%20ret%FF%")];
            let early = FrameScript::answer(200, &[GRPC, status[0], status[1]], "");
            assert_eq!(meet(early).await.unwrap_err(), fault, "{code} without a message");
            let late = FrameScript::answer(200, &[GRPC], framed(b"x")).trailers(&status);
            assert_eq!(meet(late).await.unwrap_err(), fault, "{code} after a message");
            assert!(!fault.to_string().contains("sec"));
        }
        let odd = FrameScript::answer(200, &[GRPC, ("grpc-status", "ok")], "");
        assert_eq!(meet(odd).await.unwrap_err(), Fault::Failed { status: 500 });
    });
}

#[test]
fn what_speaks_no_grpc_is_understood_by_its_http_status() {
    run(async {
        let rows = [
            (400, Fault::Failed { status: 500 }),
            (401, Fault::Rejected { status: 401 }),
            (403, Fault::Rejected { status: 403 }),
            (404, Fault::Failed { status: 501 }),
            (429, Fault::Failed { status: 503 }),
            (500, Fault::Failed { status: 500 }),
            (502, Fault::Failed { status: 503 }),
            (503, Fault::Failed { status: 503 }),
            (504, Fault::Failed { status: 503 }),
        ];
        for (status, fault) in rows {
            let script = FrameScript::answer(status, &[("content-type", "text/html")], "<html>");
            assert_eq!(meet(script).await.unwrap_err(), fault, "{status}");
        }
        assert!(matches!(meet(FrameScript::json("{}")).await, Err(Fault::Broken(_))));
        assert!(matches!(meet(FrameScript::answer(200, &[], framed(b"x"))).await, Err(Fault::Broken(_))));
    });
}

#[test]
fn an_answer_is_one_whole_message_and_a_status() {
    run(async {
        assert_eq!(meet(ok(framed(b"hello"))).await.unwrap().body, "hello");
        assert_eq!(meet(ok(framed(b""))).await.unwrap().body, "");
        let broken = [
            ("nothing", ok(Vec::new())),
            ("half a prefix", ok(vec![0, 0, 0])),
            ("half a message", ok(framed(b"hello")[..7].to_vec())),
            ("two messages", ok([framed(b"a"), framed(b"b")].concat())),
            ("a compressed one", ok(b"\x01\0\0\0\x01x".to_vec())),
            ("no trailers", FrameScript::answer(200, &[GRPC], framed(b"x"))),
            ("no status", FrameScript::answer(200, &[GRPC], framed(b"x")).trailers(&[("x", "y")])),
            ("a status alone", FrameScript::answer(200, &[GRPC, ("grpc-status", "0")], "")),
            ("a reset", ok(framed(b"x")).refused(Refusal::ResetAtEnd)),
        ];
        for (name, script) in broken {
            assert!(matches!(meet(script).await, Err(Fault::Broken(_))), "{name}");
        }
        assert_eq!(
            meet(ok(framed(&[7; 1000]))).await.unwrap().body.len(),
            1000,
            "the limit is the message's"
        );
        assert_eq!(meet(ok(framed(&[7; 1001]))).await.unwrap_err(), Fault::TooLarge { limit: 1000 });
    });
}

#[test]
fn safe_calls_are_tried_again() {
    run(async {
        let server = Server::http2();
        let unavailable = || FrameScript::answer(200, &[GRPC, ("grpc-status", "14")], "");
        let settings = Settings { policy: Policy::default().retries(1), ..Settings::at(server.url()) };
        let connector = connector(settings);
        server.on_each("/s/m", [unavailable(), ok(framed(b"x"))]);
        let writing = ServiceCall { safe: false, ..call("/s/m", &()) };
        assert_eq!(ask(&connector, &writing).await.unwrap_err(), Fault::Failed { status: 503 });
        server.on_each("/s/m", [unavailable(), ok(framed(b"x"))]);
        assert_eq!(ask(&connector, &call("/s/m", &())).await.unwrap().body, "x");
        // A stream that the service has not looked at can be sent again whatever it does.
        server.on_each("/s/m", [ok(Vec::new()).refused(Refusal::Unseen), ok(framed(b"x"))]);
        assert_eq!(ask(&connector, &writing).await.unwrap().body, "x");
    });
}

#[test]
fn nothing_waits_past_the_deadline() {
    run(async {
        let server = Server::http2();
        server.on("/s/m", ok(framed(b"x")).behind(&Gate::new()));
        let connector = connector(Settings::at(server.url()));
        let late = connector.call(&call("/s/m", &()), within(SHORT)).await;
        assert_eq!(late.unwrap_err(), Fault::TimedOut);
    });
}

#[test]
fn tls_asks_for_http2_and_checks_the_name() {
    run(async {
        let authority = Authority::new();
        let server = Server::http2_tls(&authority.issue("localhost", Validity::Now));
        server.on("/s/m", ok(framed(b"x")));
        let url = server.url();
        let trusted = |name: Option<&str>| Settings {
            roots_pem: Some(authority.pem().to_owned()),
            server_name: name.map(str::to_owned),
            ..Settings::at(url.clone())
        };
        let ask_at = async |settings| ask(&connector(settings), &call("/s/m", &())).await;
        assert_eq!(ask_at(trusted(Some("localhost"))).await.unwrap().body, "x");
        assert!(matches!(ask_at(trusted(Some("other"))).await, Err(Fault::Connect(_))));
        assert!(matches!(ask_at(Settings::at(url.clone())).await, Err(Fault::Connect(_))));
    });
}

#[test]
fn what_cannot_be_sent_is_not_sent() {
    run(async {
        let server = Server::http2();
        let connector = connector(Settings::at(server.url()));
        for (name, value) in [("x", "a\nb"), ("grpc-timeout", "1S"), ("te", "x"), ("X", "a"), ("", "a")] {
            let headers = vec![(name.into(), value.into())];
            let refused = ask(&connector, &ServiceCall { headers, ..call("/s/m", &()) }).await;
            assert!(matches!(refused, Err(Fault::Unsendable { .. })), "{name}: {value}");
        }
        assert!(server.received().is_empty());
    });
}
