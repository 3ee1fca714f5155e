//! Requests that pass through: any method, any status, streamed both ways.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use frontdesk_adapter::{Fault, TraceContext};
use frontdesk_connectors::http::{HttpConnector, HttpService};
use frontdesk_connectors::{Policy, Settings};
use frontdesk_testserver::{FrameScript, Gate, Script, Server};
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use tokio::sync::mpsc;

use crate::{AMPLE, SHORT, connector, run, text, within};

fn request<B>(method: &str, target: &str, headers: &[(&str, &str)], body: B) -> Request<B> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

async fn pass<B>(connector: &HttpConnector, request: Request<B>) -> Result<Response<Bytes>, Fault>
where
    B: Body<Data = Bytes> + Unpin,
{
    let response = connector.forward(request, TraceContext::default(), within(AMPLE)).await?;
    let (parts, body) = response.into_parts();
    Ok(Response::from_parts(parts, body.collect().await?.to_bytes()))
}

/// A body that the test feeds piece by piece.
struct Fed(mpsc::UnboundedReceiver<Result<Bytes, std::io::Error>>);

impl Body for Fed {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

fn fed() -> (mpsc::UnboundedSender<Result<Bytes, std::io::Error>>, Fed) {
    let (feed, receive) = mpsc::unbounded_channel();
    (feed, Fed(receive))
}

#[test]
fn an_answer_passes_as_it_is() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        let scripts = [
            (
                200,
                Script::answer(
                    200,
                    &[("x-a", "1"), ("content-encoding", "gzip"), ("set-cookie", "a=b")],
                    "{}",
                ),
            ),
            (200, Script::chunked("{}", 1)),
            (200, Script::until_close("{}")),
            (404, Script::answer(404, &[("content-type", "text/html")], "{}")),
            (503, Script::answer(503, &[], "{}")),
            (302, Script::answer(302, &[("location", "/x")], "{}")),
        ];
        for (status, script) in scripts {
            server.on("/p", script);
            for _ in 0..2 {
                let response = pass(&connector, request("GET", "/p", &[], Empty::new())).await.unwrap();
                assert_eq!((response.status().as_u16(), response.body().as_ref()), (status, &b"{}"[..]));
            }
        }
        server.on("/p", Script::answer(200, &[("x-a", "1"), ("connection", "x-b"), ("x-b", "2")], "{}"));
        let response = pass(&connector, request("GET", "/p", &[], Empty::new())).await.unwrap();
        let names: Vec<&str> = response.headers().keys().map(http::HeaderName::as_str).collect();
        assert_eq!(names, ["x-a", "content-length"]);
    });
}

#[test]
fn a_small_answer_gives_its_connection_back_before_it_is_read() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::answer(200, &[], "x".repeat(2000)));
        let connector = HttpService::new(Settings { policy: Policy::plain(1), ..Settings::at(server.url()) })
            .unwrap()
            .local();
        let first = request("GET", "/p", &[], Empty::<Bytes>::new());
        let mut held = connector.forward(first, TraceContext::default(), within(AMPLE)).await.unwrap();
        let hint = held.body().size_hint();
        assert_eq!(hint.exact(), Some(2000));
        assert_eq!(text(&connector, "/p").await.unwrap().len(), 2000);
        assert_eq!(held.body_mut().take_whole().map(|whole| whole.len()), Some(2000));
        assert_eq!(server.connections(), 1);
    });
}

#[test]
fn the_request_passes_without_what_is_between_neighbours() {
    run(async {
        let server = Server::start();
        server.on("*", Script::json("{}"));
        let settings = Settings {
            headers: vec![("x-key".to_owned(), "ours".to_owned())],
            ..Settings::at(format!("{}/old", server.url()))
        };
        let connector = HttpService::new(settings).unwrap().local();
        let trace = TraceContext { trace_id: [9; 16], span_id: [1; 8], sampled: true };
        let headers = [
            ("host", "client.example"),
            ("connection", "close, X-Secret-Hop, x-key"),
            ("x-secret-hop", "1"),
            ("x-key", "theirs"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("expect", "100-continue"),
            ("proxy-authorization", "Basic x"),
            ("traceparent", "00-evil"),
            ("x-request-id", "evil"),
            ("content-length", "4"),
            ("accept-language", "de"),
            ("cookie", "a=b"),
            ("cookie", "c=d"),
        ];
        let request = request("PATCH", "/things/1?x=%20", &headers, Full::new(Bytes::from_static(b"body")));
        let response = connector.forward(request, trace, within(AMPLE)).await.unwrap();
        assert_eq!(response.status(), 200);
        let received = server.received().remove(0);
        assert_eq!((received.method.as_str(), received.target.as_str()), ("PATCH", "/old/things/1?x=%20"));
        let names: Vec<&str> = received.headers.iter().map(|(n, _)| n.as_str()).collect();
        let expected = [
            "host",
            "x-key",
            "traceparent",
            "x-request-id",
            "frontdesk-deadline-ms",
            "accept-language",
            "cookie",
            "cookie",
            "content-length",
        ];
        assert_eq!(names, expected);
        assert_eq!(received.header("x-key"), Some("ours"));
        assert_eq!(received.header("host"), Some(server.address().to_string().as_str()));
        assert_eq!(received.header("x-request-id"), Some("09".repeat(16).as_str()));
        assert_eq!(received.body, b"body");
    });
}

#[test]
fn both_directions_stream_at_once() {
    run(async {
        let server = Server::start();
        server.on("/echo", Script::echo());
        let connector = connector(server.url());
        for _ in 0..2 {
            let (feed, body) = fed();
            feed.send(Ok(Bytes::from_static(b"one"))).unwrap();
            let passing = request("POST", "/echo", &[], body);
            let response = connector.forward(passing, TraceContext::default(), within(AMPLE)).await.unwrap();
            let mut body = response.into_body();
            for piece in ["one", "two", "three"] {
                // The next piece is sent only after the last one came back.
                if piece != "one" {
                    feed.send(Ok(Bytes::from(piece))).unwrap();
                }
                let back = body.frame().await.unwrap().unwrap().into_data().unwrap();
                assert_eq!(back, piece);
            }
            drop(feed);
            assert!(body.frame().await.is_none());
        }
        assert_eq!(server.connections(), 1, "when both are at their end the connection is used again");
        let large = Bytes::from(vec![b'z'; 3_000_000]);
        let response =
            pass(&connector, request("PUT", "/echo", &[], Full::new(large.clone()))).await.unwrap();
        assert!(*response.body() == large);
    });
}

#[test]
fn a_client_whose_body_fails_is_told_apart_from_the_service() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::json("{}"));
        let connector = connector(server.url());
        let (feed, body) = fed();
        feed.send(Ok(Bytes::from_static(b"half"))).unwrap();
        feed.send(Err(std::io::Error::other("gone"))).unwrap();
        let got = pass(&connector, request("POST", "/p", &[], body)).await.map(|r| r.status());
        assert!(matches!(got, Err(Fault::Unsendable { ref argument, .. }) if argument == "body"), "{got:?}");
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"), "nothing of it is left behind");
    });
}

#[test]
fn a_service_that_answers_early_is_heard_and_the_connection_is_not_used_again() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::answer(401, &[], "no").without_reading());
        let connector = connector(server.url());
        let (feed, body) = fed();
        let passing = request("POST", "/p", &[], body);
        let response = connector.forward(passing, TraceContext::default(), within(AMPLE)).await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "no");
        drop(feed);
        server.on("/p", Script::json("{}"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        assert_eq!(server.connections(), 2);
    });
}

#[test]
fn faults_before_and_inside_the_answer() {
    run(async {
        let server = Server::start();
        let settings = Settings { stall: SHORT, ..Settings::at(server.url()) };
        let connector = HttpService::new(settings).unwrap().local();
        let get = || request("GET", "/p", &[], Empty::new());
        for script in [Script::close(), Script::garbage(), Script::json("{}").cut_at(20).closing()] {
            server.on("/p", script);
            assert!(matches!(pass(&connector, get()).await, Err(Fault::Broken(_))));
        }
        server.on("/p", Script::json("{\"a\":1}").cut_at(80).closing());
        assert!(matches!(pass(&connector, get()).await, Err(Fault::Broken(_))), "in the body");
        server.on("/p", Script::json("{\"a\":1}").cut_at(80).hanging());
        assert!(matches!(pass(&connector, get()).await, Err(Fault::TimedOut)), "a body that stalls");
        server.on("/p", Script::hang());
        let got = connector.forward(get(), TraceContext::default(), within(SHORT)).await.map(|r| r.status());
        assert_eq!(got, Err(Fault::TimedOut));
        let upgrade = Script::raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n");
        server.on("/p", upgrade);
        assert!(matches!(pass(&connector, get()).await, Err(Fault::Broken(_))));
        let connect = pass(&connector, request("CONNECT", "/p", &[], Empty::new())).await;
        assert!(matches!(connect, Err(Fault::Unsendable { .. })));
    });
}

#[test]
fn a_stale_connection_is_replaced_for_requests_without_a_body() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        server.on_each("/p", [Script::json("1").closing_on_reuse(), Script::json("2")]);
        for expected in ["1", "2"] {
            let response = pass(&connector, request("GET", "/p", &[], Empty::new())).await.unwrap();
            assert_eq!(response.body(), expected);
        }
    });
}

#[test]
fn a_client_that_goes_away_in_the_middle_leaves_nothing_behind() {
    run(async {
        let server = Server::start();
        let connector = connector(server.url());
        let gate = Gate::new();
        server.on("/p", Script::huge(1_000_000).body_behind(&gate));
        let passing = request("GET", "/p", &[], Empty::<Bytes>::new());
        let response = connector.forward(passing, TraceContext::default(), within(AMPLE)).await.unwrap();
        drop(response);
        gate.open();
        server.on("/q", Script::json("{}"));
        assert_eq!(text(&connector, "/q").await.as_deref(), Ok("{}"));
    });
}

#[test]
fn head_keeps_the_length_and_has_no_body() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::with_lines(&["content-length: 500"], ""));
        let connector = connector(server.url());
        let response = pass(&connector, request("HEAD", "/p", &[], Empty::new())).await.unwrap();
        assert_eq!(response.headers()["content-length"], "500");
        assert!(response.body().is_empty());
    });
}

#[test]
fn over_http2_too() {
    run(async {
        let server = Server::http2();
        server.on("*", FrameScript::answer(418, &[("x-a", "1")], "short and stout"));
        let settings = Settings { http2: true, ..Settings::at(server.url()) };
        let connector = HttpService::new(settings).unwrap().local();
        let response =
            pass(&connector, request("GET", "/p?q=1", &[("x-b", "2")], Empty::new())).await.unwrap();
        assert_eq!((response.status().as_u16(), response.body().as_ref()), (418, &b"short and stout"[..]));
        let pieces = (0..100).map(|_| Ok::<_, std::io::Error>(Frame::data(Bytes::from(vec![b'x'; 10_000]))));
        let body = StreamBody::new(futures_util::stream::iter(pieces));
        let headers = [("connection", "x-hop"), ("x-hop", "1"), ("te", "trailers")];
        pass(&connector, request("POST", "/up", &headers, body)).await.unwrap();
        let received = server.received();
        assert_eq!((received[0].target.as_str(), received[0].header("x-b")), ("/p?q=1", Some("2")));
        assert_eq!((received[1].body.len(), received[1].header("x-hop")), (1_000_000, None));
    });
}
