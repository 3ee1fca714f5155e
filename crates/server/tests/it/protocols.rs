//! HTTP/2 in the clear and over TLS, beside HTTP/1.1.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_testserver::{Authority, Gate, Script, Server, Validity};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::SendRequest;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;

use crate::desk::{Desk, Fittings, Workspace};

const LAMP: &str = r#"{"id":"1","title":"Lamp","minor":1}"#;

fn run<T>(task: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(task)
}

type Http2 = SendRequest<Full<Bytes>>;

async fn http2<S>(stream: S) -> Http2
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let (send, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    send
}

async fn ask(
    send: &mut Http2,
    method: &str,
    uri: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Response<Bytes> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::from(body.to_owned())).unwrap();
    send.ready().await.unwrap();
    let (parts, body) = send.send_request(request).await.unwrap().into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

#[test]
fn http_2_in_the_clear_by_prior_knowledge() {
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP));
    items.on("/items/dear", Script::json(r#"{"id":"dear","title":"Yacht","minor":99999999}"#));
    items.on("/echo", Script::echo());
    let desk = Desk::shop(&[("items", items.url()), ("legacy", items.url())]);
    run(async {
        let mut client = http2(TcpStream::connect(desk.address()).await.unwrap()).await;
        let one = ask(&mut client, "GET", "http://desk.example/strict/1", &[], "").await;
        assert_eq!((one.status(), &one.body()[..]), (StatusCode::OK, LAMP.as_bytes()));
        assert!(one.headers().contains_key("x-request-id"));
        let json = [("content-type", "application/json")];
        let order =
            ask(&mut client, "POST", "http://desk.example/orders", &json, r#"{"itemId":"dear"}"#).await;
        assert_eq!(order.status(), StatusCode::UNPROCESSABLE_ENTITY);
        // Requests at once on one connection.
        let many: Vec<_> = (0..50)
            .map(|_| {
                let mut client = client.clone();
                tokio::spawn(async move {
                    ask(&mut client, "GET", "http://desk.example/strict/1", &[], "").await.status()
                })
            })
            .collect();
        for one in many {
            assert_eq!(one.await.unwrap(), StatusCode::OK);
        }
        let echo = ask(&mut client, "PUT", "http://desk.example/legacy/echo", &[], "over and back").await;
        assert_eq!(&echo.body()[..], b"over and back");
        let forwarded = items.received().into_iter().find(|call| call.target == "/echo").unwrap();
        assert_eq!(forwarded.header("x-forwarded-host"), Some("desk.example"));
        // A body over the limit, and a host that is two.
        let large = "x".repeat(100_000);
        let refused = ask(&mut client, "POST", "http://desk.example/orders", &json, &large).await;
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let two =
            ask(&mut client, "GET", "http://desk.example/strict/1", &[("host", "other.example")], "").await;
        assert_eq!(two.status(), StatusCode::BAD_REQUEST);
        let header = "x".repeat(20_000);
        let large =
            ask(&mut client, "GET", "http://desk.example/strict/1", &[("x-large", &header)], "").await;
        assert_eq!(large.status(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        // None of it has hurt the connection.
        assert_eq!(
            ask(&mut client, "GET", "http://desk.example/strict/1", &[], "").await.status(),
            StatusCode::OK
        );
    });
}

/// Frames come while an answer goes out and after it: they are not the slow headers of a next request.
#[test]
fn http_2_connections_may_wait_longer_than_headers_may_take() {
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP));
    items.on("/slow", Script::json("x".repeat(80)).dripping(10, Duration::from_millis(300)));
    let workspace =
        Workspace::shop().replacing("frontdesk.yaml", "header-timeout: 5s", "header-timeout: 500ms");
    let desk = Desk::start(&workspace, &[("items", items.url()), ("legacy", items.url())]);
    run(async {
        let mut client = http2(TcpStream::connect(desk.address()).await.unwrap()).await;
        for path in ["/strict/1", "/legacy/slow", "/strict/1"] {
            let reply = ask(&mut client, "GET", &format!("http://desk.example{path}"), &[], "").await;
            assert_eq!(reply.status(), StatusCode::OK, "{path}");
            tokio::time::sleep(Duration::from_millis(1200)).await;
        }
    });
}

#[test]
fn a_shutdown_lets_streams_finish() {
    let gate = Gate::new();
    let items = Server::start();
    items.on("/items/1", Script::json(LAMP).behind(&gate));
    let desk = Desk::shop(&[("items", items.url())]);
    let address = desk.address();
    run(async {
        let mut client = http2(TcpStream::connect(address).await.unwrap()).await;
        let mut other = client.clone();
        let asking = tokio::spawn(async move {
            ask(&mut other, "GET", "http://desk.example/strict/1", &[], "").await.status()
        });
        items.received_at_least(1).await;
        let server = desk.into_server();
        let stopping = tokio::task::spawn_blocking(move || server.shutdown(Duration::from_secs(30)));
        tokio::time::sleep(Duration::from_millis(300)).await;
        gate.open();
        assert_eq!(asking.await.unwrap(), StatusCode::OK);
        stopping.await.unwrap();
        assert!(client.ready().await.is_err() || client.is_closed());
    });
}

async fn tls(
    address: SocketAddr,
    authority: &Authority,
    alpn: &[&[u8]],
) -> tokio_rustls::client::TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}

#[test]
fn tls_offers_both_protocols() {
    let items = Server::start();
    items.on("*", Script::json(LAMP));
    let authority = Authority::new();
    let identity = authority.issue("localhost", Validity::Now);
    let config = frontdesk_server::tls_config(&identity.certificate_pem, &identity.key_pem, None).unwrap();
    let urls = [("items", items.url()), ("legacy", items.url())];
    let desk =
        Desk::start_with(&Workspace::shop(), &urls, Fittings { tls: Some(config), ..Fittings::default() });
    run(async {
        let stream = tls(desk.address(), &authority, &[b"h2", b"http/1.1"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let mut client = http2(stream).await;
        let reply = ask(&mut client, "GET", "https://localhost/strict/1", &[], "").await;
        assert_eq!(&reply.body()[..], LAMP.as_bytes());

        let stream = tls(desk.address(), &authority, &[b"http/1.1"]).await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let (mut send, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        for path in ["/strict/1", "/legacy/x"] {
            let request =
                Request::get(path).header("host", "localhost").body(Full::<Bytes>::default()).unwrap();
            let reply = send.send_request(request).await.unwrap();
            assert_eq!(reply.status(), StatusCode::OK);
            assert_eq!(&reply.collect().await.unwrap().to_bytes()[..], LAMP.as_bytes());
        }
    });
    let passed = items.received().into_iter().find(|call| call.target == "/x").unwrap();
    assert_eq!(passed.header("x-forwarded-proto"), Some("https"));
    // Someone who does not speak TLS harms nobody.
    let mut plain = desk.connect();
    plain.send(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    let _ = plain.rest();
}

#[test]
fn certificates_that_cannot_be_used_are_told_apart() {
    let authority = Authority::new();
    let (one, other) = (authority.issue("a", Validity::Now), authority.issue("b", Validity::Now));
    let text = |cert: &str, key: &str| frontdesk_server::tls_config(cert, key, None).unwrap_err().to_string();
    assert!(text("", &one.key_pem).contains("certificate file"));
    assert!(text(&one.certificate_pem, "").contains("key file"));
    assert!(text(&one.certificate_pem, &other.key_pem).contains("do not go together"));
}
