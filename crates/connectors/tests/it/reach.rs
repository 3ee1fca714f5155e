//! Reaching a machine: several endpoints, names, TLS.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_adapter::Fault;
use frontdesk_connectors::http::HttpService;
use frontdesk_connectors::{ClientIdentity, EndpointSource, Error, Policy, Settings};
use frontdesk_testserver::{Authority, Identity, Script, Server, Validity, refusing, silent};
use rustls::server::WebPkiClientVerifier;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::{ask, connector, get, post, run, text};

fn all(urls: Vec<String>) -> Vec<EndpointSource> {
    urls.into_iter().map(EndpointSource::at).collect()
}

#[test]
fn calls_are_spread_over_the_endpoints() {
    run(async {
        let servers: Vec<Server> = (0..3).map(|_| Server::start()).collect();
        for server in &servers {
            server.on("/p", Script::json("{}"));
        }
        let urls = servers.iter().map(Server::url).collect();
        let connector =
            HttpService::new(Settings { endpoints: all(urls), ..Settings::at("") }).unwrap().local();
        let call = get("/p");
        for _ in 0..20 {
            let calls = (0..6).map(|_| ask(&connector, &call));
            futures_util::future::try_join_all(calls).await.unwrap();
        }
        let counts: Vec<usize> = servers.iter().map(|s| s.received().len()).collect();
        assert_eq!(counts.iter().sum::<usize>(), 120);
        assert!(counts.iter().all(|n| *n >= 20), "two choices keep loads even: {counts:?}");
    });
}

#[test]
fn an_endpoint_that_cannot_be_reached_gives_way_to_another() {
    run(async {
        let (server, gone) = (Server::start(), refusing());
        server.on("/p", Script::json("{}"));
        let urls = vec![gone.url(), server.url()];
        let connector =
            HttpService::new(Settings { endpoints: all(urls), ..Settings::at("") }).unwrap().local();
        for _ in 0..30 {
            // A write too: nothing was sent to the one that refused.
            ask(&connector, &post("/p", "{}")).await.unwrap();
        }
    });
}

#[test]
fn a_retry_prefers_an_endpoint_that_has_not_failed() {
    run(async {
        let (well, ill) = (Server::start(), Server::start());
        well.on("/p", Script::json("{}"));
        ill.on("/p", Script::status(503));
        let urls = vec![ill.url(), well.url()];
        let connector = HttpService::new(Settings {
            endpoints: all(urls),
            policy: Policy::default().retries(1),
            ..Settings::at("")
        })
        .unwrap()
        .local();
        for _ in 0..10 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        }
    });
}

#[test]
fn a_name_is_tried_at_each_of_its_addresses() {
    run(async {
        // `localhost` may be ::1 first, where nobody listens.
        let server = Server::start();
        server.on("/p", Script::json("{}"));
        let connector = connector(format!("http://localhost:{}", server.address().port()));
        for _ in 0..4 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        }
        assert_eq!(
            server.received()[0].header("host"),
            Some(&*format!("localhost:{}", server.address().port()))
        );
    });
}

#[test]
fn a_name_that_does_not_exist_is_a_connect_fault() {
    run(async {
        let connector = connector("http://no-such-host.invalid".to_owned());
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Connect(_))));
    });
}

fn trusting(server: &Server, authority: &Authority) -> Settings {
    Settings { roots_pem: Some(authority.pem().to_owned()), ..Settings::at(server.url()) }
}

#[test]
fn tls_with_roots_of_the_services_own() {
    run(async {
        let authority = Authority::new();
        let server = Server::start_tls(&authority.issue("localhost", Validity::Now));
        server.on("/p", Script::json("{}"));
        server.on("/chunks", Script::chunked("x".repeat(100_000), 999));
        let connector = HttpService::new(trusting(&server, &authority)).unwrap().local();
        for _ in 0..3 {
            assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
            assert_eq!(text(&connector, "/chunks").await.map(|t| t.len()), Ok(100_000));
        }
        assert_eq!(
            server.connections(),
            1,
            "session tickets after the handshake do not look like a closed connection"
        );
        server.on("/p", Script::until_close("{}"));
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
        // Without TLS's own goodbye, whoever sits on the wire could have cut the body short.
        server.on("/p", Script::until_close("{}").vanishing());
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Broken(_))));
    });
}

#[test]
fn a_certificate_that_is_not_right_is_a_connect_fault() {
    run(async {
        let (authority, other) = (Authority::new(), Authority::new());
        let right = authority.issue("localhost", Validity::Now);
        let cases = [
            ("wrong name", authority.issue("other.example", Validity::Now), &authority),
            ("expired", authority.issue("localhost", Validity::Expired), &authority),
            ("signed by someone else", right, &other),
        ];
        for (name, identity, trusted) in cases {
            let server = Server::start_tls(&identity);
            server.on("/p", Script::json("{}"));
            let connector = HttpService::new(trusting(&server, trusted)).unwrap().local();
            let got = text(&connector, "/p").await;
            assert!(matches!(got, Err(Fault::Connect(_))), "{name}: {got:?}");
            assert!(server.received().is_empty(), "{name}: nothing may be sent");
        }
        let server = Server::start_tls(&authority.issue("localhost", Validity::Now));
        let public = HttpService::new(Settings::at(server.url())).unwrap().local();
        assert!(
            matches!(text(&public, "/p").await, Err(Fault::Connect(_))),
            "the public roots do not know it"
        );
    });
}

#[test]
fn the_expected_name_can_be_set() {
    run(async {
        let authority = Authority::new();
        let server = Server::start_tls(&authority.issue("catalog.internal", Validity::Now));
        server.on("/p", Script::json("{}"));
        let server_name = Some("catalog.internal".to_owned());
        let settings = Settings { server_name, ..trusting(&server, &authority) };
        let connector = HttpService::new(settings).unwrap().local();
        assert_eq!(text(&connector, "/p").await.as_deref(), Ok("{}"));
    });
}

#[test]
fn a_handshake_that_hangs_ends_with_the_connect_timeout() {
    run(async {
        let silent = silent();
        let settings = Settings {
            connect_timeout: Duration::from_millis(50),
            ..Settings::at(format!("https://localhost:{}", silent.address().port()))
        };
        let connector = HttpService::new(settings).unwrap().local();
        assert!(matches!(text(&connector, "/p").await, Err(Fault::Connect(_))));
    });
}

#[test]
fn settings_that_cannot_work_are_refused_at_start() {
    let at = Settings::at("http://a");
    let secure = Settings::at("https://a");
    let cases = [
        ("no url", Settings { endpoints: Vec::new(), ..at.clone() }),
        ("not a url", Settings::at("a:80")),
        (
            "two protocols",
            Settings { endpoints: all(vec!["http://a".into(), "h2c://b".into()]), ..at.clone() },
        ),
        ("no calls", Settings { policy: Policy::plain(0), ..at.clone() }),
        ("no time", Settings { connect_timeout: Duration::ZERO, ..at.clone() }),
        ("bad roots", Settings { roots_pem: Some("x".into()), ..secure.clone() }),
        ("bad name", Settings { server_name: Some("a b".into()), ..secure }),
        ("our header", Settings { headers: vec![("host".into(), "b".into())], ..at.clone() }),
        ("two lines", Settings { headers: vec![("x".into(), "a\r\ny: z".into())], ..at }),
    ];
    for (name, settings) in cases {
        assert!(HttpService::new(settings).is_err(), "{name}");
    }
    let secret = Settings { headers: vec![("x-key".into(), "s3cret\n".into())], ..Settings::at("http://a") };
    assert!(!format!("{secret:?}").contains("s3cret"));
    let error: Error = HttpService::new(secret).err().unwrap();
    assert!(!error.to_string().contains("s3cret"));
}

#[test]
fn a_service_may_ask_for_our_certificate() {
    run(async {
        let authority = Authority::new();
        let (server, ours) =
            (authority.issue("localhost", Validity::Now), authority.issue("bff", Validity::Now));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let acceptor = demanding(&authority, &server);
        let serve = async {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut head = [0; 1024];
                if stream.read(&mut head).await.is_ok_and(|read| read > 0) {
                    let answer =
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
                    // Who hangs up early is of no interest.
                    let _ = stream.write_all(answer).await;
                }
            }
        };
        let identity =
            ClientIdentity { certificates_pem: ours.certificate_pem.clone(), key_pem: ours.key_pem.clone() };
        assert!(!format!("{identity:?}").contains("BEGIN"));
        let trusting = Settings { roots_pem: Some(authority.pem().to_owned()), ..Settings::at(url) };
        let ask_both = async {
            let shown = Settings { identity: Some(identity.clone()), ..trusting.clone() };
            let shown = HttpService::new(shown).unwrap().local();
            assert_eq!(text(&shown, "/p").await.as_deref(), Ok("{}"));
            let anonymous = HttpService::new(trusting.clone()).unwrap().local();
            assert!(text(&anonymous, "/p").await.is_err());
        };
        tokio::select! {
            () = serve => {}
            () = ask_both => {}
        }
        for broken in [
            ClientIdentity { certificates_pem: String::new(), ..identity.clone() },
            ClientIdentity { key_pem: "planted".to_owned(), ..identity.clone() },
            ClientIdentity { key_pem: server.key_pem.clone(), ..identity },
        ] {
            let settings = Settings { identity: Some(broken), ..trusting.clone() };
            let error = HttpService::new(settings).err().unwrap();
            assert!(matches!(error, Error::Identity { .. }) && !error.to_string().contains("planted"));
        }
    });
}

/// Accepts those alone whose certificates `authority` has issued.
fn demanding(authority: &Authority, identity: &Identity) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let chain = vec![CertificateDer::from_pem_slice(identity.certificate_pem.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier.build().unwrap())
        .with_single_cert(chain, key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
