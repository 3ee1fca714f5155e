//! Partners that prove themselves by TLS client certificates.

use std::net::SocketAddr;
use std::sync::Arc;

use frontdesk_testserver::{Authority, Identity, Script, Server, Validity};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::desk::{Desk, Fittings, Workspace};

const ITEM: &str = r#"{"id":"1","title":"Lamp","minor":1}"#;

/// The answer to one `GET`, or `None` if the server does not want to talk.
async fn get(
    address: SocketAddr,
    trusted: &Authority,
    shown: Option<&Identity>,
    path: &str,
) -> Option<String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.pem().as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    let config = match shown {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = vec![CertificateDer::from_pem_slice(identity.certificate_pem.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(identity.key_pem.as_bytes()).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
    };
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = tokio_rustls::TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    Some(String::from_utf8(answer).unwrap())
}

fn status(answer: Option<&String>) -> Option<u16> {
    answer?.split(' ').nth(1)?.parse().ok()
}

#[test]
fn a_partner_is_known_by_its_certificate() {
    let service = Server::start();
    service.on("*", Script::json(ITEM));
    let (hosts, partners, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let own = hosts.issue("localhost", Validity::Now);
    let config =
        frontdesk_server::tls_config(&own.certificate_pem, &own.key_pem, Some(partners.pem())).unwrap();
    let workspace = Workspace::shop()
        .replacing(
            "frontdesk.yaml",
            "app: { listen: 127.0.0.1:0 }",
            "app: { listen: 127.0.0.1:0, tls: { cert: own.pem, key: own.key, client-ca: partners.pem } }",
        )
        .replacing("bffs/app/bff.ts", "{ bff, proxy }", "{ bff, certificate, proxy }")
        .replacing(
            "bffs/app/bff.ts",
            "currency: \"EUR\",",
            "currency: \"EUR\",\n  auth: certificate({ clients: { \"partner.example.com\": { subject: \"acme\", scopes: [] } } }),",
        );
    let desk = Desk::start_with(
        &workspace,
        &[("items", service.url()), ("legacy", service.url())],
        Fittings { tls: Some(config), ..Fittings::default() },
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ask = async |shown: Option<&Identity>, path: &str| get(desk.address(), &hosts, shown, path).await;
        let partner = partners.issue("partner.example.com", Validity::Now);
        for path in ["/strict/1", "/legacy/x"] {
            let answer = ask(Some(&partner), path).await;
            assert_eq!(status(answer.as_ref()), Some(200), "{answer:?}");
            let nobody = ask(None, path).await;
            assert_eq!(status(nobody.as_ref()), Some(401), "{nobody:?}");
            let another = partners.issue("other.example.com", Validity::Now);
            let unknown = ask(Some(&another), path).await;
            assert_eq!(status(unknown.as_ref()), Some(401), "{unknown:?}");
        }
        let expired = partners.issue("partner.example.com", Validity::Expired);
        assert_eq!(status(ask(Some(&expired), "/strict/1").await.as_ref()), None);
        let forged = strangers.issue("partner.example.com", Validity::Now);
        assert_eq!(status(ask(Some(&forged), "/strict/1").await.as_ref()), None);
        // The one who signs for hosts does not sign for partners.
        assert_eq!(status(ask(Some(&own), "/strict/1").await.as_ref()), None);
    });
    let passed = service.received().into_iter().filter(|call| call.target == "/x").count();
    assert_eq!(passed, 1);
}

#[test]
fn a_listener_needs_real_authorities() {
    let hosts = Authority::new();
    let own = hosts.issue("localhost", Validity::Now);
    for pem in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let refused = frontdesk_server::tls_config(&own.certificate_pem, &own.key_pem, Some(pem));
        assert!(refused.unwrap_err().to_string().contains("client authorities"), "{pem:?}");
    }
}
