//! Clients of providers: which servers they reach, and what they make of answers.

use bytes::Bytes;
use frontdesk_adapter::{Fault, HttpAnswer, HttpClient, HttpClientFactory, HttpRequest};
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{Addresses, Settings, WebClients};
use frontdesk_testserver::{Authority, Script, Server, Validity, refusing, silent};

use crate::{AMPLE, SHORT, run, text, within};

fn request(url: String) -> HttpRequest {
    HttpRequest { method: "GET", url, headers: Vec::new(), body: Bytes::new() }
}

async fn send(client: &dyn HttpClient, url: String) -> Result<HttpAnswer, Fault> {
    client.send(&request(url), within(AMPLE)).await
}

fn clients(urls: &[String]) -> WebClients {
    let mut clients = WebClients::new();
    for url in urls {
        clients.allow(url, None).unwrap();
    }
    clients
}

#[test]
fn a_form_is_posted_and_any_answer_is_an_answer() {
    run(async {
        let server = Server::start();
        server.on("/token", Script::raw(
            "HTTP/1.1 400 Bad Request\r\nDPoP-Nonce: abc\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n{\"error\":\"invalid_grant\"}",
        ));
        let client = clients(&[format!("{}/realms/x", server.url())]).client();
        let posted = HttpRequest {
            method: "POST",
            headers: vec![
                ("content-type", "application/x-www-form-urlencoded".to_owned()),
                ("dpop", "p".to_owned()),
            ],
            body: "a=b&c=d".into(),
            ..request(format!("{}/token?x=1", server.url()))
        };
        let answer = client.send(&posted, within(AMPLE)).await.unwrap();
        assert_eq!((answer.status, &*answer.body), (400, &b"{\"error\":\"invalid_grant\"}"[..]));
        assert_eq!(answer.header("dpop-nonce"), Some("abc"));
        let received = server.received();
        assert_eq!(received[0].header("dpop"), Some("p"));
        assert_eq!(received[0].header("content-length"), Some("7"));
        assert_eq!(received[0].header("accept-encoding"), Some("identity"));
        assert_eq!(received[0].body, b"a=b&c=d");
        assert!(received[0].header("traceparent").is_none());
    });
}

#[test]
fn other_servers_are_out_of_reach() {
    run(async {
        let (ours, other) = (Server::start(), Server::start());
        other.on("/", Script::json("{}"));
        let client = clients(&[ours.url()]).client();
        let port = ours.address().port();
        for url in [
            format!("{}/", other.url()),
            format!("http://localhost:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("http://127.0.0.1:{port}@evil.example/"),
            format!("http://user@127.0.0.1:{port}/"),
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "/token".to_owned(),
            "file:///etc/passwd".to_owned(),
        ] {
            let answer = send(&*client, url.clone()).await;
            assert!(matches!(answer, Err(Fault::Unsendable { .. })), "{url}: {answer:?}");
        }
        assert!(other.received().is_empty());
    });
}

#[test]
fn a_known_server_may_name_another_but_not_one_inside() {
    run(async {
        let (issuer, token) = (Server::start(), Server::start());
        token.on("/token", Script::json("{}"));
        let client = clients(&[issuer.url(), "https://login.example.com".to_owned()]).client();
        client.admit(&token.url(), &issuer.url()).unwrap();
        assert_eq!(send(&*client, format!("{}/token", token.url())).await.unwrap().status, 200);
        // Not in the clear, not by one that was named itself, not by nobody.
        let evil = "http://evil.example";
        assert!(client.admit(evil, "https://login.example.com").is_err());
        assert!(client.admit("https://third.example", &token.url()).is_err());
        assert!(client.admit("https://third.example", "https://unknown.example").is_err());
        // A name that leads inside is not dialled.
        let inside = format!("https://localhost:{}", token.address().port());
        client.admit(&inside, "https://login.example.com").unwrap();
        let answer = send(&*client, format!("{inside}/token")).await;
        let Err(Fault::Connect(why)) = answer else { panic!("{answer:?}") };
        assert!(why.contains("may be called"), "{why}");
    });
}

#[test]
fn each_server_has_its_own_roots() {
    run(async {
        let authority = Authority::new();
        let server = Server::start_tls(&authority.issue("localhost", Validity::Now));
        server.on("/", Script::json("{}"));
        let url = format!("https://localhost:{}", server.address().port());
        let mut clients = WebClients::new();
        clients.allow(&url, Some(authority.pem())).unwrap();
        // Another BFF that does not say which roots does not take them away.
        clients.allow(&url, None).unwrap();
        assert_eq!(send(&*clients.client(), format!("{url}/")).await.unwrap().status, 200);
        let public = self::clients(std::slice::from_ref(&url)).client();
        assert!(matches!(send(&*public, format!("{url}/")).await, Err(Fault::Connect(_))));
        assert!(WebClients::new().allow(&url, Some("not PEM")).is_err());
        assert!(WebClients::new().allow("ftp://localhost", None).is_err());
    });
}

#[test]
fn redirects_and_large_answers_go_nowhere() {
    run(async {
        let server = Server::start();
        server.on("/moved", Script::raw("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"));
        let pad = "x".repeat(300_000);
        server.on("/huge", Script::json(&pad));
        server.on(
            "/chunks",
            Script::raw(format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{pad}\r\n0\r\n\r\n",
                pad.len()
            )),
        );
        server.on(
            "/zipped",
            Script::raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
        );
        let client = clients(&[server.url()]).client();
        let at = |path: &str| format!("{}{path}", server.url());
        assert_eq!(send(&*client, at("/moved")).await.unwrap().status, 302);
        for path in ["/huge", "/chunks"] {
            let answer = send(&*client, at(path)).await;
            assert!(matches!(answer, Err(Fault::TooLarge { .. })), "{path}: {answer:?}");
        }
        assert!(matches!(send(&*client, at("/zipped")).await, Err(Fault::Broken(_))));
    });
}

#[test]
fn what_was_not_sent_is_told_apart() {
    run(async {
        let (gone, mute) = (refusing(), silent());
        let client = clients(&[gone.url(), mute.url()]).client();
        assert!(matches!(send(&*client, format!("{}/", gone.url())).await, Err(Fault::Connect(_))));
        let late = client.send(&request(format!("{}/", mute.url())), within(SHORT)).await;
        assert_eq!(late.map(|answer| answer.status), Err(Fault::TimedOut));
    });
}

#[test]
fn services_may_be_held_to_public_addresses() {
    run(async {
        let server = Server::start();
        server.on("/p", Script::json("{}"));
        for addresses in [Addresses::Any, Addresses::Public] {
            let settings = Settings { addresses, ..Settings::at(server.url()) };
            let connector = HttpService::new(settings).unwrap().local();
            let answer = text(&connector, "/p").await;
            assert_eq!(answer.is_ok(), addresses == Addresses::Any, "{answer:?}");
        }
    });
}
